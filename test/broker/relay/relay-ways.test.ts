import { describe, expect, it } from 'vitest';
import type { DeliveryMode } from '../../../src/runtime/jobs/relay/index.ts';
import { avroType, encodeWire, thesisSchema } from '../../../src/runtime/serde/index.ts';
import { eventually, temporaryDirectory } from '../../support/lab.ts';
import { countOf, type LabSite, RelayLab, readAll } from '../../support/relay-lab.ts';

const text = (value: string) => Buffer.from(value);
const valuesOf = async ({ kafka }: LabSite, topic: string) =>
  (await readAll(kafka, topic)).map(({ value }) => value!.toString().slice(0, 10));

const arrived = (site: LabSite, topic: string, count: number, deadlineMs?: number) =>
  eventually(
    `${count} records in ${topic}`,
    async () => (await countOf(site.kafka, topic)) >= count,
    deadlineMs,
  );

it('ends an older relay that does the same work, and says so', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await Promise.all([lab.site('edge-1'), lab.site('central')]);
  await edge.create('same');
  edge.send('same', text('1'));
  const older = await lab.relay(central, [edge]);
  await arrived(central, 'same', 1);
  const end = older.ended.then(
    () => null,
    (error: unknown) => error,
  );
  const newer = await lab.relay(central, [edge]);
  edge.send('same', text('2'));
  await arrived(central, 'same', 2);
  expect(await end).toMatchObject({
    code: 'DDS_FENCED',
    message: expect.stringContaining(`another relay does the same work now (process ${process.pid} on `),
  });
  await older.stop();
  edge.send('same', text('3'));
  await arrived(central, 'same', 3);
  expect(await valuesOf(central, 'same')).toEqual(['1', '2', '3']);
  expect(newer.trouble()).toBeNull();
  // One of another name is no rival.
  await edge.create('other');
  edge.send('other', text('4'));
  await lab.relay(central, [edge], { name: 'second', topics: ['other'] });
  await arrived(central, 'other', 1);
  edge.send('same', text('5'));
  await arrived(central, 'same', 4);
});

it('goes on with a new producer after the target was gone within a transaction', async () => {
  using directory = temporaryDirectory();
  await using lab = new RelayLab();
  const [edge, central] = [await lab.site('edge-1'), await lab.site('central', directory.path)];
  await edge.create('on', 2);
  await lab.relay(central, [edge]);
  let sent = 0;
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 500; i++, sent++) edge.send('on', text(String(sent)), { partition: sent % 2 });
    await edge.producer.flush();
    await central.stopBroker();
    await central.startBroker();
  }
  await arrived(central, 'on', sent);
  const read = await readAll(central.kafka, 'on');
  for (const partition of [0, 1]) {
    const values = read.filter((one) => one.partition === partition).map(({ value }) => Number(value));
    expect(values).toEqual(Array.from({ length: sent / 2 }, (_, i) => 2 * i + partition));
  }
}, 40_000);

it('goes on when its owner cannot be asked for at first after it was fenced', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await Promise.all([lab.site('edge-1'), lab.site('central')]);
  await edge.create('on');
  const relay = await lab.relay(central, [edge]);
  edge.send('on', text('1'));
  await arrived(central, 'on', 1);
  const action = { kind: 'error', error: 'UNKNOWN_SERVER_ERROR' } as const;
  central.faults().add({ api: 'ListOffsets', client: 'dds-relay-*', topic: 'dds.relay.*', times: 1, action });
  // What the coordinator does with a transaction that was open for too long.
  const fencing = central.kafka.producer({ transactionalId: 'dds.relay.central.relay.edge-1' });
  await fencing.start();
  await fencing.close();
  edge.send('on', text('2'));
  await Promise.race([arrived(central, 'on', 2), relay.ended]);
  expect(central.faults().list()).toMatchObject([{ hits: 1 }]);
  expect(await valuesOf(central, 'on')).toEqual(['1', '2']);
});

