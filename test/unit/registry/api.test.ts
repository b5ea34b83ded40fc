import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';

const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'R', fields });
const a = { name: 'a', type: 'string' };
const b = { name: 'b', type: 'int', default: 0 };
const c = { name: 'c', type: 'long' };

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(() => registry[Symbol.asyncDispose]());

const get = async (path: string) => (await registry.call('GET', path)).body;
const post = (path: string, body: unknown) => registry.call('POST', path, body);
const register = async (subject: string, schema: string, more: object = {}) =>
  (await post(`/subjects/${subject}/versions`, { schema, ...more })).body;
const error = (code: number, message: string | RegExp) => ({
  status: code < 1000 ? code : Math.trunc(code / 100),
  body: { error_code: code, message: typeof message === 'string' ? message : expect.stringMatching(message) },
});

describe('registration', () => {
  it('gives one id to one text over all subjects, whatever its white space, and numbers versions per subject', async () => {
    expect(await register('s', record(a))).toEqual({ id: 1 });
    expect(await register('s', record(a, b))).toEqual({ id: 2 });
    expect(await register('t', JSON.stringify(JSON.parse(record(a, b)), null, 2))).toEqual({ id: 2 });
    expect(await register('s', record(a))).toEqual({ id: 1 });
    expect(await get('/subjects')).toEqual(['s', 't']);
    expect(await get('/subjects/s/versions')).toEqual([1, 2]);
    expect(await get('/subjects/s/versions/2')).toEqual({
      subject: 's',
      version: 2,
      id: 2,
      schema: record(a, b),
    });
    expect(await get('/subjects/s/versions/latest')).toMatchObject({ version: 2 });
    expect(await get('/subjects/s/versions/-1')).toMatchObject({ version: 2 });
    expect(await get('/subjects/t/versions/1/schema')).toEqual(JSON.parse(record(a, b)));
    expect(await get('/schemas/ids/2')).toEqual({ schema: record(a, b) });
    expect(await get('/schemas/ids/2?fetchMaxId=true')).toEqual({ schema: record(a, b), maxId: 2 });
    expect(await get('/schemas/ids/2/schema')).toEqual(JSON.parse(record(a, b)));
    expect(await get('/schemas/ids/2/subjects')).toEqual(['s', 't']);
    expect(await get('/schemas/ids/2/versions')).toEqual([
      { subject: 's', version: 2 },
      { subject: 't', version: 1 },
    ]);
  });

  it('gives different ids to concurrent registrations of different schemas, and one to the same', async () => {
    const schemas = ['"int"', '"long"', '"string"', '"bytes"', '"double"'];
    const ids = await Promise.all(
      [...schemas, ...schemas].map(
        async (schema, i) => ((await register(`s${i}`, schema)) as { id: number }).id,
      ),
    );
    expect(new Set(ids)).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(ids.slice(0, 5)).toEqual(ids.slice(5));
  });

  it('prints primitives bare, as Avro does', async () => {
    await register('s', '{"type": "string"}');
    expect(await get('/schemas/ids/1')).toEqual({ schema: '"string"' });
  });

  it('takes subjects with any printable character', async () => {
    const subject = encodeURIComponent('a/b c?ü%-value');
    await register(subject, '"int"');
    expect(await get('/subjects')).toEqual(['a/b c?ü%-value']);
    expect(await get(`/subjects/${subject}/versions/1`)).toMatchObject({ subject: 'a/b c?ü%-value' });
  });

  it('refuses what is no schema, and no subject', async () => {
    const versions = '/subjects/s/versions';
    expect(await post(versions, { schema: '"strin"' })).toMatchObject(
      error(42201, /"strin" is not a defined name/),
    );
    expect(await post(versions, { schema: '{"type":' })).toMatchObject(error(42201, /not JSON/));
    expect(await post(versions, { schema: '' })).toMatchObject(error(42201, 'Empty schema'));
    expect(await post(versions, {})).toMatchObject(error(42201, 'Empty schema'));
    expect(await post(versions, { schema: '"int"', schemaType: 'XML' })).toMatchObject(error(42201, /XML/));
    expect(await post(versions, [])).toMatchObject(error(422, /JSON object/));
    expect(await post('/subjects/__GLOBAL/versions', { schema: '"int"' })).toMatchObject(
      error(42208, /reserved/),
    );
    expect(await post('/subjects/:.ctx:s/versions', { schema: '"int"' })).toMatchObject(
      error(42208, /contexts/),
    );
    expect(await get('/subjects')).toEqual([]);
  });

  it('normalizes when asked to', async () => {
    const one =
      '{"type":"record","name":"R","namespace":"n","doc":"","fields":[{"name":"f","type":{"type":"int","b":1,"a":2}}]}';
    const two =
      '{"type":"record","name":"n.R","fields":[{"name":"f","type":{"a":2,"b":1,"type":"int"},"order":"ascending"}]}';
    const ids = async (query: string, subject: string) => [
      (await post(`/subjects/${subject}/versions${query}`, { schema: one })).body,
      (await post(`/subjects/${subject}/versions${query}`, { schema: two })).body,
    ];
    const [first, second] = await ids('?normalize=true', 's');
    expect(first).toEqual(second);
    const [third, fourth] = await ids('', 't');
    expect(third).not.toEqual(fourth);
    expect((await post('/subjects/s?normalize=true', { schema: two })).status).toBe(200);
    expect((await post('/subjects/s', { schema: two })).body).toMatchObject({ error_code: 40403 });
  });
});

