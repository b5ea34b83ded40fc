import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { avroType, encodeWire, thesisSchema } from '../../../src/runtime/serde/index.ts';
import { eventually, temporaryDirectory } from '../../support/lab.ts';
import { countOf, deleteRecords, type LabSite, RelayLab, readAll } from '../../support/relay-lab.ts';

const text = (value: string) => Buffer.from(value);

async function sites(lab: RelayLab): Promise<[LabSite, LabSite]> {
  return Promise.all([lab.site('edge-1'), lab.site('central')]);
}

const arrived = (site: LabSite, topic: string, count: number, deadlineMs?: number) =>
  eventually(
    `${count} records in ${topic}`,
    async () => (await countOf(site.kafka, topic)) >= count,
    deadlineMs,
  );

it('follows new topics and grown ones, and leaves out what it should', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await lab.relay(central, [edge], { exclude: ['private-*'] });
  for (const topic of ['new', 'private-x']) await edge.create(topic);
  edge.send('new', text('1'));
  edge.send('private-x', text('1'));
  await arrived(central, 'new', 1);
  await edge.kafka.admin().createPartitions('new', 4);
  edge.send('new', text('2'), { partition: 3 });
  await arrived(central, 'new', 2);
  expect((await readAll(central.kafka, 'new')).map(({ partition }) => partition).sort()).toEqual([0, 3]);
  const names = (await central.kafka.admin().listTopics()).map(({ name }) => name);
  expect(names.filter((name) => !name.startsWith('_')).sort()).toEqual(['dds.relay.edge-1.positions', 'new']);
});

it('never sends a record back to the site it came from', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('loop');
  edge.send('loop', text('mine'), { headers: [{ key: 'dds-site', value: text('central') }] });
  edge.send('loop', text('theirs'));
  const relay = await lab.relay(central, [edge]);
  await arrived(central, 'loop', 1);
  await eventually('no lag', () => relay.source('edge-1').lagRecords === 0);
  expect((await readAll(central.kafka, 'loop')).map(({ value }) => value?.toString())).toEqual(['theirs']);
});

it('starts over a positions topic in which somebody else wrote', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('on');
  edge.send('on', text('1'));
  await central.create('dds.relay.edge-1.positions');
  for (const key of ['owner/relay', 'on//0', 'k']) {
    central.send('dds.relay.edge-1.positions', text('no JSON'), { key: text(key) });
  }
  await arrived(central, 'dds.relay.edge-1.positions', 3);
  await lab.relay(central, [edge]);
  await arrived(central, 'on', 1);
});

it('goes on where it stopped', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('on');
  edge.send('on', text('1'));
  const first = await lab.relay(central, [edge]);
  await arrived(central, 'on', 1);
  await first.stop();
  edge.send('on', text('2'));
  await lab.relay(central, [edge]);
  await arrived(central, 'on', 2);
  expect((await readAll(central.kafka, 'on')).map(({ value }) => value?.toString())).toEqual(['1', '2']);
});

it('resumes within 3 s of the return of a source, and leaves the others alone meanwhile', async () => {
  using directory = temporaryDirectory();
  await using lab = new RelayLab();
  const [edge, central] = [await lab.site('edge-1', directory.path), await lab.site('central')];
  const other = await lab.site('edge-2');
  for (const site of [edge, other]) await site.create('data');
  edge.send('data', text('1'));
  const relay = await lab.relay(central, [edge, other], { refreshMs: 5000 });
  await arrived(central, 'data', 1);
  await edge.stopBroker();
  await eventually('unreachable', () => relay.source('edge-1').state === 'unreachable');
  other.send('data', text('2'));
  await arrived(central, 'data', 2, 2000);
  await edge.startBroker();
  edge.send('data', text('3'));
  await arrived(central, 'data', 3, 3000);
  await eventually('connected', () => relay.source('edge-1').state === 'connected');
  expect(relay.source('edge-1').error).toBeNull();
});

