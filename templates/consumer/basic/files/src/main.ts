import { runService } from 'dds-lab/service';
import { openArchive, type Row } from './archive.ts';
import { problemOf } from './check.ts';
import { readings } from './topics.ts';

const name = '{{name}}';

await runService(name, async ({ site, signal, log, avro, openConsumer }) => {
  await using archive = await openArchive(process.env.ARCHIVE ?? `data/${site}.ndjson`);
  const consumer = await openConsumer({
    topic: readings(avro),
    group: name,
    deadLetterTopic: `${name}.dead-letter`,
  });
  for await (const batch of consumer.batches(signal)) {
    const rows: Row[] = [];
    for (const record of batch) {
      const { value, partition, offset } = record;
      const problem = problemOf(value);
      if (value === null || problem !== null) batch.deadLetter(record, problem);
      else rows.push({ ...value, partition, offset });
    }
    await archive.append(rows);
    // Only now the batch is done. A crash before this line brings it again; partition and offset tell.
    await batch.commit();
    log.info({ rows: rows.length, setAside: batch.records.length - rows.length }, 'batch archived');
  }
});
