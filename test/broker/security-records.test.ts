/** ACLs, SCRAM users and client quotas: kept and described, also after a restart; clients of others ask for them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Admin as PlatformaticAdmin } from '@platformatic/kafka';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { expect, test } from 'vitest';
import {
  alterUserScramCredentials,
  createAcls,
  describeAcls,
  describeUserScramCredentials,
  kafkaErrorName,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Runs against a broker that is stopped afterwards; what it keeps is there for the next. */
async function withBroker(dataDir: string, run: (brokers: string[]) => Promise<void>): Promise<void> {
  await using running = await startBroker({ dataDir });
  await run(running.brokers);
}

const anyAcl = {
  resourceType: AclResourceTypes.ANY,
  resourcePatternType: ResourcePatternTypes.ANY,
  operation: AclOperationTypes.ANY,
  permissionType: AclPermissionTypes.ANY,
};

test('kafkajs: ACLs are found by literal names, prefixes and wildcards, and stay over a restart', async () => {
  const dataDir = temporaryDirectory();
  const withAdmin = (run: (admin: ReturnType<Kafka['admin']>) => Promise<void>) =>
    withBroker(dataDir, async (brokers) => {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await run(admin).finally(() => admin.disconnect());
    });
  const rule = (resourceName: string, resourcePatternType: ResourcePatternTypes) => ({
    ...{ resourceType: AclResourceTypes.TOPIC, resourceName, resourcePatternType, principal: 'User:ann' },
    ...{ host: '*', operation: AclOperationTypes.READ, permissionType: AclPermissionTypes.ALLOW },
  });
  const { LITERAL, PREFIXED, MATCH } = ResourcePatternTypes;
  await withAdmin(async (admin) => {
    const acl = [
      rule('temperature', LITERAL),
      rule('temp', PREFIXED),
      rule('*', LITERAL),
      rule('wind', LITERAL),
    ];
    await admin.createAcls({ acl });
    await admin.createAcls({ acl: [acl[0]!] });
  });
  await withAdmin(async (admin) => {
    const names = async (filter: object) => {
      const { resources } = await admin.describeAcls({ ...anyAcl, ...filter } as never);
      return resources.map(({ resourceName, acls }) => `${resourceName} ${acls.length}`).sort();
    };
    expect(await names({})).toEqual(['* 1', 'temp 1', 'temperature 1', 'wind 1']);
    expect(await names({ resourceName: 'temperature' })).toEqual(['temperature 1']);
    expect(await names({ resourceName: 'temperature', resourcePatternType: MATCH })).toEqual([
      '* 1',
      'temp 1',
      'temperature 1',
    ]);
    expect(await names({ resourcePatternType: PREFIXED })).toEqual(['temp 1']);
    expect(await names({ principal: 'User:bob' })).toEqual([]);
    const filters = [
      { ...anyAcl, resourceName: 'wind' },
      { ...anyAcl, principal: 'User:bob' },
    ];
    const { filterResponses } = await admin.deleteAcls({ filters } as never);
    expect(filterResponses.map(({ matchingAcls }) => matchingAcls.length)).toEqual([1, 0]);
  });
  await withAdmin(async (admin) => {
    const { resources } = await admin.describeAcls(anyAcl as never);
    expect(resources).toHaveLength(3);
  });
});

test('a rule that says nothing is refused; one with an unknown element ends the connection', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const rule = {
    resourceType: 2,
    resourceName: 't',
    principal: 'User:u',
    host: '*',
    operation: 3,
    permissionType: 3,
  };
  const bad = [
    { resourceName: '' },
    { principal: 'u' },
    { host: '' },
    { operation: 1 },
    { resourceType: 4 },
    { permissionType: 9 },
  ];
  const creations = [rule, ...bad.map((wrong) => ({ ...rule, ...wrong }))];
  const { results } = await client.ask(createAcls, 3, { creations });
  expect(results.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual([
    'NONE',
    ...bad.map(() => 'INVALID_REQUEST'),
  ]);
  const filter = {
    resourceTypeFilter: 0,
    resourceNameFilter: null,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  };
  await expect(client.ask(describeAcls, 3, filter)).rejects.toThrow('closed');
});

