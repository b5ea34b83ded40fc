import { DdsError } from '../../../errors/index.ts';
import {
  brokerConfigs,
  type ConfigDefinition,
  configProblem,
  configTypes,
  topicConfigs,
} from './config-table.ts';

/** Topic configs as numbers, resolved once: the hot path reads these. */
export interface TopicSettings {
  readonly compact: boolean;
  readonly deleteOld: boolean;
  readonly maxMessageBytes: number;
  readonly logAppendTime: boolean;
  readonly timestampBeforeMaxMs: number;
  readonly timestampAfterMaxMs: number;
  /** -1: no limit. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly deleteRetentionMs: number;
  readonly minInSyncReplicas: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
}

/** ConfigSource of DescribeConfigs. */
export const configSources = {
  ...{ topic: 1, dynamicBroker: 2, staticBroker: 4, default: 5, clientMetrics: 7, group: 8 },
} as const;

export interface ConfigSynonym {
  name: string;
  value: string;
  source: number;
}

export interface DescribedConfig extends ConfigSynonym {
  type: number;
  documentation: string;
  /** Where the value could come from, the one in force first. */
  synonyms: ConfigSynonym[];
}

type Values = Readonly<Record<string, string>>;

/** The broker's own configs: given at start, or altered later; and what they mean for a topic. */
export class Configs {
  readonly #given: Values;
  #dynamic: Values = {};

  /** Throws DDS_USAGE for a config that does not exist or has an impossible value. */
  constructor(given: Values) {
    for (const [name, value] of Object.entries(given)) {
      const problem = configProblem(brokerConfigs, name, value);
      if (problem) throw new DdsError('DDS_USAGE', `broker config: ${problem}`);
    }
    this.#given = given;
  }

  get dynamic(): Values {
    return this.#dynamic;
  }

  setDynamic(values: Values): void {
    this.#dynamic = values;
  }

  string(name: string): string {
    return this.#dynamic[name] ?? this.#given[name] ?? brokerConfigs[name]!.default;
  }

  number(name: string): number {
    return Number(this.string(name));
  }

  boolean(name: string): boolean {
    return this.string(name).trim().toLowerCase() === 'true';
  }

  topicSettings(own: Values): TopicSettings {
    const text = (name: string) => own[name] ?? this.#topicDefault(name);
    const number = (name: string) => Number(text(name));
    const policies = text('cleanup.policy')
      .split(',')
      .map((policy) => policy.trim());
    return {
      compact: policies.includes('compact'),
      deleteOld: policies.includes('delete'),
      maxMessageBytes: number('max.message.bytes'),
      logAppendTime: text('message.timestamp.type') === 'LogAppendTime',
      timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
      timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
      retentionMs: number('retention.ms'),
      retentionBytes: number('retention.bytes'),
      segmentBytes: number('segment.bytes'),
      segmentMs: number('segment.ms'),
      deleteRetentionMs: number('delete.retention.ms'),
      minInSyncReplicas: number('min.insync.replicas'),
      minCompactionLagMs: number('min.compaction.lag.ms'),
      maxCompactionLagMs: number('max.compaction.lag.ms'),
      minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    };
  }

  #topicDefault(name: string): string {
    const { brokerName, default: byDefault } = topicConfigs[name]!;
    return brokerName ? this.string(brokerName) : byDefault;
  }

  describeBroker(names: readonly string[] | null): DescribedConfig[] {
    return pick(brokerConfigs, names).map(([name, definition]) =>
      describe(name, definition, this.#synonyms(name)),
    );
  }

  describeTopic(own: Values, names: readonly string[] | null): DescribedConfig[] {
    return this.describe(topicConfigs, own, configSources.topic, names);
  }

  /** Of a table whose configs are set on something, or else are the broker's, or have a default. */
  describe(
    table: Readonly<Record<string, ConfigDefinition>>,
    own: Values,
    source: number,
    names: readonly string[] | null,
  ): DescribedConfig[] {
    return pick(table, names).map(([name, definition]) => {
      const { brokerName, default: value } = definition;
      const synonyms = brokerName
        ? this.#synonyms(brokerName)
        : [{ name, value, source: configSources.default }];
      const set = own[name];
      if (set !== undefined) synonyms.unshift({ name, value: set, source });
      return describe(name, definition, synonyms);
    });
  }

  #synonyms(name: string): ConfigSynonym[] {
    const found: ConfigSynonym[] = [];
    const add = (value: string | undefined, source: number) => {
      if (value !== undefined) found.push({ name, value, source });
    };
    add(this.#dynamic[name], configSources.dynamicBroker);
    add(this.#given[name], configSources.staticBroker);
    add(brokerConfigs[name]!.default, configSources.default);
    return found;
  }
}

function pick(table: Readonly<Record<string, ConfigDefinition>>, names: readonly string[] | null) {
  if (!names) return Object.entries(table);
  return names.flatMap((name) => (table[name] ? [[name, table[name]] as const] : []));
}

function describe(name: string, definition: ConfigDefinition, synonyms: ConfigSynonym[]): DescribedConfig {
  const { value, source } = synonyms[0]!;
  return {
    name,
    value,
    source,
    synonyms,
    type: configTypes[definition.type],
    documentation: definition.documentation,
  };
}
