import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRegistry, type TestRegistry } from '../../support/registry.ts';

const record = (fields: object[], more: object = {}) => ({ type: 'record', name: 'R', fields, ...more });
const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const base = record([field('a', 'string')]);
const withOptional = record([field('a', 'string'), field('b', 'string', { default: '' })]);
const withRequired = record([field('a', 'string'), field('b', 'string')]);
const withoutA = record([field('b', 'string', { default: '' })]);

const levels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
];
const all = new Set(levels);
const none = new Set(['NONE']);
const backward = new Set(['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE']);
const forward = new Set(['NONE', 'FORWARD', 'FORWARD_TRANSITIVE']);
const notTransitive = new Set(['NONE', 'BACKWARD', 'FORWARD', 'FULL']);

/** Versions registered before, the schema to be tested, and the levels that allow it. */
const matrix: [what: string, earlier: unknown[], next: unknown, allowed: Set<string>][] = [
  ['nothing before it', [], base, all],
  ['an added field with a default', [base], withOptional, all],
  ['an added field without a default', [base], withRequired, forward],
  ['a removed field without a default', [withRequired], base, backward],
  ['a removed field with a default', [withOptional], base, all],
  ['a removed and an added field', [base], withoutA, backward],
  ['int becomes long', ['int'], 'long', backward],
  ['long becomes int', ['long'], 'int', forward],
  ['float becomes double', ['float'], 'double', backward],
  ['string becomes bytes', ['string'], 'bytes', all],
  ['int becomes string', ['int'], 'string', none],
  ['a type becomes a union with it', ['string'], ['null', 'string'], backward],
  ['a union loses a branch', [['null', 'string']], 'string', forward],
  ['a union changes its order', [['null', 'string']], ['string', 'null'], all],
  [
    'an enum gains a symbol',
    [{ type: 'enum', name: 'E', symbols: ['A'] }],
    { type: 'enum', name: 'E', symbols: ['A', 'B'] },
    backward,
  ],
  [
    'an enum with a default gains a symbol',
    [{ type: 'enum', name: 'E', symbols: ['A'], default: 'A' }],
    { type: 'enum', name: 'E', symbols: ['A', 'B'], default: 'A' },
    all,
  ],
  [
    'a fixed changes its size',
    [{ type: 'fixed', name: 'F', size: 4 }],
    { type: 'fixed', name: 'F', size: 8 },
    none,
  ],
  ['a record changes its name', [base], { ...base, name: 'S' }, none],
  [
    'a record changes its name and keeps the old as alias',
    [base],
    { ...base, name: 'S', aliases: ['R'] },
    backward,
  ],
  ['a record changes its namespace only', [base], { ...base, namespace: 'n' }, all],
  [
    'a field changes its name and keeps the old as alias',
    [base],
    record([field('z', 'string', { aliases: ['a'] })]),
    backward,
  ],
  ['array items widen', [{ type: 'array', items: 'int' }], { type: 'array', items: 'long' }, backward],
  ['map values narrow', [{ type: 'map', values: 'double' }], { type: 'map', values: 'int' }, forward],
  [
    'a breach with the version before the last, backward',
    [record([]), record([field('a', 'string', { default: '' })])],
    base,
    // Readable with the new: the last version always writes a. The first does not.
    new Set(['NONE', 'BACKWARD', 'FORWARD', 'FORWARD_TRANSITIVE', 'FULL']),
  ],
  [
    'a breach with the version before the last, forward',
    [base, record([field('a', 'string', { default: '' })])],
    record([]),
    new Set(['NONE', 'BACKWARD', 'BACKWARD_TRANSITIVE', 'FORWARD', 'FULL']),
  ],
  [
    'a breach with the version before the last, both',
    ['int', record([])],
    record([]),
    // The second of the two was registered while nothing was checked.
    notTransitive,
  ],
  [
    'a recursive record that gains a field',
    [record([field('next', ['null', 'R'])])],
    record([field('next', ['null', 'R']), field('x', 'int')]),
    forward,
  ],
];

let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistry();
});
afterEach(() => registry[Symbol.asyncDispose]());

const body = (schema: unknown) => ({ schema: JSON.stringify(schema) });

async function setUp(earlier: readonly unknown[], level: string): Promise<void> {
  await registry.call('PUT', '/config/s', { compatibility: 'NONE' });
  for (const schema of earlier) {
    expect((await registry.call('POST', '/subjects/s/versions', body(schema))).status).toBe(200);
  }
  await registry.call('PUT', '/config/s', { compatibility: level });
}

describe.each(matrix)('%s', (_what, earlier, next, allowed) => {
  it.each(levels)('%s', async (level) => {
    await setUp(earlier, level);
    // A text that is there already is the same version again; a field that no checker looks at makes it new.
    const fresh =
      typeof next === 'object' && !Array.isArray(next) ? { ...(next as object), fresh: true } : next;
    const test = await registry.call('POST', '/compatibility/subjects/s/versions?verbose=true', body(fresh));
    const registered = await registry.call('POST', '/subjects/s/versions', body(fresh));
    const compatible = allowed.has(level);
    expect(test.body).toEqual({
      is_compatible: compatible,
      messages: compatible
        ? []
        : expect.arrayContaining([expect.stringContaining(`compatibility: '${level}'`)]),
    });
    expect(registered.status).toBe(compatible ? 200 : 409);
    if (!compatible) expect(registered.body).toMatchObject({ error_code: 409 });
  });
});

