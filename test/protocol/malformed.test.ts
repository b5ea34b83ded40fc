import { expect, test } from 'vitest';
import { DdsError } from '../../src/errors/index.ts';
import {
  consumerGroupHeartbeat,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  fetch,
  joinGroup,
  metadata,
  produce,
} from '../../src/runtime/protocol/index.ts';
import { type AnyApi, apis, generate, randomFrom } from './generate.ts';

/** Decodes; whatever is thrown must be the error that says "malformed". */
function survives(api: AnyApi, frame: Buffer): boolean {
  try {
    decodeRequest(api, frame);
    return true;
  } catch (error) {
    if (error instanceof DdsError && error.code === 'DDS_PROTOCOL') return false;
    throw error;
  }
}

test('a frame that is cut off anywhere is malformed, at every API and version', () => {
  for (const api of apis) {
    for (let version = api.minVersion; version <= api.maxVersion; version++) {
      const random = randomFrom(api.key + version);
      const body = generate(api.request, version, api.isFlexible(version), random);
      const frame = Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'c' }, body));
      const payload = frame.subarray(4);
      for (let length = 0; length < Math.min(payload.length, 400); length++) {
        expect(survives(api, payload.subarray(0, length)), `${api.name} ${version} cut to ${length}`).toBe(
          false,
        );
      }
      expect(survives(api, Buffer.concat([payload, Buffer.from([0])])), 'bytes after a request').toBe(true);
    }
  }
});

test('bytes after an answer are malformed', () => {
  const frame = Buffer.concat([
    ...encodeResponse(metadata, 9, 1, { brokers: [], topics: [] }),
    Buffer.from([0]),
  ]);
  expect(() => decodeResponse(metadata, 9, frame.subarray(4))).toThrow('1 bytes after Metadata version 9');
});

test('bytes changed at random give a value or "malformed", never anything else', () => {
  const random = randomFrom(42);
  for (const api of apis) {
    const version = api.maxVersion;
    for (let round = 0; round < 200; round++) {
      const body = generate(api.request, version, api.isFlexible(version), random);
      const frame = Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'c' }, body));
      const payload = frame.subarray(4);
      for (let i = 0; i < 3; i++) {
        const at = 8 + Math.floor(random() * Math.max(0, payload.length - 8));
        if (at < payload.length) payload[at] = Math.floor(random() * 256);
      }
      survives(api, payload);
    }
  }
});

test.each([
  ['array', metadata, 1, '7fffffff'],
  ['compact array', metadata, 9, 'ffffffff07'],
  ['negative array', joinGroup, 0, '000161000003e8000161000161fffffffe'],
  ['varint without an end', metadata, 12, 'ffffffffffffff'],
] as const)('a length that lies (%s) allocates nothing', (_, api, version, hex) => {
  const header = Buffer.alloc(api.isFlexible(version) ? 11 : 10);
  header.writeInt16BE(api.key, 0);
  header.writeInt16BE(version, 2);
  header.writeInt16BE(-1, 8);
  const before = process.memoryUsage().arrayBuffers;
  expect(survives(api, Buffer.concat([header, Buffer.from(hex, 'hex')]))).toBe(false);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
});

test.each([
  ['of 32,768 bytes', Buffer.alloc(32_768, 'm'), '818002'],
  ['of bytes that are no UTF-8, which grow when they are read', Buffer.alloc(20_000, 0xff), 'a19c01'],
] as const)('a string that could not be written again is malformed: one %s', (_, bytes, lengthHex) => {
  const frameWith = (memberId: string) =>
    Buffer.concat(
      encodeRequest(consumerGroupHeartbeat, 1, { correlationId: 1, clientId: 'c' }, heartbeat(memberId)),
    ).subarray(4);
  const [short, at] = [frameWith('member'), frameWith('member').indexOf('member')];
  const length = Buffer.from(lengthHex, 'hex');
  const long = [short.subarray(0, at - 1), length, bytes, short.subarray(at + 'member'.length)];
  expect(survives(consumerGroupHeartbeat, short)).toBe(true);
  expect(survives(consumerGroupHeartbeat, Buffer.concat(long))).toBe(false);
  expect(survives(consumerGroupHeartbeat, frameWith('m'.repeat(32_767)))).toBe(true);
});

const heartbeat = (memberId: string) => ({
  ...{ groupId: 'g', memberId, memberEpoch: 0, rebalanceTimeoutMs: 1000 },
  ...{ subscribedTopicNames: ['t'], topicPartitions: [] },
});

test('a version that is not defined is refused', () => {
  for (const api of [produce, fetch]) {
    const frame = Buffer.alloc(20);
    frame.writeInt16BE(api.key, 0);
    frame.writeInt16BE(api.maxVersion + 1, 2);
    expect(survives(api, frame)).toBe(false);
  }
});
