const record = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'R', fields });
const a = { name: 'a', type: 'string' };
const b = { name: 'b', type: 'int', default: 0 };
const c = { name: 'c', type: 'long' };
export interface RegistryRequest {
  method: string;
  /** `<subject>` stands for the id that the last schema registered under the subject was given. */
  path: string;
  body?: unknown;
}

/**
 * One after the other; each answer depends on those before. No path that neither serves is among them: Apicurio now and
 * then never answers one, also over a connection of its own.
 */
const requests: [method: string, path: string, body?: unknown][] = [
  ['PUT', '/config', { compatibility: 'BACKWARD' }],
  ['GET', '/config'],
  ['GET', '/subjects'],
  ['GET', '/schemas/types'],
  ['GET', '/contexts'],
  ['GET', '/mode'],
  ['POST', '/subjects/first/versions', { schema: record(a) }],
  ['POST', '/subjects/s/versions', { schema: record(a) }],
  ['POST', '/subjects/s/versions', { schema: record(a) }],
  ['POST', '/subjects/s/versions', { schema: record(a, b) }],
  ['POST', '/subjects/s/versions', { schema: record(a, c) }],
  ['POST', '/subjects/t/versions', { schema: record(a, b) }],
  ['GET', '/subjects'],
  ['GET', '/subjects/s/versions'],
  ['GET', '/subjects/s/versions/1'],
  ['GET', '/subjects/s/versions/latest'],
  ['GET', '/subjects/s/versions/-1'],
  ['GET', '/subjects/s/versions/1/schema'],
  ['GET', '/subjects/s/versions/9'],
  ['GET', '/subjects/s/versions/0'],
  ['GET', '/subjects/s/versions/abc'],
  ['GET', '/subjects/none/versions'],
  ['GET', '/subjects/none/versions/1'],
  ['GET', '/schemas/ids/<first>'],
  ['GET', '/schemas/ids/<first>/schema'],
  ['GET', '/schemas/ids/<t>/versions'],
  ['GET', '/schemas/ids/<t>/subjects'],
  ['GET', '/schemas/ids/999'],
  ['POST', '/subjects/s', { schema: record(a, b) }],
  ['POST', '/subjects/s', { schema: record(c) }],
  ['POST', '/subjects/none', { schema: record(c) }],
  ['POST', '/subjects/s/versions', { schema: '{"type":' }],
  ['POST', '/subjects/s/versions', { schema: '' }],
  ['POST', '/subjects/s/versions', { schema: '"strin"' }],
  ['POST', '/compatibility/subjects/s/versions/latest', { schema: record(a, c) }],
  ['POST', '/compatibility/subjects/s/versions/latest?verbose=true', { schema: record(a, c) }],
  ['POST', '/compatibility/subjects/s/versions/latest', { schema: record(a) }],
  [
    'POST',
    '/compatibility/subjects/s/versions',
    { schema: record(a, b, { name: 'd', type: 'int', default: 1 }) },
  ],
  ['POST', '/compatibility/subjects/none/versions/latest', { schema: record(a) }],
  ['POST', '/compatibility/subjects/s/versions/9', { schema: record(a) }],
  ['GET', '/config/s'],
  ['GET', '/config/s?defaultToGlobal=true'],
  ['PUT', '/config/s', { compatibility: 'FULL_TRANSITIVE' }],
  ['GET', '/config/s'],
  ['POST', '/subjects/s/versions', { schema: record(a) }],
  ['PUT', '/config/s', { compatibility: 'SOMETIMES' }],
  ['DELETE', '/config/s'],
  ['GET', '/config/s'],
  ['PUT', '/config/s', { compatibility: 'NONE' }],
  ['POST', '/subjects/s/versions', { schema: record(c) }],
  ['GET', '/subjects/s/versions'],
  ['POST', '/subjects/e/versions', { schema: '{"type":"enum","name":"E","symbols":["A"]}' }],
  [
    'POST',
    '/subjects/u/versions',
    {
      schema: '{"type":"record","name":"U","fields":[{"name":"e","type":"E"}]}',
      references: [{ name: 'E', subject: 'e', version: 1 }],
    },
  ],
  [
    'POST',
    '/subjects/u2/versions',
    {
      schema: '{"type":"record","name":"U","fields":[{"name":"e","type":"E"}]}',
      references: [{ name: 'E', subject: 'e', version: 7 }],
    },
  ],
  ['GET', '/subjects/u/versions/1'],
  ['GET', '/subjects/e/versions/1/referencedby'],
  ['DELETE', '/subjects/e/versions/1'],
  ['DELETE', '/subjects/e'],
  ['DELETE', '/subjects/s/versions/1?permanent=true'],
  ['DELETE', '/subjects/s/versions/1'],
  ['DELETE', '/subjects/s/versions/1'],
  ['GET', '/subjects/s/versions'],
  ['GET', '/subjects/s/versions?deleted=true'],
  ['GET', '/subjects/s/versions/1'],
  ['GET', '/subjects/s/versions/1?deleted=true'],
  ['DELETE', '/subjects/s/versions/1?permanent=true'],
  ['DELETE', '/subjects/t?permanent=true'],
  ['DELETE', '/subjects/t'],
  ['DELETE', '/subjects/t'],
  ['GET', '/subjects'],
  ['GET', '/subjects?deleted=true'],
  ['POST', '/subjects/t/versions', { schema: record(a, b) }],
  ['GET', '/subjects/t/versions'],
  ['DELETE', '/subjects/t'],
  ['DELETE', '/subjects/t?permanent=true'],
  ['GET', '/subjects?deleted=true'],
  ['DELETE', '/subjects/none'],
  ['PUT', '/mode/s', { mode: 'READONLY' }],
  ['GET', '/mode/s'],
  ['POST', '/subjects/s/versions', { schema: '"int"' }],
  ['PUT', '/mode', { mode: 'SIDEWAYS' }],
  ['DELETE', '/mode/s'],
  [
    'POST',
    '/subjects/n/versions?normalize=true',
    {
      schema:
        '{"type":"record","name":"n.R","fields":[{"name":"f","type":{"a":2,"b":1,"type":"int"},"order":"ascending"}]}',
    },
  ],
  [
    'POST',
    '/subjects/n?normalize=true',
    {
      schema:
        '{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":{"type":"int","b":1,"a":2}}]}',
    },
  ],
  ['POST', '/subjects/j/versions', { schema: '{"type":"object"}', schemaType: 'JSON' }],
  ['GET', '/subjects/j/versions/1'],
];
for (const level of [
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
  'NONE',
]) {
  const subject = `level-${level.toLowerCase()}`;
  requests.push(['PUT', `/config/${subject}`, { compatibility: 'NONE' }]);
  requests.push(['POST', `/subjects/${subject}/versions`, { schema: record(a, { name: 'x', type: 'int' }) }]);
  requests.push(['POST', `/subjects/${subject}/versions`, { schema: record(a) }]);
  requests.push(['PUT', `/config/${subject}`, { compatibility: level }]);
  for (const fields of [
    [a, b],
    [a, { name: 'x', type: 'int' }],
    [a, { name: 'x', type: 'string', default: '' }],
    [{ name: 'a', type: 'int' }],
    [],
  ])
    requests.push([
      'POST',
      `/compatibility/subjects/${subject}/versions?verbose=false`,
      { schema: record(...fields) },
    ]);
}

// The last: what comes after it over the same connection is not always answered.
requests.push(['POST', '/subjects/s/versions', 'not json']);

export const registryRequests: readonly RegistryRequest[] = requests.map(([method, path, body]) => ({
  ...{ method, path },
  ...(body !== undefined && { body }),
}));
