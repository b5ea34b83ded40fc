import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { DeliveryMode } from '../../../src/runtime/jobs/relay/index.ts';
import { avroType, encodeWire, thesisSchema } from '../../../src/runtime/serde/index.ts';
import { eventually } from '../../support/lab.ts';
import { countOf, type LabSite, RelayLab, readAll } from '../../support/relay-lab.ts';

const text = (value: string) => Buffer.from(value);
const schema = thesisSchema('DeviceRegistration');

/** Before a registry: answers with a status of its own, or passes on while that is null. */
async function registryFront(lab: RelayLab, { registryUrl }: LabSite, status: number | null) {
  const front = { url: '', status };
  const server = createServer((asked, answer) => {
    if (front.status !== null) {
      answer.writeHead(front.status, { 'content-type': 'text/plain' }).end('not now');
      return;
    }
    const { method = 'GET', url, headers } = asked;
    const passed = request(registryUrl + url, { method, headers }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers);
      answered.pipe(answer);
    });
    asked.pipe(passed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  lab.defer(() => server.close().closeAllConnections());
  front.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return front;
}

it.each<[who: 'source' | 'target', status: number]>([
  ['source', 401],
  ['source', 403],
  ['source', 404],
  ['source', 500],
  ['target', 403],
])('holds records, and puts none aside, while the registry of the %s answers %i', async (who, status) => {
  await using lab = new RelayLab();
  const [edge, central] = await Promise.all([lab.site('edge-1'), lab.site('central')]);
  await edge.create('devices');
  const id = await edge.registry.register('devices-value', schema);
  edge.send('devices', encodeWire(id, avroType(schema), { name: 'n', description: '', location: '' }));
  const front = await registryFront(lab, who === 'source' ? edge : central, status);
  const source = who === 'source' ? { ...edge, spec: { ...edge.spec, registryUrl: front.url } } : edge;
  const target = who === 'target' ? { ...central, registryUrl: front.url } : central;
  const relay = await lab.relay(target, [source], { onError: 'dead-letter' });
  await eventually('held or put aside', () => {
    const { held, deadLetters } = relay.source('edge-1');
    return held.length > 0 || deadLetters > 0;
  });
  expect(relay.source('edge-1')).toMatchObject({ deadLetters: 0, held: [{ topic: 'devices', offset: 0 }] });
  front.status = null;
  await eventually('it is there', async () => (await countOf(central.kafka, 'devices')) === 1);
});

it.each<DeliveryMode>(['at-least-once', 'exactly-once'])(
  'loses no record whose dead-letter topic refuses it while it takes others: %s',
  async (delivery) => {
    await using lab = new RelayLab();
    const [edge, central] = await Promise.all([lab.site('edge-1'), lab.site('central')]);
    const partitions = 6;
    await edge.create('big', partitions);
    await central.create('big', partitions, { 'max.message.bytes': '1000' });
    await central.create('big.dead-letter', partitions, { 'max.message.bytes': '4000' });
    const isTooLarge = (partition: number) => partition % 2 === 1;
    for (let partition = 0; partition < partitions; partition++)
      edge.send('big', text('x'.repeat(isTooLarge(partition) ? 6000 : 2000)), { partition });
    const relay = await lab.relay(central, [edge], { onError: 'dead-letter', delivery });
    await eventually('every record is put aside or held', () => {
      const { held, deadLetters } = relay.source('edge-1');
      return held.length + deadLetters >= partitions;
    });
    expect(relay.source('edge-1').held.map(({ partition }) => partition)).toEqual([1, 3, 5]);
    const letters = await readAll(central.kafka, 'big.dead-letter');
    expect(letters.map(({ partition }) => partition).sort()).toEqual([0, 2, 4]);
  },
);
