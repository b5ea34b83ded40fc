import type { Session } from '../session.ts';
import { aclsScript } from './acls.ts';
import { adminScript } from './admin.ts';
import { clusterScript } from './cluster.ts';
import { configsScript } from './configs.ts';
import { consumerGroupsScript } from './consumer-groups.ts';
import { fetchScript } from './fetch.ts';
import { groupsScript } from './groups.ts';
import { produceScript } from './produce.ts';
import { quotasScript } from './quotas.ts';
import { scramScript } from './scram.ts';
import { topicsScript } from './topics.ts';
import { transactionsScript } from './transactions.ts';

/** The whole script, part by part; each part makes the topics that it uses. */
export const parts: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  cluster: clusterScript,
  topics: topicsScript,
  produce: produceScript,
  fetch: fetchScript,
  groups: groupsScript,
  'consumer groups': consumerGroupsScript,
  transactions: transactionsScript,
  configs: configsScript,
  admin: adminScript,
  acls: aclsScript,
  scram: scramScript,
  quotas: quotasScript,
};