test('@platformatic/kafka: quotas of users, clients and addresses stay over a restart', async () => {
  const dataDir = temporaryDirectory();
  const withAdmin = (run: (admin: PlatformaticAdmin) => Promise<void>) =>
    withBroker(dataDir, async (bootstrapBrokers) => {
      const admin = new PlatformaticAdmin({ clientId: 'test', bootstrapBrokers, retries: 0 });
      await run(admin).finally(() => admin.close());
    });
  const entry = (
    entities: { entityType: string; entityName: string | null }[],
    key: string,
    value: number,
  ) => ({
    ...{ entities, ops: [{ key, value, remove: false }] },
  });
  const ann = { entityType: 'user', entityName: 'ann' };
  await withAdmin(async (admin) => {
    const entries = [
      entry([ann], 'producer_byte_rate', 1024),
      entry([ann, { entityType: 'client-id', entityName: null }], 'request_percentage', 12.5),
      entry([{ entityType: 'ip', entityName: '10.0.0.1' }], 'connection_creation_rate', 5),
    ];
    await admin.alterClientQuotas({ entries, validateOnly: false } as never);
    const wrong = [entry([ann], 'connection_creation_rate', 5)];
    await expect(admin.alterClientQuotas({ entries: wrong, validateOnly: false } as never)).rejects.toThrow();
  });
  await withAdmin(async (admin) => {
    const find = async (components: object[], strict: boolean) =>
      (await admin.describeClientQuotas({ components, strict } as never)).map(({ values }) => values);
    const byName = { entityType: 'user', matchType: 0, match: 'ann' };
    expect(await find([byName], true)).toEqual([[{ key: 'producer_byte_rate', value: 1024 }]]);
    expect(await find([byName], false)).toHaveLength(2);
    expect(await find([{ entityType: 'ip', matchType: 2 }], true)).toEqual([
      [{ key: 'connection_creation_rate', value: 5 }],
    ]);
    const gone = { entities: [ann], ops: [{ key: 'producer_byte_rate', value: 0, remove: true }] };
    await admin.alterClientQuotas({ entries: [gone], validateOnly: false } as never);
    expect(await find([byName], true)).toEqual([]);
  });
});

test('SCRAM users stay over a restart, and no password with them', async () => {
  const dataDir = temporaryDirectory();
  const saltedPassword = Buffer.from('a-salted-password-of-32-bytes-!!');
  const upsertion = (mechanism: number, iterations: number) => ({
    ...{ name: 'ann', mechanism, iterations, salt: Buffer.from('salt'), saltedPassword },
  });
  const withClient = (run: (client: RawClient) => Promise<void>) =>
    withBroker(dataDir, async ([address]) => {
      await using client = await RawClient.connect(Number(address!.split(':')[1]));
      await run(client);
    });
  const alter = async (
    client: RawClient,
    upsertions: ReturnType<typeof upsertion>[],
    deletions: object[] = [],
  ) =>
    (await client.ask(alterUserScramCredentials, 0, { upsertions, deletions } as never)).results.map(
      ({ user, errorCode }) => `${user} ${kafkaErrorName(errorCode)}`,
    );
  const describe = async (client: RawClient, users: string[] | null) =>
    (
      await client.ask(describeUserScramCredentials, 0, { users: users?.map((name) => ({ name })) ?? null })
    ).results.map(({ user, errorCode, credentialInfos }) => ({
      user,
      error: kafkaErrorName(errorCode),
      credentialInfos,
    }));
  await withClient(async (client) => {
    expect(await alter(client, [upsertion(1, 4096)])).toEqual(['ann NONE']);
    expect(await alter(client, [upsertion(2, 8192)])).toEqual(['ann NONE']);
    expect(await alter(client, [upsertion(1, 5000), upsertion(2, 5000)])).toEqual(['ann DUPLICATE_RESOURCE']);
    expect(await alter(client, [upsertion(1, 10)])).toEqual(['ann UNACCEPTABLE_CREDENTIAL']);
  });
  await withClient(async (client) => {
    const ann = {
      user: 'ann',
      error: 'NONE',
      credentialInfos: [
        { mechanism: 1, iterations: 4096 },
        { mechanism: 2, iterations: 8192 },
      ],
    };
    expect(await describe(client, null)).toEqual([ann]);
    expect(await describe(client, ['ann'])).toEqual([ann]);
    expect(await describe(client, ['bob'])).toEqual([
      { user: 'bob', error: 'RESOURCE_NOT_FOUND', credentialInfos: [] },
    ]);
    expect(await alter(client, [], [{ name: 'ann', mechanism: 1 }])).toEqual(['ann NONE']);
    expect(await alter(client, [], [{ name: 'ann', mechanism: 1 }])).toEqual(['ann RESOURCE_NOT_FOUND']);
    expect(await describe(client, null)).toEqual([{ ...ann, credentialInfos: [ann.credentialInfos[1]] }]);
  });
  const kept = readFileSync(path.join(dataDir, 'scram-users.json'), 'utf8');
  expect(kept).not.toContain(saltedPassword.toString('base64'));
  expect(kept).toContain('storedKey');
});
