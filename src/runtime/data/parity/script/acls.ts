import { createAcls, deleteAcls, describeAcls, type RequestInput } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

const ANY = 1;
const resource = { any: ANY, topic: 2, group: 3, cluster: 4, transactionalId: 5, token: 6, user: 7 } as const;
const pattern = { any: ANY, match: 2, literal: 3, prefixed: 4 } as const;
const operation = { any: ANY, all: 2, read: 3, write: 4, create: 5, describe: 8, clusterAction: 9 } as const;
const permission = { any: ANY, deny: 2, allow: 3 } as const;

type Creation = RequestInput<typeof createAcls>['creations'][number];
type Filter = RequestInput<typeof describeAcls>;

const anything: Filter = {
  ...{ resourceTypeFilter: resource.any, resourceNameFilter: null, patternTypeFilter: pattern.any },
  ...{ principalFilter: null, hostFilter: null, operation: operation.any, permissionType: permission.any },
};

/** Access rules: which are taken, which match, which go. Whether they are enforced is not asked. */
export async function aclsScript(session: Session): Promise<void> {
  const principal = `User:${session.name('u')}`;
  const name = session.name('topic');
  const own: Filter = { ...anything, principalFilter: principal };
  const rule = (rest: Partial<Creation> = {}): Creation => ({
    ...{ resourceType: resource.topic, resourceName: name, resourcePatternType: pattern.literal },
    ...{ principal, host: '*', operation: operation.read, permissionType: permission.allow, ...rest },
  });
  const create = (what: string, ...creations: Creation[]) =>
    session.ask(`acls: create ${what}`, createAcls, { creations });
  /** `count`: rules that there are before the answer is kept; a broker learns of them a little later. */
  const describe = (what: string, filter: Filter, count?: number) =>
    session.ask(`acls: describe ${what}`, describeAcls, filter, {
      until: ({ resources }: { resources: { acls: unknown[] }[] }) =>
        count === undefined || resources.reduce((sum, { acls }) => sum + acls.length, 0) === count,
    });

  await session.askInAll('acls: describe none', describeAcls, own);
  for (const version of session.versions(createAcls)) {
    const creations = [rule({ host: `10.0.0.${version}` })];
    await session.ask('acls: create', createAcls, { creations }, { version });
  }
  await create('one that is there', rule({ host: '10.0.0.1' }));
  await create(
    'some at once',
    rule({ operation: operation.write, permissionType: permission.deny }),
    rule({ resourceName: '*', operation: operation.describe }),
    rule({
      resourcePatternType: pattern.prefixed,
      resourceName: session.name('to'),
      operation: operation.all,
    }),
    rule({ resourceType: resource.group, resourceName: session.name('group') }),
    rule({
      resourceType: resource.transactionalId,
      resourceName: session.name('t'),
      operation: operation.write,
    }),
    rule({
      resourceType: resource.cluster,
      resourceName: 'kafka-cluster',
      operation: operation.clusterAction,
    }),
  );
  const all = session.versions(createAcls).length + 6;
  await describe('all', own, all);
  await session.askInAll('acls: describe those of a topic', describeAcls, {
    ...{ ...own, resourceTypeFilter: resource.topic, resourceNameFilter: name },
    patternTypeFilter: pattern.literal,
  });
  await describe('what matches a topic', {
    ...own,
    resourceTypeFilter: resource.topic,
    resourceNameFilter: name,
    patternTypeFilter: pattern.match,
  });
  await describe('prefixes alone', { ...own, patternTypeFilter: pattern.prefixed });
  await describe('by operation', { ...own, operation: operation.write });
  await describe('by permission', { ...own, permissionType: permission.deny });
  await describe('by host', { ...own, hostFilter: '10.0.0.1' });
  await describe('of a wildcard', { ...own, resourceNameFilter: '*' });
  await describe('of an unknown kind of resource', { ...own, resourceTypeFilter: 0 });
  await describe('of a kind of resource to come', { ...own, resourceTypeFilter: 99 });
  await describe('of an unknown operation', { ...own, operation: 0 });
  await describe('of an unknown permission', { ...own, permissionType: 9 });
  await describe('of an unknown pattern', { ...own, patternTypeFilter: 0 });

  await create('for no resource', rule({ resourceName: '' }));
  await create(
    'for another cluster',
    rule({ resourceType: resource.cluster, resourceName: 'x', operation: operation.create }),
  );
  await create('for any kind of resource', rule({ resourceType: resource.any }));
  await create('for an unknown kind of resource', rule({ resourceType: 0 }));
  await create('for an unknown kind and a known one', rule({ resourceType: 99 }), rule({ host: '10.0.1.1' }));
  await create('for any pattern', rule({ resourcePatternType: pattern.any }));
  await create('for what matches', rule({ resourcePatternType: pattern.match }));
  await create('for any operation', rule({ operation: operation.any }));
  await create('for an unknown operation', rule({ operation: 0 }));
  await create('for any permission', rule({ permissionType: permission.any }));
  await create('for an unknown permission', rule({ permissionType: 0 }));
  await create('for nobody', rule({ principal: '' }));
  await create('for a principal without a kind', rule({ principal: session.name('u') }));
  await create('for no host', rule({ host: '' }));
  await create('for an operation that topics do not have', rule({ operation: operation.clusterAction }));
  await create(
    'for a user',
    rule({ resourceType: resource.user, resourceName: principal, operation: operation.describe }),
  );
  await create('nothing');
  await create('a good one and a bad one', rule({ host: '10.0.1.2' }), rule({ resourceName: '' }));

  const remove = (what: string, ...filters: Filter[]) =>
    session.ask(`acls: delete ${what}`, deleteAcls, { filters });
  await remove('what is not there', { ...own, hostFilter: '10.9.9.9' });
  await remove('by host', { ...own, hostFilter: '10.0.0.1' });
  await remove(
    'by two that overlap',
    { ...own, hostFilter: '10.0.0.2' },
    { ...own, resourceNameFilter: name },
  );
  await remove('what matches', {
    ...own,
    resourceTypeFilter: resource.topic,
    resourceNameFilter: name,
    patternTypeFilter: pattern.match,
  });
  await remove('of an unknown kind', { ...own, resourceTypeFilter: 0 });
  await remove('nothing');
  await session.askInAll('acls: delete all', deleteAcls, { filters: [own] });
  await describe('after all are deleted', own, 0);
}