describe('lookup', () => {
  it('finds the version with the schema', async () => {
    await register('s', record(a));
    await register('s', record(a, b));
    expect((await post('/subjects/s', { schema: record(a) })).body).toEqual({
      subject: 's',
      version: 1,
      id: 1,
      schema: record(a),
    });
    expect(await post('/subjects/s', { schema: record(c) })).toMatchObject(error(40403, 'Schema not found'));
    expect(await post('/subjects/t', { schema: record(a) })).toMatchObject(
      error(40401, "Subject 't' not found."),
    );
    expect(await post('/subjects/s', { schema: '{' })).toMatchObject(error(42201, /Invalid schema/));
  });

  it('says what is missing', async () => {
    await register('s', record(a));
    const of = (path: string) => registry.call('GET', path);
    expect(await of('/subjects/x/versions')).toMatchObject(error(40401, "Subject 'x' not found."));
    expect(await of('/subjects/x/versions/1')).toMatchObject(error(40401, "Subject 'x' not found."));
    expect(await of('/subjects/s/versions/2')).toMatchObject(error(40402, 'Version 2 not found.'));
    for (const bad of ['0', 'abc', '-2', '2147483648']) {
      expect(await of(`/subjects/s/versions/${bad}`)).toMatchObject(error(42202, new RegExp(`'${bad}'`)));
    }
    expect(await of('/schemas/ids/9')).toMatchObject(error(40403, 'Schema 9 not found'));
    expect(await of('/schemas/ids/9/versions')).toMatchObject(error(40403, 'Schema 9 not found'));
    expect(await of('/schemas/ids/x')).toMatchObject(error(404, 'HTTP 404 Not Found'));
  });

  it('lists all schemas', async () => {
    await register('s1', record(a));
    await register('s1', record(a, b));
    await register('t1', '"int"');
    const names = async (query: string) =>
      ((await get(`/schemas${query}`)) as { subject: string; version: number }[]).map(
        (s) => `${s.subject}/${s.version}`,
      );
    expect(await names('')).toEqual(['s1/1', 's1/2', 't1/1']);
    expect(await names('?latestOnly=true')).toEqual(['s1/2', 't1/1']);
    expect(await names('?subjectPrefix=t')).toEqual(['t1/1']);
    expect(await names('?offset=1&limit=1')).toEqual(['s1/2']);
    expect(await get('/subjects?subjectPrefix=s')).toEqual(['s1']);
    expect(await get('/schemas/types')).toEqual(['JSON', 'PROTOBUF', 'AVRO']);
    expect(await get('/contexts')).toEqual(['.']);
    expect(await get('/')).toEqual({});
  });
});

