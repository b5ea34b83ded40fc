/** The flexible encodings of administration, compared byte by byte with those of @platformatic/kafka, which nobody here wrote. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  type Api,
  alterClientQuotas,
  alterReplicaLogDirs,
  alterUserScramCredentials,
  createAcls,
  createDelegationToken,
  deleteAcls,
  describeAcls,
  describeClientQuotas,
  describeQuorum,
  describeUserScramCredentials,
  encodeRequest,
  encodeResponse,
  expireDelegationToken,
  type Fields,
  renewDelegationToken,
} from '../../src/runtime/protocol/index.ts';

const main = createRequire(import.meta.url).resolve('@platformatic/kafka');
// biome-ignore lint/suspicious/noExplicitAny: internals of another library
type Loose = any;
const theirs = (name: string): Promise<Loose> =>
  import(path.join(path.dirname(main), 'apis', 'admin', `${name}.js`));

/** Version, client id and tags of a header take so many bytes after the length. */
const headerBytes = (isFlexible: boolean) => 4 + 2 + 2 + 4 + 2 + 1 + (isFlexible ? 1 : 0);

const acl = {
  resourceType: 2,
  resourceName: 'käse',
  principal: 'User:u',
  host: '*',
  operation: 3,
  permissionType: 3,
};
const filter = {
  resourceTypeFilter: 2,
  resourceNameFilter: null,
  principalFilter: 'User:u',
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};
const theirFilter = {
  ...acl,
  resourceName: null,
  host: null,
  operation: 1,
  permissionType: 1,
  resourcePatternType: 4,
};
const entity = [
  { entityType: 'user', entityName: 'u' },
  { entityType: 'client-id', entityName: null },
];
const ops = [{ key: 'producer_byte_rate', value: 1048576.5, remove: false }];
const upsertion = {
  name: 'u',
  mechanism: 2,
  iterations: 4096,
  salt: Buffer.from('salt'),
  saltedPassword: Buffer.from('secret'),
};
const hmac = Buffer.from('hmac');

const requests: [string, Loose, number, unknown[], object][] = [
  ['describe-acls', describeAcls, 3, [theirFilter], { ...filter, patternTypeFilter: 4 }],
  ['describe-acls', describeAcls, 1, [theirFilter], { ...filter, patternTypeFilter: 4 }],
  ['create-acls', createAcls, 3, [[{ ...acl, resourcePatternType: 3 }]], { creations: [acl] }],
  ['create-acls', createAcls, 1, [[{ ...acl, resourcePatternType: 3 }]], { creations: [acl] }],
  [
    'delete-acls',
    deleteAcls,
    3,
    [[theirFilter, theirFilter]],
    { filters: [1, 2].map(() => ({ ...filter, patternTypeFilter: 4 })) },
  ],
  [
    'alter-replica-log-dirs',
    alterReplicaLogDirs,
    2,
    [[{ path: '/d', topics: [{ name: 't', partitions: [1, 2] }] }]],
    { dirs: [{ path: '/d', topics: [{ name: 't', partitions: [1, 2] }] }] },
  ],
  [
    'create-delegation-token',
    createDelegationToken,
    3,
    ['User', null, [{ principalType: 'User', principalName: 'r' }], 5_000n],
    {
      ownerPrincipalType: 'User',
      ownerPrincipalName: null,
      renewers: [{ principalType: 'User', principalName: 'r' }],
      maxLifetimeMs: 5000,
    },
  ],
  ['renew-delegation-token', renewDelegationToken, 2, [hmac, 7n], { hmac, renewPeriodMs: 7 }],
  ['expire-delegation-token', expireDelegationToken, 2, [hmac, -1n], { hmac, expiryTimePeriodMs: -1 }],
  [
    'describe-client-quotas',
    describeClientQuotas,
    0,
    [
      [
        { entityType: 'user', matchType: 0, match: 'u' },
        { entityType: 'client-id', matchType: 2 },
      ],
      true,
    ],
    {
      components: [
        { entityType: 'user', matchType: 0, match: 'u' },
        { entityType: 'client-id', matchType: 2, match: null },
      ],
      strict: true,
    },
  ],
  [
    'alter-client-quotas',
    alterClientQuotas,
    1,
    [[{ entities: entity, ops }], true],
    { entries: [{ entity, ops }], validateOnly: true },
  ],
  [
    'describe-user-scram-credentials',
    describeUserScramCredentials,
    0,
    [[{ name: 'u' }]],
    { users: [{ name: 'u' }] },
  ],
  [
    'alter-user-scram-credentials',
    alterUserScramCredentials,
    0,
    [[{ name: 'o', mechanism: 1 }], [upsertion]],
    { deletions: [{ name: 'o', mechanism: 1 }], upsertions: [upsertion] },
  ],
  [
    'describe-quorum',
    describeQuorum,
    2,
    [[{ topicName: 'm', partitions: [{ partitionIndex: 0 }] }]],
    { topics: [{ topicName: 'm', partitions: [{ partitionIndex: 0 }] }] },
  ],
];

test.each(requests)('%s', async (name, api: Api<Fields, Fields>, version, parameters, body) => {
  const { createRequest } = await theirs(`${name}-v${version}`);
  const ours = Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'c' }, body as never));
  const golden: Buffer = createRequest(...parameters).buffer;
  expect(ours.subarray(headerBytes(api.isFlexible(version))).toString('hex')).toBe(golden.toString('hex'));
});

const answers: [string, Loose, number, object][] = [
  [
    'describe-acls',
    describeAcls,
    3,
    {
      errorCode: 0,
      errorMessage: '',
      resources: [
        {
          resourceType: 2,
          resourceName: 't',
          patternType: 3,
          acls: [{ principal: 'User:u', host: '*', operation: 3, permissionType: 3 }],
        },
      ],
    },
  ],
  ['create-acls', createAcls, 3, { results: [{ errorCode: 0, errorMessage: '' }] }],
  [
    'delete-acls',
    deleteAcls,
    3,
    {
      filterResults: [
        {
          errorCode: 0,
          errorMessage: null,
          matchingAcls: [{ errorCode: 0, errorMessage: null, ...acl, patternType: 4 }],
        },
      ],
    },
  ],
  [
    'describe-client-quotas',
    describeClientQuotas,
    0,
    {
      errorCode: 0,
      errorMessage: null,
      entries: [{ entity, values: [{ key: 'request_percentage', value: 12.5 }] }],
    },
  ],
  [
    'describe-user-scram-credentials',
    describeUserScramCredentials,
    0,
    {
      errorCode: 0,
      errorMessage: null,
      results: [
        {
          user: 'u',
          errorCode: 0,
          errorMessage: null,
          credentialInfos: [{ mechanism: 1, iterations: 4096 }],
        },
      ],
    },
  ],
];

test.each(answers)('%s: they read our answer', async (name, api: Api<Fields, Fields>, version, body) => {
  const { parseResponse } = await theirs(`${name}-v${version}`);
  const { Reader } = await import(path.join(path.dirname(main), 'protocol', 'reader.js'));
  const inTheirWords = JSON.parse(JSON.stringify(body).replaceAll('"patternType"', '"resourcePatternType"'));
  const frame = Buffer.concat(encodeResponse(api, version, 1, body as never));
  const headBytes = 4 + 4 + (api.isFlexible(version) ? 1 : 0);
  expect(parseResponse(1, api.key, version, Reader.from(frame.subarray(headBytes)))).toMatchObject(
    inTheirWords,
  );
});
