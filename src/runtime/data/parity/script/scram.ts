import { alterUserScramCredentials, describeUserScramCredentials } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

const SHA_256 = 1;
const SHA_512 = 2;

interface Upsertion {
  name: string;
  mechanism: number;
  iterations: number;
  salt: Buffer;
  saltedPassword: Buffer;
}

/** Users with passwords (KIP-554). What is told of them is never a password. */
export async function scramScript(session: Session): Promise<void> {
  const user = session.name('user');
  const other = session.name('other');
  const upsert = (rest: Partial<Upsertion> = {}): Upsertion => ({
    ...{ name: user, mechanism: SHA_256, iterations: 4096 },
    ...{ salt: Buffer.from('salt'), saltedPassword: Buffer.alloc(32, 7), ...rest },
  });
  const alter = (
    what: string,
    upsertions: Upsertion[],
    deletions: { name: string; mechanism: number }[] = [],
  ) => session.ask(`scram: ${what}`, alterUserScramCredentials, { upsertions, deletions });
  const describe = (what: string, names: readonly string[], count?: number) =>
    session.ask(
      `scram: describe ${what}`,
      describeUserScramCredentials,
      { users: names.map((name) => ({ name })) },
      {
        until: ({ results }: { results: { credentialInfos: unknown[] }[] }) =>
          count === undefined ||
          results.reduce((sum, each) => sum + each.credentialInfos.length, 0) === count,
      },
    );
  await describe('an unknown user', [user]);
  await alter('create', [upsert()]);
  await describe('a user', [user], 1);
  await alter('create with another mechanism', [
    upsert({ mechanism: SHA_512, iterations: 8192 }),
    upsert({ name: other }),
  ]);
  await describe('both', [user, other], 3);
  await alter('change', [upsert({ iterations: 16384 })]);
  await describe('a known and an unknown one', [other, session.name('nobody')], 1);
  await describe('one twice', [user, user, other]);
  await describe('one without a name', ['']);
  await alter('with too few iterations', [upsert({ iterations: 4095 })]);
  await alter('with too many iterations', [upsert({ iterations: 16385 })]);
  await alter('of an unknown mechanism', [upsert({ mechanism: 0 })]);
  await alter('of a mechanism to come', [upsert({ mechanism: 9 })]);
  await alter('without a name', [upsert({ name: '' })]);
  await alter('without a salt', [upsert({ name: session.name('no-salt'), salt: Buffer.alloc(0) })]);
  await alter('without a password', [
    upsert({ name: session.name('no-password'), saltedPassword: Buffer.alloc(0) }),
  ]);
  await alter('one twice', [upsert(), upsert()]);
  await alter('set and delete one', [upsert()], [{ name: user, mechanism: SHA_256 }]);
  await alter('set one and delete the other', [upsert()], [{ name: user, mechanism: SHA_512 }]);
  await alter('a good one and a bad one', [
    upsert({ name: other, iterations: 5000 }),
    upsert({ name: user, iterations: 1 }),
  ]);
  await alter('a user with a good and a bad one', [
    upsert({ iterations: 6000 }),
    upsert({ mechanism: SHA_512, iterations: 1 }),
  ]);
  await alter('nothing', []);
  await alter('delete what is not there', [], [{ name: user, mechanism: SHA_512 }]);
  await alter(
    'delete of a user that is not there',
    [],
    [{ name: session.name('nobody'), mechanism: SHA_256 }],
  );
  await alter('delete of an unknown mechanism', [], [{ name: user, mechanism: 0 }]);
  await alter('delete without a name', [], [{ name: '', mechanism: SHA_256 }]);
  await describe('both after the changes', [user, other], 2);
  await alter(
    'delete',
    [],
    [user, other].map((name) => ({ name, mechanism: SHA_256 })),
  );
  for (const short of ['no-salt', 'no-password']) {
    await alter(`delete ${short}`, [], [{ name: session.name(short), mechanism: SHA_256 }]);
  }
  await describe('after the deletion', [user, other], 0);
}
