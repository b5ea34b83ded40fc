import { alterClientQuotas, describeClientQuotas, type RequestInput } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

type Entity = Record<string, string | null>;
type Component = RequestInput<typeof describeClientQuotas>['components'][number];
const BY_NAME = 0;
const DEFAULT = 1;
const ANY = 2;

/** Limits of users, clients and addresses (KIP-546). Whether they are enforced is not asked. */
export async function quotasScript(session: Session): Promise<void> {
  const user = session.name('user');
  const client = session.name('client');
  const entityOf = (entity: Entity) =>
    Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));
  const entry = (entity: Entity, values: Record<string, number | null>) => ({
    entity: entityOf(entity),
    ops: Object.entries(values).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
  });
  const alter = (what: string, entity: Entity, values: Record<string, number | null>, validateOnly = false) =>
    session.ask(`quotas: ${what}`, alterClientQuotas, { entries: [entry(entity, values)], validateOnly });
  const describe = (
    what: string,
    components: Component[],
    { strict = false, count }: { strict?: boolean; count?: number } = {},
  ) =>
    session.ask(
      `quotas: describe ${what}`,
      describeClientQuotas,
      { components, strict },
      {
        until: ({ entries }: { entries: unknown[] | null }) =>
          count === undefined || entries?.length === count,
      },
    );
  const is = (entityType: string, match: string | null): Component => ({
    entityType,
    matchType: BY_NAME,
    match,
  });
  const byDefault = (entityType: string): Component => ({ entityType, matchType: DEFAULT, match: null });
  const any = (entityType: string): Component => ({ entityType, matchType: ANY, match: null });

  await session.askInAll('quotas: describe none', describeClientQuotas, {
    components: [is('user', user)],
    strict: true,
  });
  for (const version of session.versions(alterClientQuotas)) {
    const entries = [entry({ user }, { producer_byte_rate: 1000 + version, consumer_byte_rate: 2000 })];
    await session.ask('quotas: set', alterClientQuotas, { entries, validateOnly: false }, { version });
  }
  await session.askInAll(
    'quotas: describe a user',
    describeClientQuotas,
    { components: [is('user', user)], strict: true },
    {
      until: ({ entries }: { entries: { values: { value: number }[] }[] | null }) =>
        entries?.[0]?.values.some(({ value }) => value === 1001) ?? false,
    },
  );
  await alter('set of a client', { 'client-id': client }, { request_percentage: 12.5 });
  await alter('set of a user with a client', { user, 'client-id': client }, { controller_mutation_rate: 3 });
  await alter('set of a user with any other client', { user, 'client-id': null }, { request_percentage: 50 });
  await alter('set of an address', { ip: '10.0.0.1' }, { connection_creation_rate: 5 });
  await alter('set of an address by its name', { ip: 'localhost' }, { connection_creation_rate: 5 });
  await describe('a user, not strictly', [is('user', user)], { count: 3 });
  await describe('a user, strictly', [is('user', user)], { strict: true, count: 1 });
  await describe('a user with any client', [is('user', user), any('client-id')], { count: 2 });
  await describe('a user with the default of clients', [is('user', user), byDefault('client-id')], {
    count: 1,
  });
  await describe('a client', [is('client-id', client)], { count: 2 });
  await describe('an address', [is('ip', '10.0.0.1')], { count: 1 });
  await describe('an unknown user', [is('user', session.name('nobody'))]);
  await describe('an address of a user', [is('ip', '10.0.0.1'), is('user', user)]);
  await describe('one kind twice', [is('user', user), any('user')]);
  await describe('an unknown kind', [is('planet', 'mars')]);
  await describe('a kind without a name', [is('', 'x')]);
  await describe('by a name that is not given', [is('user', null)]);
  await describe('the default by a name', [{ entityType: 'user', matchType: DEFAULT, match: 'x' }]);
  await describe('any by a name', [{ entityType: 'user', matchType: ANY, match: 'x' }]);
  await describe('by an unknown match', [{ entityType: 'user', matchType: 7, match: null }]);

  await alter('set as a check', { user }, { producer_byte_rate: 7 }, true);
  await alter('set as a check, wrongly', { user }, { no_such_quota: 7 }, true);
  await alter('set an unknown one', { user }, { no_such_quota: 7 });
  await alter('set one of addresses', { user }, { connection_creation_rate: 7 });
  await alter('set one of users for an address', { ip: '10.0.0.1' }, { producer_byte_rate: 7 });
  await alter('set a part of a byte', { user }, { producer_byte_rate: 7.5 });
  await alter('set a part of a connection', { ip: '10.0.0.1' }, { connection_creation_rate: 0.5 });
  await alter('set to 0', { user }, { producer_byte_rate: 0 });
  await alter('set below 0', { user }, { request_percentage: -1 });
  await alter('set what is no number', { user }, { request_percentage: Number.NaN });
  await alter('set too many connections', { ip: '10.0.0.1' }, { connection_creation_rate: 3e9 });
  await alter('of an unknown kind', { planet: 'mars' }, { producer_byte_rate: 7 });
  await alter('of nothing', {}, { producer_byte_rate: 7 });
  await alter('of an empty name', { user: '' }, { producer_byte_rate: 7 });
  await alter('of a user with an address', { user, ip: '10.0.0.1' }, { producer_byte_rate: 7 });
  await alter('of no address', { ip: 'not an address' }, { connection_creation_rate: 7 });
  await alter('change nothing', { user }, {});
  await alter('remove what is not set', { user }, { controller_mutation_rate: null });
  await alter('remove an unknown one', { user }, { no_such_quota: null });
  await alter('set a good one and a bad one', { user }, { request_percentage: 10, no_such_quota: 1 });
  await session.ask('quotas: one entity twice', alterClientQuotas, {
    entries: [entry({ user }, { request_percentage: 20 }), entry({ user }, { request_percentage: 30 })],
    validateOnly: false,
  });
  await session.ask('quotas: one kind twice', alterClientQuotas, {
    entries: [
      {
        ...entry({ user }, { request_percentage: 20 }),
        entity: [...entityOf({ user }), ...entityOf({ user: null })],
      },
    ],
    validateOnly: false,
  });
  await session.ask('quotas: a good one and a bad one', alterClientQuotas, {
    entries: [
      entry({ user }, { request_percentage: 40 }),
      entry({ planet: 'mars' }, { request_percentage: 30 }),
    ],
    validateOnly: false,
  });
  await alter(
    'remove',
    { user },
    { producer_byte_rate: null, consumer_byte_rate: null, request_percentage: null },
  );
  await alter('remove of any other user', { user: null }, { request_percentage: null });
  await alter('remove of a client', { 'client-id': client }, { request_percentage: null });
  await alter(
    'remove of a user with a client',
    { user, 'client-id': client },
    { controller_mutation_rate: null },
  );
  await alter(
    'remove of a user with any other client',
    { user, 'client-id': null },
    { request_percentage: null },
  );
  await alter('remove of an address', { ip: '10.0.0.1' }, { connection_creation_rate: null });
  await alter('remove of an address by its name', { ip: 'localhost' }, { connection_creation_rate: null });
  await describe('a user after all is removed', [is('user', user)], { count: 0 });
}