it('waits for a target that is not up yet', async () => {
  using directory = temporaryDirectory();
  await using lab = new RelayLab();
  const [edge, central] = [await lab.site('edge-1'), await lab.site('central', directory.path)];
  await edge.create('late');
  edge.send('late', text('1'));
  await central.stopBroker();
  const started = lab.relay(central, [edge]);
  await eventually('the warning', () =>
    lab.log.some(({ message }) => message.startsWith('the target does not')),
  );
  await central.startBroker();
  await started;
  await arrived(central, 'late', 1);
});

it('says that the target is gone, stops all the same, and has lost nothing', async () => {
  using directory = temporaryDirectory();
  await using lab = new RelayLab();
  const [edge, central] = [await lab.site('edge-1'), await lab.site('central', directory.path)];
  await edge.create('gone');
  edge.send('gone', text('1'));
  const relay = await lab.relay(central, [edge]);
  await arrived(central, 'gone', 1);
  await central.stopBroker();
  edge.send('gone', text('2'));
  await eventually('the target is missed', () => relay.info().target === 'unreachable');
  expect(relay.trouble()).toBe('the target does not acknowledge');
  await relay.stop();
  await central.startBroker();
  await lab.relay(central, [edge]);
  await arrived(central, 'gone', 2);
}, 30_000);

it('can be stopped before its target was ever there', async () => {
  await using lab = new RelayLab();
  const edge = await lab.site('edge-1');
  const nowhere = { ...edge, name: 'central', brokers: ['127.0.0.1:1'] };
  const stopping = new AbortController();
  const started = lab.relay(nowhere, [edge], {}, stopping.signal);
  await eventually('the warning', () =>
    lab.log.some(({ message }) => message.startsWith('the target does not')),
  );
  stopping.abort();
  const begun = performance.now();
  await (await started).stop();
  expect(performance.now() - begun).toBeLessThan(1000);
});

it('reports what retention took before it was relayed, from offset to offset', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('short', 1);
  edge.send('short', text('0'));
  const first = await lab.relay(central, [edge]);
  await arrived(central, 'short', 1);
  await first.stop();
  for (let i = 1; i < 10; i++) edge.send('short', text(String(i)));
  await edge.producer.flush();
  await deleteRecords(edge, 'short', 7);
  const relay = await lab.relay(central, [edge]);
  await arrived(central, 'short', 4);
  expect((await readAll(central.kafka, 'short')).map(({ value }) => value?.toString())).toEqual([
    '0',
    '7',
    '8',
    '9',
  ]);
  expect(lab.events('records-lost')).toEqual([
    expect.objectContaining({ source: 'edge-1', topic: 'short', partition: 0, from: 1, to: 7, records: 6 }),
  ]);
  expect(relay.source('edge-1').lostRecords).toBe(6);
  expect(await relay.metrics.metrics()).toContain(
    'dds_relay_lost_records_total{source="edge-1",topic="short",partition="0"} 6',
  );
});

it('starts over with a topic that was deleted and made again', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('again');
  for (let i = 0; i < 5; i++) edge.send('again', text(`old ${i}`));
  const relay = await lab.relay(central, [edge]);
  await arrived(central, 'again', 5);
  await eventually('acknowledged', () => relay.source('edge-1').lagRecords === 0);
  await edge.kafka.admin().deleteTopics(['again']);
  await edge.create('again');
  edge.send('again', text('new'));
  await arrived(central, 'again', 6);
  const read = await readAll(central.kafka, 'again');
  expect(read.map(({ value }) => value?.toString()).at(-1)).toBe('new');
  const ids = new Set(read.map(({ headers }) => headers['dds-source']!.toString('hex', 0, 16)));
  expect(ids.size).toBe(2);
  expect(read.at(-1)!.headers['dds-source']!.readBigInt64BE(16)).toBe(0n);
  await eventually('no lag', () => relay.source('edge-1').lagRecords === 0);
});

