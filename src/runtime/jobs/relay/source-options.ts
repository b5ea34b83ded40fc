import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { TopicNames } from '../../../shared/topic-names.ts';
import type { Kafka } from '../../kafka/index.ts';
import type { PositionStore } from './positions.ts';
import type { SchemaTranslator } from './schema-translator.ts';
import type { TargetTopics } from './target.ts';
import type { RelaySourceSpec } from './types.ts';

/** What relaying one source needs to know and to use. */
export interface SourceOptions {
  spec: RelaySourceSpec;
  targetSite: string;
  names: TopicNames;
  source: Kafka;
  targetTopics: TargetTopics;
  schemas: SchemaTranslator;
  store: PositionStore;
  matches: (topic: string) => boolean;
  refreshMs: number;
  clock: Clock;
  log: Logger;
}
