import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { startBroker } from '../../support/broker.ts';

/** A client whose one connection passes a door that the test can close. */
async function startIdle() {
  const clients = new Set<Socket>();
  let target = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    clients.add(client);
    const broker = connect({ host: '127.0.0.1', port: target });
    client.on('close', () => {
      clients.delete(client);
      broker.destroy();
    });
    for (const socket of [client, broker]) socket.on('error', () => undefined);
    client.pipe(broker, { end: false }).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const inside = await startBroker({
    listeners: [{ name: 'local', host: '127.0.0.1', port: 0, advertisedPort: port }],
  });
  target = Number(inside.brokers[0]!.split(':')[1]);
  const kafka = createKafka({ brokers: [`127.0.0.1:${port}`], clientId: 'test' });
  expect(await kafka.admin().brokers()).toHaveLength(1);
  return {
    kafka,
    clients,
    async [Symbol.asyncDispose]() {
      await kafka.close();
      for (const client of clients) client.destroy();
      server.close();
      await inside[Symbol.asyncDispose]();
    },
  };
}

/** One request of each way to a connection: any broker, the controller, a coordinator. */
const questions: ((kafka: Kafka) => Promise<unknown>)[] = [
  (kafka) => kafka.admin().brokers(),
  (kafka) => kafka.admin().listTopics(),
  (kafka) => kafka.admin().createTopics([{ name: 't', partitions: 1 }]),
  (kafka) => kafka.admin().allCommitted('group'),
];

test('a request finds out that its idle connection was closed, and takes a new one', async () => {
  await using idle = await startIdle();
  for (const ask of questions) {
    await ask(idle.kafka);
    const [...open] = idle.clients;
    const gone = open.map((client) => once(client, 'close'));
    for (const client of open) client.resetAndDestroy();
    await Promise.all(gone);
    // The system knows by now, and nobody has read it.
    await ask(idle.kafka);
  }
});

test('a connection is of no more use from the moment the broker has said that it ends', async () => {
  await using idle = await startIdle();
  const { kafka, clients } = idle;
  for (const ask of questions) {
    await ask(kafka);
    // Ended, and kept open for what may still come.
    const [...open] = clients;
    await Promise.all(open.map((client) => new Promise<void>((sent) => client.end(sent))));
    await ask(kafka);
  }
});
