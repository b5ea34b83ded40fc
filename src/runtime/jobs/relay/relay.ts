import { kafkaAt, registryAt } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import { systemClock } from '../../../shared/clock.ts';
import { checkNamePolicy, topicNames } from '../../../shared/topic-names.ts';
import { topicMatcher } from '../../../shared/topic-pattern.ts';
import { createKafka, type Kafka } from '../../kafka/index.ts';
import { createRegistryClient } from '../../serde/index.ts';
import type { Job } from '../host/index.ts';
import { sourceInfo } from './info.ts';
import { registerRelayMetrics } from './metrics.ts';
import { PositionStore } from './positions.ts';
import { SchemaTranslator } from './schema-translator.ts';
import { SourceRelay } from './source-relay.ts';
import { TargetTopics, untilConnected } from './target.ts';
import type { DeliveryMode, RelayInfo, RelayOptions, RelaySourceSpec } from './types.ts';

/** A source that hangs at the start must not keep the others' relay from being ready. */
const firstTryMs = 2000;
/** Records that wait this long for an acknowledgement tell that the target is gone. */
const targetLimitMs = 5000;
/** What the benchmark decided: docs/decisions/0010-relay-exactly-once.md. */
export const defaultDelivery: DeliveryMode = 'exactly-once';
/** How long a stop waits for the target to acknowledge what is under way. */
const stopLimitMs = 3000;

/**
 * Pulls the chosen topics of its sources to the target site. Ready when the target answers and each source
 * was tried once; what isn't there yet is tried again for as long as it takes.
 *
 * @throws DDS_USAGE for a pattern or a name policy that can't be read
 */
export function createRelay(options: RelayOptions): Job<RelayInfo> {
  return new Relay(options);
}

class Relay implements Job<RelayInfo> {
  readonly name: string;
  readonly #options: RelayOptions;
  readonly #clock: Clock;
  readonly #stopping = new AbortController();
  readonly #target: Kafka;
  readonly #sourceKafkas: Kafka[] = [];
  readonly #sources: SourceRelay[];
  #targetState: RelayInfo['target'] = 'starting';
  #running: Promise<unknown> = Promise.resolve();
  readonly #ended = Promise.withResolvers<void>();
  #stopped: Promise<void> | null = null;

  constructor(options: RelayOptions) {
    this.name = `relay at ${options.site}`;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { clock, log } = { clock: this.#clock, log: options.log };
    const clientId = `dds-relay-${options.site}`;
    this.#target = createKafka(kafkaAt(options, clientId), { clock, log });
    const targetTopics = new TargetTopics(this.#target.admin(), log);
    const targetRegistry = createRegistryClient(registryAt(options), { clock });
    const { names: policy = 'same', name = 'relay', delivery = defaultDelivery, onError = 'hold' } = options;
    checkNamePolicy(policy);
    // Nobody has to wait for it.
    this.#ended.promise.catch(() => undefined);
    const matches = topicMatcher(options.topics, options.exclude);
    this.#sources = options.sources.map((spec) => {
      const sourceLog = log.child({ source: spec.site });
      const source = this.#sourceKafka(spec, clientId);
      const names = topicNames(policy, spec.site, options.site);
      const schemas = new SchemaTranslator({
        source: createRegistryClient(registryAt(spec), { clock }),
        target: targetRegistry,
        targetSubject: (subject) => subject.replace(/.*(?=-(key|value)$)/, names.target),
        unknown: options.schemas ?? 'strict',
      });
      return new SourceRelay({
        spec,
        targetSite: options.site,
        ...{ names, delivery, onError },
        transactionalId: `dds.relay.${options.site}.${name}.${spec.site}`,
        source,
        target: this.#target,
        targetTopics,
        schemas,
        store: new PositionStore(this.#target, spec.site, name),
        matches,
        refreshMs: options.refreshMs ?? 5000,
        clock,
        log: sourceLog,
      });
    });
    registerRelayMetrics(options.metrics, this.#sources, () => this.#clock.now());
  }

  #sourceKafka(spec: RelaySourceSpec, clientId: string): Kafka {
    // Short limits: after an outage progress has to resume within 3 s, and a link that hangs has to be seen.
    const settings = { ...kafkaAt(spec, clientId), connectTimeoutMs: 2000, requestTimeoutMs: 10_000 };
    const kafka = createKafka(settings, {
      clock: this.#clock,
      log: this.#options.log.child({ source: spec.site }),
    });
    this.#sourceKafkas.push(kafka);
    return kafka;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    const stopping = AbortSignal.any([signal, this.#stopping.signal]);
    await untilConnected(this.#target, this.#clock, stopping, (error) => {
      if (this.#targetState !== 'unreachable')
        log.warn({ error: error.message }, 'the target does not answer yet');
      this.#targetState = 'unreachable';
    });
    if (stopping.aborted) return;
    this.#targetState = 'connected';
    this.#running = Promise.all(
      this.#sources.map((source) =>
        source.run(this.#stopping.signal).catch((error: Error) => this.#ended.reject(error)),
      ),
    );
    const tried = Promise.all(this.#sources.map((source) => source.tried));
    const patience = new AbortController();
    await Promise.race([tried, this.#clock.sleep(firstTryMs, AbortSignal.any([stopping, patience.signal]))]);
    patience.abort();
  }

  /** Rejects with DDS_FENCED when another relay has taken the work over. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const limit = AbortSignal.timeout(stopLimitMs);
    await Promise.all(this.#sources.map((source) => source.close(limit)));
    await Promise.all(this.#sourceKafkas.map((kafka) => kafka.close()));
    await this.#running;
    await this.#target.close();
  }

  /** A source that is away is not the relay's trouble; a partition that is held is somebody's. */
  trouble(): string | null {
    if (this.#isTargetSilent()) return 'the target does not acknowledge';
    for (const { source, held } of this.info().sources) {
      const first = held[0];
      if (first)
        return `${source}: ${first.topic}-${first.partition} is held at ${first.offset}: ${first.message}`;
    }
    return null;
  }

  #isTargetSilent(): boolean {
    const before = this.#clock.monotonic() - targetLimitMs;
    return this.#sources.some(({ waitingSinceMs }) => waitingSinceMs !== null && waitingSinceMs < before);
  }

  info(): RelayInfo {
    const now = this.#clock.now();
    return {
      site: this.#options.site,
      delivery: this.#options.delivery ?? defaultDelivery,
      target: this.#isTargetSilent() ? 'unreachable' : this.#targetState,
      sources: this.#sources.map((source) => sourceInfo(source, now)),
    };
  }
}