describe.each<DeliveryMode>(['exactly-once', 'at-least-once'])('%s', (delivery) => {
  it('takes records in both directions between two sites, and none back', async () => {
    await using lab = new RelayLab();
    const [one, two] = await Promise.all([lab.site('one'), lab.site('two')]);
    for (const site of [one, two]) await site.create('both');
    const there = await lab.relay(two, [one], { delivery });
    const back = await lab.relay(one, [two], { delivery });
    one.send('both', text('of one'));
    two.send('both', text('of two'));
    await Promise.all([arrived(one, 'both', 2), arrived(two, 'both', 2)]);
    await eventually('all seen', () =>
      [there.source('one'), back.source('two')].every((s) => s.lagRecords === 0),
    );
    for (const site of [one, two])
      expect((await valuesOf(site, 'both')).sort()).toEqual(['of one', 'of two']);
    expect(await there.metrics.metrics()).toContain(
      'dds_relay_looped_records_total{source="one",topic="both",partition="0"} 1',
    );
  });

  it('goes round a ring of three once', async () => {
    await using lab = new RelayLab();
    const sites = await Promise.all(['a', 'b', 'c'].map((name) => lab.site(name)));
    for (const site of sites) await site.create('ring');
    const relays = await Promise.all(
      sites.map(async (site, i) => {
        const source = sites[(i + 2) % 3]!;
        const relay = await lab.relay(site, [source], { delivery });
        return () => relay.source(source.name).lagRecords === 0;
      }),
    );
    for (const site of sites) site.send('ring', text(`of ${site.name}`));
    await Promise.all(sites.map((site) => arrived(site, 'ring', 3)));
    await eventually('all seen', () => relays.every((isDone) => isDone()));
    for (const site of sites) expect((await valuesOf(site, 'ring')).sort()).toEqual(['of a', 'of b', 'of c']);
    const far = (await readAll(sites[2]!.kafka, 'ring')).find(({ value }) => value!.toString() === 'of a');
    expect(far!.headers['dds-route']!.toString()).toBe('a,b');
    expect(far!.headers['dds-site']!.toString()).toBe('a');
  });

  it('puts what the target refuses and what has no schema into the dead-letter topic, once, and goes on', async () => {
    await using lab = new RelayLab();
    const [edge, central] = await Promise.all([lab.site('edge-1'), lab.site('central')]);
    await edge.create('big', 2);
    await central.create('big', 2, { 'max.message.bytes': '2000' });
    const schema = thesisSchema('DeviceRegistration');
    const odd = encodeWire(77, avroType(schema), { name: 'n', description: '', location: '' });
    for (let i = 0; i < 20; i++)
      edge.send('big', i === 17 ? odd : text(i === 3 || i === 13 ? 'x'.repeat(5000) : String(i)));
    edge.send('big', text('beside'), { partition: 1 });
    const relay = await lab.relay(central, [edge], { onError: 'dead-letter', delivery });
    await arrived(central, 'big', 18);
    await arrived(central, 'big.dead-letter', 3);
    await eventually('no lag', () => relay.source('edge-1').lagRecords === 0);
    expect(relay.source('edge-1')).toMatchObject({ held: [], deadLetters: 3, relayedRecords: 18 });
    const wanted = Array.from({ length: 20 }, (_, i) => String(i)).filter(
      (i) => !['3', '13', '17'].includes(i),
    );
    const values = (await readAll(central.kafka, 'big')).filter(({ partition }) => partition === 0);
    expect(values.map(({ value }) => value!.toString())).toEqual(wanted);
    const letters = await readAll(central.kafka, 'big.dead-letter');
    const header = (name: string) =>
      letters.map(({ headers }) => headers[`dds-dead-letter-${name}`]!.toString());
    expect(header('offset')).toEqual(['3', '13', '17']);
    expect(header('reason')).toEqual([
      expect.stringMatching(/^record-rejected: .*MESSAGE_TOO_LARGE/),
      expect.stringMatching(/^record-rejected: .*MESSAGE_TOO_LARGE/),
      expect.stringMatching(/^schema-unknown: /),
    ]);
    expect(letters[0]!.value).toHaveLength(5000);
    expect(letters[2]!.value).toEqual(odd);
    expect(await relay.metrics.metrics()).toContain(
      'dds_relay_dead_letters_total{source="edge-1",topic="big",partition="0"} 3',
    );
  });

  it('names topics and subjects at the target as it is told', async () => {
    await using lab = new RelayLab();
    const [one, two, central] = await Promise.all(
      ['edge-1', 'edge-2', 'central'].map((name) => lab.site(name)),
    );
    const schema = thesisSchema('DeviceRegistration');
    for (const site of [one!, two!]) {
      const id = await site.registry.register('devices-value', schema);
      await site.create('devices');
      const device = { name: site.name, description: '', location: '' };
      site.send('devices', encodeWire(id, avroType(schema), device));
    }
    await one!.create('central.devices');
    await lab.relay(central!, [one!, two!], { names: '{site}.{topic}', delivery });
    for (const site of ['edge-1', 'edge-2']) {
      await arrived(central!, `${site}.devices`, 1);
      const [record] = await readAll(central!.kafka, `${site}.devices`);
      const id = await central!.registry.register(`${site}.devices-value`, schema);
      expect(record!.value!.readInt32BE(1)).toBe(id);
    }
    expect(await central!.registry.subjects()).toEqual(['edge-1.devices-value', 'edge-2.devices-value']);
    await eventually('the topic of the target is left out', () =>
      lab.log.some(({ fields }) => fields.topic === 'central.devices'),
    );
    const topics = (await central!.kafka.admin().listTopics()).map(({ name }) => name);
    expect(topics).not.toContain('edge-1.central.devices');
  });
});
