// A service for tests: sends one record when it starts and one when it is told to stop, or fails as it is told.
import { t, topic } from '../../src/runtime/clients/index.ts';
import { runService } from '../../src/runtime/jobs/service/index.ts';

await runService('tested', async ({ signal, openProducer }) => {
  const producer = await openProducer(topic('texts', { key: t.string, value: t.string }));
  producer.add('k', 'begin');
  await producer.flush();
  if (process.env.FAIL) throw new Error(process.env.FAIL);
  if (process.env.HANG) await new Promise((resolve) => setTimeout(resolve, 60_000));
  await new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', resolve);
  });
  producer.add('k', 'end');
});
