import { kafkaAt, registryAt } from '../../../shared/access.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { createKafka } from '../../kafka/index.ts';
import { createRegistryClient } from '../../serde/index.ts';
import { connectStack } from '../../stack/connect.ts';
import { stackNames } from '../../stack/state-directory.ts';
import type { SiteEndpoints } from '../../stack/types.ts';

/** What a running stack can offer for a word of the command line. */
export type LiveKind = 'stacks' | 'sites' | 'services' | 'topics' | 'groups' | 'subjects';

/** So long may a whole answer take: who presses Tab does not wait. */
const patienceMs = 250;

/** Names of that kind, sorted; empty when no stack runs, or when it does not answer in time. Never throws. */
export async function liveValues(
  kind: LiveKind,
  options: { stack?: string | undefined; sites?: readonly string[] },
  context: RuntimeContext,
): Promise<string[]> {
  const patience = AbortSignal.timeout(patienceMs);
  const late = new Promise<string[]>((resolve) => patience.addEventListener('abort', () => resolve([])));
  return Promise.race([late, values(kind, options, context).catch(() => [])]);
}

async function values(
  kind: LiveKind,
  { stack, sites }: { stack?: string | undefined; sites?: readonly string[] },
  context: RuntimeContext,
): Promise<string[]> {
  if (kind === 'stacks') return stackNames(context.cwd);
  const connection = await connectStack(context, { stack });
  if (kind === 'services' || kind === 'sites') {
    const status = await connection.status();
    const names = status.sites.map(({ site }) => site);
    return kind === 'sites' ? names : [...status.services.map(({ service }) => service), ...names];
  }
  const endpoints = await connection.sites(sites).catch(() => connection.sites());
  const found = await Promise.all(endpoints.map((site) => namesAt(kind, site, context).catch(() => [])));
  return [...new Set(found.flat())].sort();
}

async function namesAt(
  kind: 'topics' | 'groups' | 'subjects',
  site: SiteEndpoints,
  { clock }: RuntimeContext,
): Promise<string[]> {
  if (kind === 'subjects')
    return createRegistryClient(registryAt(site), {
      clock,
      timeoutMs: patienceMs,
      retryDelaysMs: [],
    }).subjects();
  const kafka = createKafka(kafkaAt(site, 'dds-complete'), { clock });
  try {
    if (kind === 'groups') return (await kafka.admin().listGroups()).map(({ group }) => group);
    return (await kafka.admin().listTopics()).map(({ name }) => name);
  } finally {
    await kafka.close();
  }
}