describe('deletion', () => {
  const remove = (path: string) => registry.call('DELETE', path);

  it('of a version is soft first, then permanent', async () => {
    await register('s', record(a));
    await register('s', record(a, b));
    expect(await remove('/subjects/s/versions/1?permanent=true')).toMatchObject(
      error(40407, /Version 1 was not deleted/),
    );
    expect(await remove('/subjects/s/versions/1')).toMatchObject({ status: 200, body: 1 });
    expect(await remove('/subjects/s/versions/1')).toMatchObject(error(40406, /Version 1 was soft deleted/));
    expect(await get('/subjects/s/versions')).toEqual([2]);
    expect(await get('/subjects/s/versions?deleted=true')).toEqual([1, 2]);
    expect(await get('/subjects/s/versions?deletedOnly=true')).toEqual([1]);
    expect(await registry.call('GET', '/subjects/s/versions/1')).toMatchObject(
      error(40402, 'Version 1 not found.'),
    );
    expect(await get('/subjects/s/versions/1?deleted=true')).toMatchObject({ id: 1 });
    expect(await get('/schemas/ids/1')).toEqual({ schema: record(a) });
    expect(await get('/schemas/ids/1/subjects')).toEqual([]);
    expect(await get('/schemas/ids/1/subjects?deleted=true')).toEqual(['s']);
    expect((await post('/subjects/s', { schema: record(a) })).body).toMatchObject({ error_code: 40403 });
    expect((await post('/subjects/s?deleted=true', { schema: record(a) })).body).toMatchObject({
      version: 1,
    });
    expect(await remove('/subjects/s/versions/1?permanent=true')).toMatchObject({ status: 200, body: 1 });
    expect(await registry.call('GET', '/schemas/ids/1')).toMatchObject(error(40403, 'Schema 1 not found'));
    expect(await remove('/subjects/s/versions/latest')).toMatchObject({ status: 200, body: 2 });
    expect(await remove('/subjects/s/versions/7')).toMatchObject(error(40402, 'Version 7 not found.'));
    expect(await remove('/subjects/x/versions/1')).toMatchObject(error(40401, "Subject 'x' not found."));
    expect(await remove('/subjects/s/versions/x')).toMatchObject(error(42202, /'x'/));
  });

  it('of a subject is soft first, then permanent, and takes its settings along', async () => {
    await register('s', record(a));
    await register('s', record(a, b));
    await registry.call('PUT', '/config/s', { compatibility: 'FULL' });
    expect(await remove('/subjects/s?permanent=true')).toMatchObject(error(40405, /was not deleted first/));
    expect(await remove('/subjects/s')).toMatchObject({ status: 200, body: [1, 2] });
    expect(await remove('/subjects/s')).toMatchObject(error(40404, /was soft deleted/));
    expect(await get('/subjects')).toEqual([]);
    expect(await get('/subjects?deleted=true')).toEqual(['s']);
    expect(await get('/subjects?deletedOnly=true')).toEqual(['s']);
    expect(await registry.call('GET', '/config/s')).toMatchObject(
      error(40408, /does not have subject-level/),
    );
    expect(await remove('/subjects/s?permanent=true')).toMatchObject({ status: 200, body: [1, 2] });
    expect(await get('/subjects?deleted=true')).toEqual([]);
    expect(await remove('/subjects/s')).toMatchObject(error(40401, "Subject 's' not found."));
  });

  it('does not stop a schema from coming back: same id, next version', async () => {
    await register('s', record(a));
    await remove('/subjects/s');
    expect(await register('s', record(a))).toEqual({ id: 1 });
    expect(await get('/subjects/s/versions')).toEqual([2]);
    // What was deleted does not count for compatibility.
    await remove('/subjects/s');
    expect(await register('s', '"int"')).toEqual({ id: 2 });
  });

  it('is refused while another schema refers to it', async () => {
    await register('inner', JSON.stringify({ type: 'enum', name: 'n.E', symbols: ['X'] }));
    const references = [{ name: 'n.E', subject: 'inner', version: 1 }];
    await register('outer', record({ name: 'e', type: 'n.E' }), { references });
    const refused = error(42206, /One or more references exist to the schema .*subject=inner,version=1/);
    expect(await remove('/subjects/inner/versions/1')).toMatchObject(refused);
    expect(await remove('/subjects/inner')).toMatchObject(refused);
    expect(await get('/subjects/inner/versions/1/referencedby')).toEqual([2]);
    await remove('/subjects/outer');
    expect(await remove('/subjects/inner')).toMatchObject({ status: 200, body: [1] });
  });
});