describe('verbose messages', () => {
  const first = async (level: string, old: unknown, next: unknown) => {
    await setUp([old], level);
    const answer = await registry.call(
      'POST',
      '/compatibility/subjects/s/versions/latest?verbose=true',
      body(next),
    );
    return (answer.body as { messages: string[] }).messages;
  };
  const nested = (inner: unknown) =>
    record([field('x', 'int'), field('in', { type: 'array', items: inner })]);
  const e = (...symbols: string[]) => ({ type: 'enum', name: 'E', symbols });

  it.each([
    [
      'BACKWARD',
      base,
      withRequired,
      "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the new schema has no default value and is missing in the old schema', additionalInfo:'b'}",
    ],
    [
      'FORWARD',
      withRequired,
      base,
      "{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE', description:'The field 'b' at path '/fields/1' in the old schema has no default value and is missing in the new schema', additionalInfo:'b'}",
    ],
    [
      'BACKWARD',
      'int',
      'string',
      "{errorType:'TYPE_MISMATCH', description:'The type (path '/') of a field in the new schema does not match with the old schema', additionalInfo:'reader type: STRING not compatible with writer type: INT'}",
    ],
    [
      'BACKWARD',
      nested('long'),
      nested('int'),
      "{errorType:'TYPE_MISMATCH', description:'The type (path '/fields/1/type/items') of a field in the new schema does not match with the old schema', additionalInfo:'reader type: INT not compatible with writer type: LONG'}",
    ],
    [
      'BACKWARD',
      base,
      { ...base, name: 'S' },
      "{errorType:'NAME_MISMATCH', description:'The name of the schema has changed (path '/name')', additionalInfo:'expected: R'}",
    ],
    [
      'BACKWARD',
      nested(e('A', 'C', 'B')),
      nested(e('A')),
      "{errorType:'MISSING_ENUM_SYMBOLS', description:'The new schema is missing enum symbols '[B, C]' at path '/fields/1/type/items/symbols' in the old schema', additionalInfo:'[B, C]'}",
    ],
    [
      'BACKWARD',
      ['null', 'string', 'int'],
      ['null', 'string'],
      "{errorType:'MISSING_UNION_BRANCH', description:'The new schema is missing a type inside a union field at path '/2' in the old schema', additionalInfo:'reader union lacking writer type: INT'}",
    ],
    [
      'FORWARD',
      { type: 'fixed', name: 'F', size: 4 },
      { type: 'fixed', name: 'F', size: 8 },
      "{errorType:'FIXED_SIZE_MISMATCH', description:'The size of FIXED type field at path '/size' in the old schema does not match with the new schema', additionalInfo:'expected: 8, found: 4'}",
    ],
  ])('%s', async (level, old, next, message) => {
    expect(await first(level, old, next)).toEqual([
      message,
      '{oldSchemaVersion: 1}',
      `{oldSchema: '${JSON.stringify(old)}'}`,
      `{validateFields: 'false', compatibility: '${level}'}`,
    ]);
  });

  it('stand in the refusal of a registration', async () => {
    await setUp([base], 'BACKWARD');
    const refused = (await registry.call('POST', '/subjects/s/versions', body(withRequired))).body as {
      message: string;
    };
    expect(refused.message).toMatch(
      /^Schema being registered is incompatible with an earlier schema for subject "s", details: \[\{errorType:'READER_FIELD_MISSING_DEFAULT_VALUE'.*\{compatibility|validateFields.*\]$/,
    );
  });
});

describe('the compatibility endpoints', () => {
  it('test against one version, the latest, or all that the level asks for', async () => {
    await setUp(['int', 'long'], 'BACKWARD_TRANSITIVE');
    const test = async (version: string, schema: unknown) =>
      registry.call('POST', `/compatibility/subjects/s/versions${version}`, body(schema));
    expect((await test('/1', 'int')).body).toEqual({ is_compatible: true });
    expect((await test('/2', 'int')).body).toEqual({ is_compatible: false });
    expect((await test('/latest', 'int')).body).toEqual({ is_compatible: false });
    expect((await test('/latest', 'double')).body).toEqual({ is_compatible: true });
    expect((await test('', 'double')).body).toEqual({ is_compatible: true });
    expect((await test('', 'int')).body).toEqual({ is_compatible: false });
    expect(await test('/3', 'int')).toMatchObject({ status: 404, body: { error_code: 40402 } });
    expect(await test('/x', 'int')).toMatchObject({ status: 422, body: { error_code: 42202 } });
    expect(await test('/latest', 'strin')).toMatchObject({ status: 422, body: { error_code: 42201 } });
    const other = (version: string) =>
      registry.call('POST', `/compatibility/subjects/t/versions${version}`, body('int'));
    expect((await other('/latest')).body).toEqual({ is_compatible: true });
    expect((await other('')).body).toEqual({ is_compatible: true });
    expect(await other('/1')).toMatchObject({ status: 404, body: { error_code: 40401 } });
  });
});
