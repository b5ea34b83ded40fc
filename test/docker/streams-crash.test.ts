import { expect, it } from 'vitest';
import { startKafka, withoutKafka } from '../support/kafka-containers.ts';
import { killedAtEveryMoment } from '../support/killed-instances.ts';
import { bench, outputsOf, outputsOfModel, quickConfig } from '../support/streams-bench.ts';

if (withoutKafka) process.stderr.write(`${withoutKafka}\n`);

it.skipIf(withoutKafka !== null)(
  'a stream job on Apache Kafka, killed at every moment, is exactly once',
  async () => {
    await using lab = await bench('repartitioned', await startKafka({ config: quickConfig }));
    const all = await killedAtEveryMoment(lab, 'repartitioned');
    expect(await outputsOf(lab.kafka)).toEqual(outputsOfModel(all));
  },
);
