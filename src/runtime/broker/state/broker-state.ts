import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { checkFormat, readJson } from '../storage/data-directory.ts';
import { StorageHealth } from '../storage/health.ts';
import type { Directory } from '../storage/interface.ts';
import { Acls } from './acls.ts';
import { ClientQuotas } from './client-quotas.ts';
import { Configs } from './configs.ts';
import { Features } from './features.ts';
import { FetchSessions } from './fetch-sessions.ts';
import { GroupCoordinator } from './group-coordinator.ts';
import { Nodes } from './nodes.ts';
import { ProducerIds } from './producer-ids.ts';
import { ResourceConfigs } from './resource-configs.ts';
import { ScramUsers } from './scram-users.ts';
import { Topics } from './topics.ts';
import { TransactionCoordinator } from './transaction-coordinator.ts';

const CLUSTER_FILE = 'cluster.json';
const BROKER_CONFIGS_FILE = 'broker-configs.json';
/** Written by a clean stop, removed by the next start. */
const CLEAN_SHUTDOWN_FILE = '.clean-shutdown';
const PROBE_FILE = '.probe';
/** Room for the largest batches of a few producers, so that "again" is not said too early. */
const PROBE_BYTES = 4 * 1024 * 1024;

export interface BrokerStateOptions {
  nodeIds: readonly number[];
  root: Directory;
  fsync: 'never' | 'always';
  configs: Readonly<Record<string, string>>;
  clock: Clock;
  log: Logger;
}

/** All that the handlers work on. Nothing here knows of sockets or of the protocol's encodings. */
export class BrokerState {
  readonly nodes: Nodes;
  readonly fsync: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly configs: Configs;
  readonly topics: Topics;
  readonly producerIds: ProducerIds;
  readonly fetchSessions: FetchSessions;
  readonly acls: Acls;
  readonly scramUsers: ScramUsers;
  readonly quotas: ClientQuotas;
  readonly features: Features;
  readonly groupConfigs: ResourceConfigs;
  readonly clientMetrics: ResourceConfigs;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly root: Directory;
  readonly health: StorageHealth;
  clusterId = '';
  #latestMs = 0;
  /** Counters since the start. */
  readonly traffic = { recordsIn: 0, bytesIn: 0, recordsOut: 0, bytesOut: 0 };

  constructor({ nodeIds, root, fsync, configs, clock, log }: BrokerStateOptions) {
    this.nodes = new Nodes(nodeIds);
    this.root = root;
    this.fsync = fsync === 'always';
    this.clock = clock;
    this.log = log;
    this.configs = new Configs(configs);
    this.health = new StorageHealth(log);
    this.topics = new Topics({
      root,
      configs: this.configs,
      nodes: this.nodes,
      clock,
      health: this.health,
      log,
    });
    this.producerIds = new ProducerIds(root);
    this.features = new Features(root);
    this.groupConfigs = new ResourceConfigs(root, 'group-configs.json');
    this.clientMetrics = new ResourceConfigs(root, 'client-metrics.json');
    this.acls = new Acls(root);
    this.scramUsers = new ScramUsers(root);
    this.quotas = new ClientQuotas(root);
    this.fetchSessions = new FetchSessions(this.configs, clock);
    const { topics, producerIds, groupConfigs, health } = this;
    this.groups = new GroupCoordinator({ topics, configs: this.configs, groupConfigs, clock, log });
    this.transactions = new TransactionCoordinator({
      ...{ topics, groups: this.groups, producerIds, health, clock, log, fsync: this.fsync },
      configs: this.configs,
    });
    this.topics.onDeleted = (topic) => this.groups.topicDeleted(topic);
  }

  load(): void {
    const startedAt = this.clock.monotonic();
    checkFormat(this.root);
    const clean = this.root.read(CLEAN_SHUTDOWN_FILE) !== null;
    this.root.remove(CLEAN_SHUTDOWN_FILE);
    const cluster = readJson<{ clusterId: string }>(this.root, CLUSTER_FILE);
    if (cluster) this.clusterId = cluster.clusterId;
    else {
      this.clusterId = randomBytes(16).toString('base64url');
      this.root.replace(CLUSTER_FILE, Buffer.from(JSON.stringify({ clusterId: this.clusterId })));
    }
    const dynamic = readJson<Record<string, string>>(this.root, BROKER_CONFIGS_FILE);
    if (dynamic) this.configs.setDynamic(dynamic);
    this.producerIds.load();
    const { features, acls, scramUsers, quotas, groupConfigs, clientMetrics } = this;
    for (const kept of [features, acls, scramUsers, quotas, groupConfigs, clientMetrics]) kept.load();
    this.topics.load(clean);
    this.groups.load();
    this.transactions.load();
    const tookMs = Math.round(this.clock.monotonic() - startedAt);
    this.log.info({ topics: this.topics.all().length, clean, tookMs }, 'logs loaded');
  }

  /** The latest time that the wall clock has shown since the start, ms; `nowMs` is what it shows now. */
  latestTime(nowMs: number): number {
    if (nowMs > this.#latestMs) this.#latestMs = nowMs;
    return this.#latestMs;
  }

  /** Configs altered while running; they survive a restart. */
  setBrokerConfigs(configs: Readonly<Record<string, string>>): void {
    this.root.replace(BROKER_CONFIGS_FILE, Buffer.from(JSON.stringify(configs)));
    this.configs.setDynamic(configs);
    this.topics.refreshSettings();
  }

  /** Tries, while the disk takes nothing, whether it does again; then what could not be kept is kept. */
  retryStorage(): void {
    if (this.health.trouble === null) return;
    try {
      this.root.replace(PROBE_FILE, Buffer.alloc(PROBE_BYTES, 1));
      this.root.remove(PROBE_FILE);
    } catch {
      return;
    }
    this.health.writesAgain();
    this.topics.saveUnsaved();
    this.groups.saveUnsaved();
    this.transactions.ends.completePrepared();
  }

  /** Leaves everything as the next start likes it best. */
  close(): void {
    this.groups.close();
    this.topics.close(true);
    // Without it the next start reads the logs instead of trusting what could not be written here.
    if (this.health.trouble !== null) return;
    const at = new Date(this.clock.now()).toISOString();
    this.health.attempt(CLEAN_SHUTDOWN_FILE, () => this.root.replace(CLEAN_SHUTDOWN_FILE, Buffer.from(at)));
  }
}
