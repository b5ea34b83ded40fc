import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  AvroDecoder,
  avroType,
  createRegistryClient,
  encodeWire,
  toPlainJson,
} from '../../../src/runtime/serde/index.ts';
import { MemorySchemaLog, startRegistry } from '../../support/registry.ts';

const quick = { retryDelaysMs: [0, 0] };
const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'R', fields });

describe('registry client', () => {
  it('registers, looks up, and asks for what never changes only once', async () => {
    await using registry = await startRegistry();
    const client = createRegistryClient(`${registry.url}/`);
    expect(client.url).toBe(registry.url);
    expect(await client.latest('s')).toBeNull();
    expect(await client.register('s', '"int"')).toBe(1);
    expect(await client.latest('s')).toEqual({
      subject: 's',
      version: 1,
      id: 1,
      schema: '"int"',
      schemaType: 'AVRO',
      references: [],
    });
    expect(await client.version('s', 2)).toBeNull();
    expect(await client.subjects()).toEqual(['s']);
    expect(await client.versionsOf(1)).toEqual([{ subject: 's', version: 1 }]);
    const before = registry.registry.info().requests;
    const [a, b] = await Promise.all([client.schemaById(1), client.schemaById(1)]);
    expect(a).toEqual({ id: 1, schema: '"int"', schemaType: 'AVRO', references: [] });
    expect(b).toBe(a);
    expect(await client.register('s', '"int"')).toBe(1);
    expect(registry.registry.info().requests).toBe(before + 1);
    expect(await client.schemaById(2)).toBeNull();
    await client.register('t', '"long"');
    expect(await client.schemaById(2)).toMatchObject({ schema: '"long"' });
  });

  it("passes on the registry's own words", async () => {
    await using registry = await startRegistry();
    const client = createRegistryClient(registry.url, quick);
    await client.register('s', record({ name: 'a', type: 'int' }));
    await expect(client.register('s', record({ name: 'b', type: 'int' }))).rejects.toMatchObject({
      code: 'DDS_REGISTRY',
      message: expect.stringMatching(
        /refused POST \/subjects\/s\/versions: .*READER_FIELD_MISSING_DEFAULT_VALUE.*\(error 409\)$/,
      ),
      details: { status: 409, errorCode: 409 },
    });
  });

  it('says when nobody answers, and asks again when somebody does', async () => {
    const log = new MemorySchemaLog();
    const gone = await startRegistry(log);
    const client = createRegistryClient(gone.url, quick);
    await client.register('s', '"int"');
    await gone.registry.stop();
    await expect(client.schemaById(1)).rejects.toMatchObject({
      code: 'DDS_REGISTRY_UNREACHABLE',
      message: expect.stringContaining(gone.url),
    });
    await expect(client.subjects()).rejects.toMatchObject({ code: 'DDS_REGISTRY_UNREACHABLE' });
    expect(await client.register('s', '"int"')).toBe(1);
  });

  it('retries a server error, sends user and password, and tells a foreign server from a registry', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.statusCode = seen.length === 1 ? 503 : request.url === '/reg/subjects' ? 200 : 404;
      response.end(request.url === '/reg/subjects' ? '["s"]' : '<html>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const client = createRegistryClient(`http://me:p%40ss@127.0.0.1:${port}/reg`, quick);
      expect(client.url).toBe(`http://127.0.0.1:${port}/reg`);
      expect(await client.subjects()).toEqual(['s']);
      expect(seen).toEqual(Array(2).fill(`Basic ${Buffer.from('me:p@ss').toString('base64')}`));
      await expect(client.latest('x')).rejects.toMatchObject({
        code: 'DDS_REGISTRY',
        message: expect.stringContaining('HTTP status 404'),
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('waits until the registry is there, or until it is told to stop', async () => {
    const log = new MemorySchemaLog();
    const first = await startRegistry(log);
    const client = createRegistryClient(first.url, quick);
    await client.waitReady(AbortSignal.timeout(5000));
    await first.registry.stop();
    await expect(client.waitReady(AbortSignal.timeout(120))).rejects.toThrow();
    expect(() => createRegistryClient('127.0.0.1:8081')).toThrow(/not the URL/);
    expect(() => createRegistryClient('ftp://me:secret@h')).toThrow('ftp://…@h is not the URL');
  });
});

describe('decoder', () => {
  it('reads each value with the schema it was written with, synchronously once it has it', async () => {
    await using registry = await startRegistry();
    const client = createRegistryClient(registry.url, quick);
    const old = record({ name: 'a', type: 'int' });
    const newer = record(
      { name: 'b', type: 'string', default: 'x' },
      { name: 'a', type: 'int' },
      { name: 'l', type: 'long', default: 0 },
    );
    const oldBytes = encodeWire(await client.register('s', old), avroType(old), { a: 1 });
    const newBytes = encodeWire(await client.register('s', newer), avroType(newer), {
      a: 2,
      b: 'new',
      l: 2n ** 60n,
    });
    const decoder = new AvroDecoder(client);
    expect(await decoder.decode(oldBytes)).toEqual({ id: 1, value: { a: 1 }, error: null });
    expect(await decoder.decode(newBytes)).toEqual({
      id: 2,
      value: { a: 2, b: 'new', l: 2n ** 60n },
      error: null,
    });
    const again = decoder.decode(newBytes);
    expect(again).not.toBeInstanceOf(Promise);
    expect(toPlainJson((again as { value: unknown }).value)).toEqual({
      b: 'new',
      a: 2,
      l: '1152921504606846976',
    });
    expect(decoder.cached(2)?.registered?.schema).toBe(newer);
    // The reader of the old version gets on with what the newer wrote.
    const reader = avroType(old);
    const projected = reader.fromBuffer(newBytes.subarray(5), reader.createResolver(avroType(newer)));
    expect({ ...projected }).toEqual({ a: 2 });
  });

  it('fetches references, and asks once for many values', async () => {
    await using registry = await startRegistry();
    const client = createRegistryClient(registry.url, quick);
    const unit = '{"type":"enum","name":"n.Unit","symbols":["C","F"]}';
    const point = '{"type":"record","name":"n.Point","fields":[{"name":"u","type":"n.Unit"}]}';
    const series = '{"type":"array","items":"n.Point"}';
    await client.register('unit', unit);
    await client.register('point', point, [{ name: 'n.Unit', subject: 'unit', version: 1 }]);
    const id = await client.register('series', series, [{ name: 'n.Point', subject: 'point', version: 1 }]);
    const bytes = encodeWire(id, avroType(series, [unit, point]), [{ u: 'F' }]);
    const decoder = new AvroDecoder(client);
    const before = registry.registry.info().requests;
    const results = await Promise.all(Array.from({ length: 50 }, () => decoder.decode(bytes)));
    for (const result of results) expect(toPlainJson(result.value)).toEqual([{ u: 'F' }]);
    expect(registry.registry.info().requests).toBe(before + 3);
  });

  it('says why a value cannot be decoded', async () => {
    await using registry = await startRegistry();
    const client = createRegistryClient(registry.url, quick);
    await client.register('s', '{"type":"enum","name":"E","symbols":["A"]}');
    await client.register('j', '{"type":"object"}', [], 'JSON');
    const decoder = new AvroDecoder(client);
    const why = async (hex: string | null) =>
      (await decoder.decode(hex === null ? null : Buffer.from(hex, 'hex'))).error;
    expect(await why(null)).toBe('no value');
    expect(await why('')).toBe('not in the wire format: only 0 bytes');
    expect(await why('7b2261223a317d')).toBe('not in the wire format: starts with 0x7b, not 0x00');
    expect(await why('000000000900')).toBe('schema id 9 is not registered');
    expect(await why('000000000200')).toBe('schema id 2 is of type JSON, not Avro');
    expect(await why('0000000001')).toBe('the value ends too early for schema id 1');
    expect(await why('00000000010000')).toBe('1 bytes are left over after the value of schema id 1');
    expect(await why('000000000104')).toMatch(/^not a value of schema id 1: /);
    expect(await why('000000000100')).toBeNull();
  });

  it('rejects, and keeps nothing, while the registry is away; an unknown id is asked for again after a while', async () => {
    const log = new MemorySchemaLog();
    await using registry = await startRegistry(log);
    const client = createRegistryClient(registry.url, quick);
    let now = 0;
    const clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
    const decoder = new AvroDecoder(client, clock);
    const bytes = Buffer.from('00000000010a', 'hex');
    expect((await decoder.decode(bytes)).error).toBe('schema id 1 is not registered');
    await client.register('s', '"int"');
    expect((await decoder.decode(bytes)).error).toBe('schema id 1 is not registered');
    now = 2001;
    expect(await decoder.decode(bytes)).toEqual({ id: 1, value: 5, error: null });
    const other = new AvroDecoder(createRegistryClient('http://127.0.0.1:1', quick));
    await expect(other.decode(bytes)).rejects.toMatchObject({ code: 'DDS_REGISTRY_UNREACHABLE' });
  });
});