it('holds a partition whose schema id the source does not know, and only that one', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('odd', 2);
  const schema = thesisSchema('DeviceRegistration');
  const value = encodeWire(1, avroType(schema), { name: 'n', description: '', location: '' });
  edge.send('odd', text('before'));
  edge.send('odd', value);
  edge.send('odd', text('behind'));
  edge.send('odd', text('beside'), { partition: 1 });
  const relay = await lab.relay(central, [edge]);
  await arrived(central, 'odd', 2);
  await eventually('held', () => relay.source('edge-1').held.length > 0);
  expect(relay.source('edge-1').held).toEqual([
    expect.objectContaining({ topic: 'odd', partition: 0, offset: 1, reason: 'schema-unknown' }),
  ]);
  expect(relay.trouble()).toContain('odd-0 is held at 1');
  await edge.registry.register('odd-value', schema);
  await arrived(central, 'odd', 4);
  await eventually('over', () => relay.source('edge-1').held.length === 0);
  expect(relay.trouble()).toBeNull();
});

it('passes unknown ids as they are when told to be lenient', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('odd');
  const bytes = Buffer.from([0, 0, 0, 0, 77, 1]);
  edge.send('odd', bytes);
  await lab.relay(central, [edge], { schemas: 'lenient' });
  await arrived(central, 'odd', 1);
  expect((await readAll(central.kafka, 'odd'))[0]!.value).toEqual(bytes);
});

it('registers what a schema refers to, under the versions of the target', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  const unit = JSON.stringify({ type: 'enum', name: 'Unit', symbols: ['C', 'F'] });
  const unitBefore = JSON.stringify({ type: 'enum', name: 'Unit', symbols: ['C'] });
  const outer = JSON.stringify({ type: 'record', name: 'Outer', fields: [{ name: 'unit', type: 'Unit' }] });
  await edge.registry.register('first-value', JSON.stringify({ type: 'int' }));
  await edge.registry.register('unit', unit);
  const id = await edge.registry.register('refs-value', outer, [
    { name: 'Unit', subject: 'unit', version: 1 },
  ]);
  await fetch(`${central.registryUrl}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ compatibility: 'NONE' }),
  });
  await central.registry.register('unit', unitBefore);
  await edge.create('refs');
  edge.send('refs', encodeWire(id, avroType(outer, [unit]), { unit: 'F' }));
  await lab.relay(central, [edge], { topics: ['refs'] });
  await arrived(central, 'refs', 1);
  const [record] = await readAll(central.kafka, 'refs');
  const copied = await central.registry.schemaById(record!.value!.readInt32BE(1));
  expect(copied).toMatchObject({
    schema: outer,
    references: [{ name: 'Unit', subject: 'unit', version: 2 }],
  });
});

it('stops only the partition of a record that the target refuses, and keeps the order', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  await edge.create('big', 2);
  await central.create('big', 2, { 'max.message.bytes': '2000' });
  for (let i = 0; i < 20; i++) edge.send('big', text(i === 13 ? 'x'.repeat(5000) : String(i)));
  edge.send('big', text('beside'), { partition: 1 });
  const relay = await lab.relay(central, [edge]);
  await arrived(central, 'big', 14);
  await eventually('held', () => relay.source('edge-1').held.length > 0);
  expect(relay.source('edge-1').held).toEqual([
    expect.objectContaining({ topic: 'big', partition: 0, offset: 13, reason: 'record-rejected' }),
  ]);
  await central.kafka.admin().alterTopicConfigs('big', { 'max.message.bytes': '100000' });
  await arrived(central, 'big', 21);
  const values = (await readAll(central.kafka, 'big')).filter(({ partition }) => partition === 0);
  expect(values.map(({ value }) => value!.toString().slice(0, 2))).toEqual(
    Array.from({ length: 20 }, (_, i) => (i === 13 ? 'xx' : String(i))),
  );
});

it('shows a source that hangs as stalled', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await sites(lab);
  // Takes connections and never says a word.
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  lab.defer(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const { port } = silent.address() as { port: number };
  const hanging = { ...edge, spec: { ...edge.spec, site: 'edge-2', brokers: [`127.0.0.1:${port}`] } };
  await edge.create('fine');
  edge.send('fine', text('1'));
  const relay = await lab.relay(central, [hanging, edge]);
  await arrived(central, 'fine', 1, 2000);
  await eventually('stalled', () => relay.source('edge-2').state === 'stalled');
});
