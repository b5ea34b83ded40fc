/** The entry `dds-lab/kafka`: producers and consumers for applications. */
export { DdsError } from '../../errors/index.ts';
export { deadLetterHeaders } from '../../shared/dead-letters.ts';
export { createKafka, type Header, type Kafka, type KafkaSettings } from '../kafka/index.ts';
export {
  type AvroSerdes,
  avroSerdes,
  localAvro,
  type Serde,
  type Topic,
  t,
  topic,
} from '../streams/index.ts';
export type { Batch, ConsumedRecord, RawRecord } from './batch.ts';
export { openConsumer, type TopicConsumer, type TopicConsumerOptions } from './consumer.ts';
export type { HeaderValues } from './headers.ts';
export {
  openProducer,
  type RecordOptions,
  type TopicProducer,
  type TopicProducerOptions,
} from './producer.ts';
