import { DdsError } from '../../../errors/index.ts';
import { Random } from '../../../shared/random.ts';
import { textMatcher } from '../../../shared/topic-pattern.ts';
import { type Api, codeOf, type KafkaErrorName, kafkaErrors } from '../../protocol/index.ts';
import { refusal } from '../refusal.ts';
import { partitionsIn } from './asked-partitions.ts';

export type FaultAction =
  | { kind: 'delay'; ms: number }
  /** The whole request is answered with this error; nothing of it is done. */
  | { kind: 'error'; error: KafkaErrorName }
  /** The connection is closed: before the request is looked at, or after it was done but before it is answered. */
  | { kind: 'drop'; when: 'request' | 'answer' };

/** Which requests a fault hits, and what happens to them. What is left out does not matter. */
export interface FaultRule {
  /** API by name (`Produce`). */
  api?: string;
  /** A request that names it, as a name, a glob or a /regex/. */
  topic?: string;
  partition?: number;
  /** Name, glob or /regex/. */
  client?: string;
  /** Only the nth request that fits, counted from 1. */
  nth?: number;
  /** Share of those that fit, 0 to 1; drawn from the seed. */
  probability?: number;
  seed?: number;
  /** The rule is over after so many hits. */
  times?: number;
  action: FaultAction;
}

/** A rule with what came of it. */
export interface ActiveFault extends FaultRule {
  id: number;
  /** Requests that fitted, and those that were hit. */
  seen: number;
  hits: number;
}

interface Compiled {
  fault: ActiveFault;
  fits(api: Api, request: unknown, clientId: string): boolean;
  random: Random;
}

/** Faults that are asked for: requests of clients that are delayed, refused or cut off. In the order they were added. */
export class FaultRules {
  readonly #apis: readonly Api[];
  readonly #nameOf: (topicId: string) => string | undefined;
  #rules: Compiled[] = [];
  #lastId = 0;

  /** `apis`: those that are served. `nameOf`: the name of a topic by its id. */
  constructor(apis: readonly Api[], nameOf: (topicId: string) => string | undefined) {
    this.#apis = apis;
    this.#nameOf = nameOf;
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Throws DDS_USAGE for a rule that cannot be. */
  add(rule: FaultRule): ActiveFault {
    const api = rule.api === undefined ? undefined : this.#apiOf(rule.api);
    const { action } = rule;
    if (action.kind === 'error') {
      if (!(action.error in kafkaErrors)) throw refused(`${action.error} is not a Kafka error`);
      if (api === undefined) throw refused('an error needs an API that answers with it');
      if (!refusal(api, {}, codeOf(action.error)) && !refusal(api, probe, codeOf(action.error)))
        throw refused(`answers of ${api.name} have no error; use a delay or a drop`);
    }
    const topic = rule.topic === undefined ? null : textMatcher([rule.topic]);
    const client = rule.client === undefined ? null : textMatcher([rule.client]);
    const fault: ActiveFault = {
      ...rule,
      ...(api && { api: api.name }),
      id: ++this.#lastId,
      seen: 0,
      hits: 0,
    };
    this.#rules.push({
      fault,
      random: new Random(rule.seed ?? 1),
      fits: (asked, request, clientId) =>
        (api === undefined || api.key === asked.key) &&
        (client === null || client(clientId)) &&
        ((topic === null && rule.partition === undefined) ||
          partitionsIn(request, this.#nameOf).some(
            (named) =>
              (topic === null || topic(named.topic)) &&
              (rule.partition === undefined || named.partitions.includes(rule.partition)),
          )),
    });
    return fault;
  }

  #apiOf(name: string): Api {
    const api = this.#apis.find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!api) throw refused(`the broker does not serve ${name}`);
    return api;
  }

  list(): readonly ActiveFault[] {
    return this.#rules.map(({ fault }) => fault);
  }

  /** Takes rules away, all without ids; those that were there. */
  clear(ids?: readonly number[]): ActiveFault[] {
    const gone = this.#rules.filter(({ fault }) => ids === undefined || ids.includes(fault.id));
    this.#rules = this.#rules.filter((rule) => !gone.includes(rule));
    return gone.map(({ fault }) => fault);
  }

  /** What happens to this request; null for most. The first rule that hits decides. */
  actionFor(api: Api, request: unknown, clientId: string): FaultAction | null {
    for (const { fault, fits, random } of this.#rules) {
      if (!fits(api, request, clientId)) continue;
      fault.seen++;
      if (fault.nth !== undefined && fault.seen !== fault.nth) continue;
      if (fault.times !== undefined && fault.hits >= fault.times) continue;
      if (fault.probability !== undefined && random.uniform(0, 1) >= fault.probability) continue;
      fault.hits++;
      return fault.action;
    }
    return null;
  }
}

const refused = (why: string): DdsError =>
  new DdsError('DDS_USAGE', why, { hint: 'dds fault add --help shows what a fault is made of.' });

/** A request that names one of everything: what it shows is whether the answers have a place for an error. */
const partition = { partitions: [0], partitionData: [{ index: 0 }], partitionIndexes: [0] };
const topics = [{ name: 't', topic: 't', ...partition }];
const probe = {
  topicData: topics,
  topics,
  topicNames: ['t'],
  groups: ['g'],
  coordinatorKeys: ['k'],
  markers: [{ topics }],
  transactionalIds: ['id'],
  filters: [{}],
  entries: [{}],
};