describe('references', () => {
  it('are resolved through all levels, and served', async () => {
    await register('unit', '{"type":"enum","name":"n.Unit","symbols":["C"]}');
    const unit = [{ name: 'n.Unit', subject: 'unit', version: 1 }];
    await register('point', '{"type":"record","name":"n.Point","fields":[{"name":"u","type":"Unit"}]}', {
      references: unit,
    });
    const point = [{ name: 'n.Point', subject: 'point', version: 1 }];
    const series =
      '{"type":"record","name":"Series","fields":[{"name":"p","type":{"type":"array","items":"n.Point"}}]}';
    expect(await register('series', series, { references: point })).toEqual({ id: 3 });
    expect(await get('/schemas/ids/3')).toEqual({ schema: series, references: point });
    expect(await get('/subjects/series/versions/1')).toMatchObject({ references: point });
    expect((await post('/subjects/series', { schema: series, references: point })).body).toMatchObject({
      id: 3,
    });
    expect(await register('series', series)).toMatchObject({ error_code: 42201 });
    expect(
      await register('series', series, { references: [{ name: 'n.Point', subject: 'point', version: 4 }] }),
    ).toMatchObject({
      error_code: 42201,
      message: expect.stringContaining('"point" and version 4'),
    });
    expect(await register('series', series, { references: [{ name: 'x' }] })).toMatchObject({
      error_code: 42201,
    });
  });
});

describe('config', () => {
  it('is global, or of a subject, and goes back to the default', async () => {
    expect(await get('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    expect((await registry.call('PUT', '/config', { compatibility: 'full' })).body).toEqual({
      compatibility: 'FULL',
    });
    expect(await registry.call('GET', '/config/s')).toMatchObject(error(40408, /'s' does not have/));
    expect(await get('/config/s?defaultToGlobal=true')).toEqual({ compatibilityLevel: 'FULL' });
    await registry.call('PUT', '/config/s', { compatibility: 'NONE' });
    expect(await get('/config/s')).toEqual({ compatibilityLevel: 'NONE' });
    expect((await registry.call('DELETE', '/config/s')).body).toEqual({ compatibilityLevel: 'NONE' });
    expect(await registry.call('DELETE', '/config/s')).toMatchObject(error(40401, "Subject 's' not found."));
    expect((await registry.call('DELETE', '/config')).body).toEqual({ compatibilityLevel: 'FULL' });
    expect(await get('/config')).toEqual({ compatibilityLevel: 'BACKWARD' });
    const refused = error(42203, /Invalid compatibility level/);
    expect(await registry.call('PUT', '/config', { compatibility: 'SIDEWARD' })).toMatchObject(refused);
    expect(await registry.call('PUT', '/config/s', {})).toMatchObject(refused);
  });
});

describe('mode', () => {
  const set = (path: string, mode: string) => registry.call('PUT', path, { mode });

  it('READONLY refuses every write but that of the mode', async () => {
    await register('s', record(a));
    expect((await set('/mode', 'READONLY')).body).toEqual({ mode: 'READONLY' });
    const refused = error(42205, /read-only mode/);
    expect(await post('/subjects/s/versions', { schema: record(a, b) })).toMatchObject(refused);
    expect(await registry.call('DELETE', '/subjects/s')).toMatchObject(refused);
    expect(await registry.call('DELETE', '/subjects/s/versions/1')).toMatchObject(refused);
    expect(await registry.call('PUT', '/config', { compatibility: 'NONE' })).toMatchObject(refused);
    expect(await get('/subjects/s/versions')).toEqual([1]);
    await set('/mode/t', 'READWRITE');
    expect(await register('t', '"int"')).toEqual({ id: 2 });
    await set('/mode', 'READONLY_OVERRIDE');
    expect(await post('/subjects/t/versions', { schema: '"long"' })).toMatchObject(refused);
    await set('/mode', 'READWRITE');
    expect(await register('s', record(a, b))).toEqual({ id: 3 });
  });

  it('IMPORT takes ids and versions from the request', async () => {
    expect(await post('/subjects/s/versions', { schema: '"int"', id: 24 })).toMatchObject(
      error(42205, /not in import mode/),
    );
    await set('/mode/s', 'IMPORT');
    expect(await post('/subjects/s/versions', { schema: '"int"' })).toMatchObject(
      error(42205, /is in import mode/),
    );
    expect(await register('s', '"int"', { id: 24, version: 3 })).toEqual({ id: 24 });
    expect(await get('/subjects/s/versions')).toEqual([3]);
    expect(await post('/subjects/s/versions', { schema: '"string"', id: 24 })).toMatchObject(
      error(42205, /Overwrite/),
    );
    // No compatibility is checked on import.
    expect(await register('s', '"string"', { id: 7 })).toEqual({ id: 7 });
    await set('/mode/s', 'READWRITE');
    expect(await register('t', '"bytes"')).toEqual({ id: 25 });
    expect(await set('/mode', 'IMPORT')).toMatchObject(error(42205, /found existing subjects/));
    expect((await registry.call('PUT', '/mode?force=true', { mode: 'IMPORT' })).body).toEqual({
      mode: 'IMPORT',
    });
  });

  it('is global, or of a subject', async () => {
    expect(await get('/mode')).toEqual({ mode: 'READWRITE' });
    expect(await registry.call('GET', '/mode/s')).toMatchObject(
      error(40409, /does not have subject-level mode/),
    );
    expect(await get('/mode/s?defaultToGlobal=true')).toEqual({ mode: 'READWRITE' });
    await set('/mode/s', 'READONLY');
    expect(await get('/mode/s')).toEqual({ mode: 'READONLY' });
    expect((await registry.call('DELETE', '/mode/s')).body).toEqual({ mode: 'READONLY' });
    expect(await registry.call('DELETE', '/mode/s')).toMatchObject(error(40401, "Subject 's' not found."));
    expect(await set('/mode', 'WRITEONLY')).toMatchObject(error(42204, /Invalid mode/));
  });
});

