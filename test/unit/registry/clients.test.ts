import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COMPATIBILITY, readAVSCAsync, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { describe, expect, it } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { createRegistry } from '../../../src/runtime/registry/index.ts';
import { AvroDecoder, createRegistryClient, thesisSchemaPath } from '../../../src/runtime/serde/index.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { startBroker } from '../../support/broker.ts';
import { startRegistry } from '../../support/registry.ts';

const run = promisify(execFile);
const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

async function registryOn(brokers: string[]) {
  const registry = createRegistry({
    kafka: { brokers, clientId: 'test-registry' },
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
  });
  await registry.start(new AbortController().signal).catch(async (error: unknown) => {
    await registry.stop();
    throw error;
  });
  return { url: registry.url, registry, [Symbol.asyncDispose]: () => registry.stop() };
}

describe('on a broker', () => {
  it('keeps its state in the topic _schemas over restarts of the registry and of the broker', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'dds-registry-'));
    try {
      {
        await using broker = await startBroker({ dataDir });
        {
          await using registry = await registryOn(broker.brokers);
          const client = createRegistryClient(registry.url);
          expect(await client.register('a', '"int"')).toBe(1);
          expect(await client.register('b', '"string"')).toBe(2);
        }
        await using again = await registryOn(broker.brokers);
        const client = createRegistryClient(again.url);
        expect(await client.subjects()).toEqual(['a', 'b']);
        expect(await client.register('c', '"long"')).toBe(3);
      }
      await using broker = await startBroker({ dataDir });
      await using registry = await registryOn(broker.brokers);
      const client = createRegistryClient(registry.url);
      expect(await client.schemaById(3)).toMatchObject({ schema: '"long"' });
      expect(await client.register('d', '"int"')).toBe(1);
      expect(await client.register('d', '"bytes"').catch((error: { code: string }) => error.code)).toBe(
        'DDS_REGISTRY',
      );
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('makes the topic as a registry needs it, and answers reads while the broker is away', async () => {
    await using broker = await startBroker();
    await using registry = await registryOn(broker.brokers);
    const kafka = createKafka({ brokers: broker.brokers, clientId: 'test' });
    const [topic] = await kafka.admin().describeTopics(['_schemas']);
    const configs = await kafka.admin().topicConfigs('_schemas');
    await kafka.close();
    expect(topic?.partitions).toHaveLength(1);
    expect(configs['cleanup.policy']).toBe('compact');
    const client = createRegistryClient(registry.url, { retryDelaysMs: [] });
    expect(await client.register('a', '"int"')).toBe(1);
    await broker.broker.stop();
    expect(await client.latest('a')).toMatchObject({ id: 1, version: 1, schema: '"int"' });
  });

  it('refuses writes while the broker is away, and goes on with ids of their own when it is back', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'dds-registry-'));
    try {
      const first = await startBroker({ dataDir });
      const port = Object.values(first.broker.ports)[0]!;
      await using registry = await registryOn(first.brokers);
      const client = createRegistryClient(registry.url, { retryDelaysMs: [], timeoutMs: 15_000 });
      try {
        expect(await client.register('a', '"int"')).toBe(1);
        const large = JSON.stringify({ type: 'enum', name: 'E', doc: 'x'.repeat(2_000_000), symbols: ['A'] });
        await expect(client.register('a', large)).rejects.toMatchObject({ details: { errorCode: 409 } });
        await expect(client.register('b', large)).rejects.toMatchObject({ details: { errorCode: 42209 } });
      } finally {
        await first.broker.stop();
      }
      await expect(client.register('b', '"long"')).rejects.toMatchObject({ details: { errorCode: 50001 } });
      await using _again = await startBroker({
        dataDir,
        listeners: [{ name: 'local', host: '127.0.0.1', port }],
      });
      const ids = [await client.register('c', '"string"'), await client.register('b', '"long"')];
      expect(new Set([1, ...ids]).size).toBe(3);
      expect(await client.subjects()).toEqual(['a', 'b', 'c']);
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('says that the broker cannot be reached', async () => {
    const broker = await startBroker();
    await broker.broker.stop();
    await expect(registryOn(broker.brokers)).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  });
});

describe('@kafkajs/confluent-schema-registry', () => {
  it('registers, encodes, decodes, and meets our serde in the middle', async () => {
    await using registry = await startRegistry();
    const client = new SchemaRegistry({ host: registry.url });
    const schema = await readAVSCAsync(thesisSchemaPath('TemperatureData').pathname);
    const subject = 'temperature-data-value';
    const { id } = await client.register(
      { type: SchemaType.AVRO, schema: JSON.stringify(schema) },
      { subject, compatibility: COMPATIBILITY.FULL },
    );
    const value = { sensor_id: 's1', timestamp: 1_700_000_000_000, temperature: 21.5, unit: 'C' };
    const bytes = await client.encode(id, value);
    expect({ ...(await client.decode(bytes)) }).toEqual(value);
    expect(await client.getLatestSchemaId(subject)).toBe(id);
    expect(await client.getRegistryId(subject, 1)).toBe(id);
    expect(
      await client.getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema: JSON.stringify(schema) }),
    ).toBe(id);
    const decoded = await new AvroDecoder(createRegistryClient(registry.url)).decode(bytes);
    expect(decoded).toEqual({ id, value, error: null });
    const incompatible = { ...(schema as object), fields: [{ name: 'x', type: 'int' }] };
    await expect(
      client.register(
        { type: SchemaType.AVRO, schema: JSON.stringify(incompatible) },
        { subject, compatibility: COMPATIBILITY.FULL },
      ),
    ).rejects.toThrow(/incompatible with an earlier schema/);
  });
});

describe.skipIf(!hasCurl)('curl', () => {
  it('gets along, headers and all', async () => {
    await using registry = await startRegistry();
    const curl = async (...args: string[]) =>
      (await run('curl', ['-sS', '-i', ...args])).stdout.replaceAll('\r', '');
    const type = 'Content-Type: application/vnd.schemaregistry.v1+json';
    const body = JSON.stringify({ schema: JSON.stringify({ type: 'string' }) });
    const posted = await curl(
      '-X',
      'POST',
      '-H',
      type,
      '--data',
      body,
      `${registry.url}/subjects/kafka-key/versions`,
    );
    expect(posted).toMatch(
      /^HTTP\/1.1 200 OK\n[\s\S]*content-type: application\/vnd\.schemaregistry\.v1\+json\n/i,
    );
    expect(posted).toMatch(/\n\n\{"id":1\}$/);
    expect(await curl(`${registry.url}/subjects`)).toMatch(/\n\n\["kafka-key"\]$/);
    expect(await curl('-X', 'DELETE', `${registry.url}/subjects/kafka-key`)).toMatch(/\n\n\[1\]$/);
    expect(await curl('-I', `${registry.url}/subjects`)).toMatch(/^HTTP\/1.1 200 OK/);
    const missing = await curl(`${registry.url}/subjects/x/versions`);
    expect(missing).toMatch(/^HTTP\/1.1 404 /);
    expect(missing).toMatch(/\n\n\{"error_code":40401,"message":"Subject 'x' not found\."\}$/);
  });
});
