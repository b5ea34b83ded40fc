import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createKafka } from '../../src/runtime/clients/index.ts';
import { startBroker } from '../support/broker.ts';
import { startProgram } from '../support/projects.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const program = fileURLToPath(new URL('../support/service-process.ts', import.meta.url));
const start = (brokers: string[], env: Record<string, string> = {}) => {
  const DDS_BROKERS = brokers.join(',');
  return startProgram([program], {
    cwd: temporaryDirectory(),
    env: { DDS_BROKERS, DDS_REGISTRY: 'http://127.0.0.1:1', DDS_HTTP: '127.0.0.1:0', ...env },
  });
};

async function prepare(brokers: string[]): Promise<() => Promise<number>> {
  const kafka = createKafka({ brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: 'texts', partitions: 1 }]);
  return async () => {
    const [end] = await kafka.admin().offsets([{ topic: 'texts', partition: 0 }], 'latest');
    await kafka.close();
    return end!;
  };
}

test('what a service still adds when it is told to stop is sent before it ends', async () => {
  await using running = await startBroker();
  const countRecords = await prepare(running.brokers);
  await using service = start(running.brokers);
  const { http } = await service.logged(/^tested is ready$/);
  expect(await (await fetch(`http://${http}/info`)).json()).toEqual({ site: 'local', trouble: null });
  expect(await service.stop()).toBe(0);
  expect(await countRecords()).toBe(2);
});

test('what it cannot finish is told, and the code is not 0', async () => {
  const running = await startBroker();
  await using service = start(running.brokers);
  try {
    await (await prepare(running.brokers))();
    await service.logged(/^tested is ready$/);
  } finally {
    await running[Symbol.asyncDispose]();
  }
  expect(await service.stop()).toBe(1);
  expect(service.lines.at(-1)).toMatchObject({
    level: 'error',
    msg: 'the producer was closed before the broker acknowledged',
  });
});

test('one that does not listen to the signal is ended all the same', async () => {
  await using running = await startBroker();
  await (await prepare(running.brokers))();
  await using service = start(running.brokers, { HANG: 'yes' });
  await service.logged(/^tested is ready$/);
  expect(await service.stop()).toBe(1);
  expect(service.lines.at(-1)?.msg).toBe('tested did not end within 5 s');
});

test('an error of its own ends it with 1, where it was thrown, and once', async () => {
  await using running = await startBroker();
  const countRecords = await prepare(running.brokers);
  await using service = start(running.brokers, { FAIL: 'no such oven' });
  expect(await service.exited).toBe(1);
  const errors = service.lines.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([
    { msg: 'no such oven', stack: expect.stringContaining('service-process.ts') },
  ]);
  expect(await countRecords()).toBe(1);
});

test('a topic that is missing ends it with 2; a broker that comes later is waited for', async () => {
  const dataDir = temporaryDirectory();
  const first = await startBroker({ dataDir });
  const port = Number(first.brokers[0]!.split(':')[1]);
  try {
    await using lost = start(first.brokers);
    expect(await lost.exited).toBe(2);
    expect(lost.lines.at(-1)).toMatchObject({ code: 'DDS_UNKNOWN_TOPIC' });
    await (await prepare(first.brokers))();
  } finally {
    await first[Symbol.asyncDispose]();
  }
  await using service = start(first.brokers);
  expect(await service.logged(/^trying again until it works$/)).toMatchObject({ level: 'warn' });
  await using second = await startBroker({
    dataDir,
    listeners: [{ name: 'local', host: '127.0.0.1', port }],
  });
  expect(second.brokers).toEqual(first.brokers);
  await service.logged(/^at work again$/);
  expect(await service.stop()).toBe(0);
});

test.for([
  [{ DDS_BROKERS: '' }, 'DDS_BROKERS is not set'],
  [{ DDS_BROKERS: 'localhost' }, 'DDS_BROKERS is "localhost"; expected host:port, as in 127.0.0.1:9092'],
  [{ DDS_REGISTRY: 'here' }, 'DDS_REGISTRY is "here"; expected a URL such as http://127.0.0.1:8081'],
  [{ DDS_LOG_LEVEL: 'loud' }, 'DDS_LOG_LEVEL is "loud"; expected debug, info, warn, error'],
  [{ DDS_HTTP: 'everywhere' }, '--http everywhere is not an address'],
] as const)('a setting that will not do ends it with 2: %j', async ([env, message]) => {
  await using service = start(['127.0.0.1:1'], env);
  expect(await service.exited).toBe(2);
  expect(service.lines).toMatchObject([{ level: 'error', msg: message }]);
});