describe('JSON Schema and Protobuf', () => {
  it.each([
    ['JSON', '{"type":"object"}', '{"type":"string"}'],
    ['PROTOBUF', 'syntax = "proto3"; message A {}', 'syntax = "proto3"; message B {}'],
  ])(
    '%s is stored and served; its compatibility is not checked, and that is said',
    async (schemaType, one, two) => {
      expect(await register('s', one, { schemaType })).toEqual({ id: 1 });
      expect(await get('/schemas/ids/1')).toEqual({ schemaType, schema: one });
      expect(await post('/subjects/s/versions', { schema: two, schemaType })).toMatchObject(
        error(42201, /set the compatibility of subject 's' to NONE/),
      );
      await registry.call('PUT', '/config/s', { compatibility: 'NONE' });
      expect(await register('s', two, { schemaType })).toEqual({ id: 2 });
      await registry.call('DELETE', '/config/s');
      expect(await register('s', '"int"')).toMatchObject({
        error_code: 409,
        message: expect.stringContaining('different schema type'),
      });
    },
  );

  it('refuses JSON Schema that is not JSON', async () => {
    expect(await register('s', 'type: object', { schemaType: 'JSON' })).toMatchObject({ error_code: 42201 });
  });
});

describe('HTTP', () => {
  it("speaks Confluent's content type, and plain JSON to who asks for it", async () => {
    const typeFor = async (accept: string) =>
      (await registry.call('GET', '/subjects', undefined, { accept })).type;
    const v1 = 'application/vnd.schemaregistry.v1+json';
    expect(await typeFor('*/*')).toBe(v1);
    expect(await typeFor('text/html, application/json;q=0.9')).toBe('application/json');
    expect(await typeFor(`${v1}, application/vnd.schemaregistry+json, application/json`)).toBe(v1);
    expect((await registry.call('GET', '/subjects', undefined, { accept: 'text/html' })).status).toBe(406);
    for (const type of ['application/json; charset=utf-8', 'application/vnd.schemaregistry+json']) {
      const answer = await registry.call(
        'POST',
        '/subjects/s/versions',
        { schema: '"int"' },
        { 'content-type': type },
      );
      expect(answer).toMatchObject({ status: 200, body: { id: 1 } });
    }
  });

  it('refuses what it does not understand with an error body', async () => {
    expect(await registry.call('GET', '/nowhere')).toMatchObject(error(404, 'HTTP 404 Not Found'));
    expect(await registry.call('DELETE', '/subjects')).toMatchObject(
      error(405, 'HTTP 405 Method Not Allowed'),
    );
    expect(await post('/subjects/s/versions', '{"schema"')).toMatchObject(error(400, /not JSON/));
    expect(await registry.call('GET', '/subjects/%E0%A4%A/versions')).toMatchObject(error(400, /Malformed/));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await registry.call('POST', '/subjects/s/versions', 'a=b', form)).toMatchObject(
      error(415, /Unsupported/),
    );
    const huge = { schema: `"${'x'.repeat(9 * 1024 * 1024)}"` };
    expect(await post('/subjects/s/versions', huge)).toMatchObject(error(413, /larger than/));
    expect(await get('/subjects')).toEqual([]);
  });
});
