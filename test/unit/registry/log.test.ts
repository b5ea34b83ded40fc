import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../../src/runtime/registry/index.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { MemorySchemaLog, startRegistry } from '../../support/registry.ts';

describe('the log', () => {
  it("is in the format of Confluent's registry", async () => {
    await using registry = await startRegistry();
    const { call, log } = registry;
    await call('POST', '/subjects/e/versions', { schema: '{"type":"enum","name":"E","symbols":["A"]}' });
    await call('PUT', '/config/s', { compatibility: 'NONE' });
    const references = [{ name: 'E', subject: 'e', version: 1 }];
    await call('POST', '/subjects/s/versions', { schema: '["null","E"]', references });
    await call('POST', '/subjects/s/versions', { schema: '{}', schemaType: 'JSON' });
    await call('PUT', '/mode', { mode: 'READWRITE' });
    await call('DELETE', '/subjects/s/versions/2');
    await call('DELETE', '/subjects/s/versions/2?permanent=true');
    await call('DELETE', '/subjects/s');
    expect(log.records.map(({ key, value }) => `${key} ${value}`)).toEqual([
      '{"keytype":"SCHEMA","subject":"e","version":1,"magic":1} {"subject":"e","version":1,"id":1,"schema":"{\\"type\\":\\"enum\\",\\"name\\":\\"E\\",\\"symbols\\":[\\"A\\"]}","deleted":false}',
      '{"keytype":"CONFIG","subject":"s","magic":0} {"compatibilityLevel":"NONE"}',
      '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1} {"subject":"s","version":1,"id":2,"references":[{"name":"E","subject":"e","version":1}],"schema":"[\\"null\\",\\"E\\"]","deleted":false}',
      '{"keytype":"SCHEMA","subject":"s","version":2,"magic":1} {"subject":"s","version":2,"id":3,"schemaType":"JSON","schema":"{}","deleted":false}',
      '{"keytype":"MODE","subject":null,"magic":0} {"mode":"READWRITE"}',
      '{"keytype":"SCHEMA","subject":"s","version":2,"magic":1} {"subject":"s","version":2,"id":3,"schemaType":"JSON","schema":"{}","deleted":true}',
      '{"keytype":"SCHEMA","subject":"s","version":2,"magic":1} null',
      '{"keytype":"DELETE_SUBJECT","subject":"s","magic":0} {"subject":"s","version":1}',
      '{"keytype":"CONFIG","subject":"s","magic":0} null',
    ]);
  });

  it('restores everything, ids and what is deleted included', async () => {
    const log = new MemorySchemaLog();
    const paths = [
      '/schemas?deleted=true',
      '/subjects?deleted=true',
      '/subjects',
      '/config',
      '/config/a',
      '/mode/c',
      '/schemas/ids/2',
    ];
    const read = async (call: Awaited<ReturnType<typeof startRegistry>>['call']) =>
      Promise.all(paths.map(async (path) => (await call('GET', path)).body));
    let before: unknown[];
    {
      await using first = await startRegistry(log);
      for (const [subject, schema] of [
        ['a', '"int"'],
        ['b', '"string"'],
        ['a', '"long"'],
        ['c', '"string"'],
        ['c', '"bytes"'],
      ]) {
        await first.call('POST', `/subjects/${subject}/versions`, { schema });
      }
      await first.call('DELETE', '/subjects/b');
      await first.call('DELETE', '/subjects/c/versions/1');
      await first.call('PUT', '/config', { compatibility: 'FORWARD' });
      await first.call('PUT', '/config/a', { compatibility: 'NONE' });
      await first.call('PUT', '/mode/c', { mode: 'READONLY' });
      before = await read(first.call);
    }
    await using second = await startRegistry(log);
    expect(await read(second.call)).toEqual(before);
    expect((await second.call('POST', '/subjects/d/versions', { schema: '"float"' })).body).toEqual({
      id: 5,
    });
    expect((await second.call('POST', '/subjects/d/versions', { schema: '"float"' })).body).toEqual({
      id: 5,
    });
  });

  it('of a real registry can be read: unknown keys, more fields, and junk', async () => {
    const log = new MemorySchemaLog();
    log.records.push(
      { key: '{"keytype":"NOOP","magic":0}', value: null },
      { key: '{"keytype":"CONTEXT","tenant":"default","context":".","magic":0}', value: '{}' },
      { key: 'junk', value: 'junk' },
      {
        key: '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
        value: '{"subject":"s","version":1,"id":12,"md5":"x","schema":"\\"int\\"","deleted":false}',
      },
      {
        key: '{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}',
        value: '{"subject":"t","version":1,"id":13,"schema":"\\"long\\"","deleted":true}',
      },
      { key: '{"keytype":"CLEAR_SUBJECT","subject":"t","magic":0}', value: '{"subject":"t"}' },
    );
    await using registry = await startRegistry(log);
    expect((await registry.call('GET', '/schemas?deleted=true')).body).toEqual([
      { subject: 's', version: 1, id: 12, schema: '"int"' },
    ]);
    expect((await registry.call('POST', '/subjects/u/versions', { schema: '"bytes"' })).body).toEqual({
      id: 14,
    });
  });

  it.each(['before', 'after'] as const)(
    'that fails %s the write never leads to two schemas with one id',
    async (moment) => {
      await using registry = await startRegistry();
      const { call, log } = registry;
      log.failing = moment;
      expect(await call('POST', '/subjects/s/versions', { schema: '"int"' })).toMatchObject({
        status: 500,
        body: { error_code: 50001, message: expect.stringContaining('the log is gone') },
      });
      expect((await call('GET', '/subjects')).body).toEqual([]);
      log.failing = null;
      const other = (await call('POST', '/subjects/t/versions', { schema: '"string"' })).body as {
        id: number;
      };
      const again = (await call('POST', '/subjects/s/versions', { schema: '"int"' })).body as { id: number };
      expect(other.id).not.toBe(again.id);
      expect((await call('GET', '/subjects/s/versions')).body).toEqual([1]);
    },
  );
});

describe('the service', () => {
  it('says when its port is taken', async () => {
    await using first = await startRegistry();
    const { port } = first.registry;
    const second = createRegistry({
      kafka: new MemorySchemaLog(),
      host: '127.0.0.1',
      port,
      log: silentLogger,
    });
    await expect(second.start(new AbortController().signal)).rejects.toMatchObject({
      code: 'DDS_PORT_TAKEN',
      message: expect.stringContaining(String(port)),
    });
    await second.stop();
  });

  it('counts what it has, and can be stopped twice and before it started', async () => {
    await using registry = await startRegistry();
    await registry.call('POST', '/subjects/s/versions', { schema: '"int"' });
    expect(registry.registry.info()).toEqual({ url: registry.url, subjects: 1, schemas: 1, requests: 1 });
    await registry.registry.stop();
    await registry.registry.stop();
    await expect(fetch(registry.url)).rejects.toThrow();
    const never = createRegistry({
      kafka: new MemorySchemaLog(),
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
    await never.stop();
  });
});
