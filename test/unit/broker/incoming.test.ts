import { expect, test } from 'vitest';
import { Incoming } from '../../../src/runtime/broker/incoming.ts';

/** With its length in front; every byte tells which request it is of. */
function request(id: number, bytes: number): Buffer {
  const framed = Buffer.alloc(4 + bytes, id);
  framed.writeInt32BE(bytes, 0);
  return framed;
}

/** As a socket gives it: memory of its own. */
function chunk(bytes: Buffer): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}

const sizes = [0, 1, 3, 200, 9_000, 5];
const stream = Buffer.concat(sizes.map((bytes, id) => request(id, bytes)));

test.each([1, 3, 4, 5, 4096, stream.length])('requests come whole out of chunks of %i bytes', (size) => {
  const incoming = new Incoming(100_000);
  const chunks: Buffer[] = [];
  const found: Buffer[] = [];
  for (let at = 0; at < stream.length; at += size) {
    chunks.push(chunk(stream.subarray(at, at + size)));
    incoming.add(chunks.at(-1)!);
    for (let next = incoming.next(); next; next = incoming.next()) found.push(Buffer.from(next));
  }
  expect(found.map(({ length }) => length)).toEqual(sizes);
  expect(found.every((bytes, id) => bytes.every((byte) => byte === id))).toBe(true);
  expect(incoming.length).toBe(0);
  // None waits for a garbage collection.
  expect(chunks.every(({ buffer }) => (buffer as ArrayBuffer).detached)).toBe(true);
});

test('requests that wait keep their order, however many come meanwhile', () => {
  const incoming = new Incoming(100_000);
  for (let round = 0; round < 20; round++) incoming.add(chunk(stream));
  for (let round = 0; round < 20; round++)
    for (const [id, bytes] of sizes.entries())
      expect(incoming.next()!.equals(request(id, bytes).subarray(4))).toBe(true);
  expect(incoming.next()).toBeNull();
});

test.each([-1, 100_001])('a request of %i bytes is refused', (bytes) => {
  const incoming = new Incoming(100_000);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes);
  incoming.add(chunk(length));
  expect(() => incoming.next()).toThrow(`a request of ${bytes} bytes, socket.request.max.bytes is 100000`);
});

test("memory that is shared with others stays when it's given back", () => {
  const incoming = new Incoming(100_000);
  const pool = Buffer.concat([request(1, 10), Buffer.from('of others')]);
  const shared = pool.subarray(0, 14);
  incoming.add(shared);
  expect(incoming.next()!.length).toBe(10);
  expect(incoming.next()).toBeNull();
  expect(pool.subarray(14).toString()).toBe('of others');
});
