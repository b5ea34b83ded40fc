import { compressionNames, initProducerId, LOG_APPEND_TIME, produce } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';
import { batch, toPartition } from './records.ts';

/** Where the header's fields are that the script spoils. */
const at = { magic: 16, crc: 17 } as const;

/** Batches: taken, refused, and those of idempotent producers. */
export async function produceScript(session: Session): Promise<void> {
  const id = await session.topic('produce', 2);
  const name = session.name('produce');
  const two = batch(session, { values: ['a', 'b'] });
  await session.askInAll('produce: two records', produce, toPartition(name, id, two));
  await session.askInAll('produce: with acks 1', produce, toPartition(name, id, two, { acks: 1 }));
  await session.ask('produce: with acks 2', produce, toPartition(name, id, two, { acks: 2 }));
  for (const compression of compressionNames) {
    await session.ask(
      `produce: ${compression}`,
      produce,
      toPartition(name, id, batch(session, { values: ['a'.repeat(500), 'b'], compression })),
    );
  }
  await session.ask(
    'produce: to an unknown topic',
    produce,
    toPartition(session.name('unknown'), '11111111-2222-3333-4444-555555555555', two),
    { patient: false },
  );
  await session.ask('produce: to an unknown partition', produce, toPartition(name, id, two, { index: 9 }));
  await session.ask('produce: to partition -1', produce, toPartition(name, id, two, { index: -1 }));
  const byName = session
    .versions(produce)
    .filter((version) => version < 13)
    .at(-1);
  await session.ask(
    'produce: to an unknown topic by name',
    produce,
    toPartition(session.name('unknown'), id, two),
    { version: byName, patient: false },
  );
  await session.ask('produce: to an invalid name', produce, toPartition('a/b', id, two), { version: byName });
  await session.ask('produce: null for records', produce, toPartition(name, id, null));
  await session.ask('produce: no bytes for records', produce, toPartition(name, id, Buffer.alloc(0)));
  await session.ask(
    'produce: two batches at once',
    produce,
    toPartition(name, id, Buffer.concat([two, two])),
  );
  await session.ask('produce: with a wrong CRC', produce, toPartition(name, id, spoilt(two, at.crc, 1)));
  await session.ask('produce: cut off', produce, toPartition(name, id, two.subarray(0, -3)));
  await session.ask('produce: of magic 1', produce, toPartition(name, id, spoilt(two, at.magic, 3)));
  await session.ask('produce: of magic 3', produce, toPartition(name, id, spoilt(two, at.magic, 1)));
  await session.ask(
    'produce: an old producer',
    produce,
    toPartition(name, id, two, { transactionalId: 'nobody' }),
  );

  await session.topic('small', 1, { 'max.message.bytes': '200' });
  const smallId = await session.topicReady('small');
  await session.ask(
    'produce: larger than the topic takes',
    produce,
    toPartition(session.name('small'), smallId, batch(session, { values: ['x'.repeat(300)] })),
  );
  const compactId = await session.topic('compact', 1, { 'cleanup.policy': 'compact' });
  await session.ask(
    'produce: without a key to a compacted topic',
    produce,
    toPartition(session.name('compact'), compactId, batch(session, { values: ['v'], key: null })),
  );
  const appendedId = await session.topic('appended', 1, { 'message.timestamp.type': 'LogAppendTime' });
  await session.ask(
    'produce: to a topic with the time of the append',
    produce,
    toPartition(session.name('appended'), appendedId, two),
  );
  await session.ask(
    'produce: from ahead of the clock',
    produce,
    toPartition(name, id, batch(session, { values: ['v'], atMs: 2 * 3_600_000 })),
  );
  const strictId = await session.topic('strict', 1, { 'message.timestamp.before.max.ms': '1000' });
  await session.ask(
    'produce: from before what the topic takes',
    produce,
    toPartition(session.name('strict'), strictId, two),
  );
  const otherId = await session.topic('codec', 1, { 'compression.type': 'gzip' });
  await session.ask(
    'produce: to a topic with a codec of its own',
    produce,
    toPartition(session.name('codec'), otherId, two),
  );
  await session.ask(
    'produce: a batch that says it has the time of the append',
    produce,
    toPartition(name, id, batch(session, { values: ['v'], attributes: LOG_APPEND_TIME })),
  );

  const trailingId = await session.topic('trailing');
  await session.ask(
    'produce: bytes after the batch',
    produce,
    toPartition(session.name('trailing'), trailingId, Buffer.concat([two, Buffer.from([1, 2, 3])])),
  );
  const connection = await session.connect();
  for (const version of session.versions(produce).filter((one) => one >= 3)) {
    connection.notify(produce, toPartition(name, id, two, { acks: 0 }), { maxVersion: version });
    const answer = await connection.requestIn(produce, version, toPartition(name, id, two));
    session.keep('produce: after one with acks 0', produce, version, answer);
  }
  await idempotence(session, name, id);
}

async function idempotence(session: Session, name: string, id: string): Promise<void> {
  await session.askInAll('produce: ask for a producer id', initProducerId, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  const given = await session.ask('produce: a producer of its own', initProducerId, {
    transactionalId: null,
    transactionTimeoutMs: 60_000,
  });
  const { producerId, producerEpoch } = given!;
  const send = (what: string, baseSequence: number, rest: object = {}) =>
    session.ask(
      `produce: idempotent, ${what}`,
      produce,
      toPartition(
        name,
        id,
        batch(session, { values: ['a', 'b'], producerId, producerEpoch, baseSequence, ...rest }),
        { index: 1 },
      ),
    );
  await send('not from 0', 7, { producerId: producerId + 50_000 });
  await send('first', 0);
  await send('first again', 0);
  await send('next', 2);
  await send('with a gap', 10);
  for (let sequence = 4; sequence < 16; sequence += 2) await send(`goes on at ${sequence}`, sequence);
  await send('one of long ago', 0);
  await send('of the five last', 8);
  await send('the middle of one', 13);
  await send('of another epoch, not from 0', 5, { producerEpoch: producerEpoch + 1 });
  await send('of another epoch', 0, { producerEpoch: producerEpoch + 1 });
  await send('of the epoch before', 16);
  await send('of epoch -1', 0, { producerEpoch: -1 });
  await send('of a producer that nobody knows', 3, { producerId: producerId + 100_000 });
  await send('without a sequence', -1, { producerEpoch: producerEpoch + 1 });
  await session.ask(
    'produce: idempotent with acks 1',
    produce,
    toPartition(
      name,
      id,
      batch(session, { values: ['a'], producerId, producerEpoch: producerEpoch + 1, baseSequence: 2 }),
      { index: 1, acks: 1 },
    ),
  );
  const two = batch(session, {
    values: ['a'],
    producerId,
    producerEpoch: producerEpoch + 1,
    baseSequence: 3,
  });
  await session.ask(
    'produce: idempotent, two batches at once',
    produce,
    toPartition(name, id, Buffer.concat([two, two]), { index: 1 }),
  );
}

function spoilt(bytes: Buffer, offset: number, mask: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[offset] = copy[offset]! ^ mask;
  return copy;
}
