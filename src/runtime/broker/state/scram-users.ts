import { createHash, createHmac } from 'node:crypto';
import type { KafkaErrorName } from '../../protocol/index.ts';
import { readJson } from '../storage/data-directory.ts';
import type { Directory } from '../storage/interface.ts';

const FILE = 'scram-users.json';
const LEAST_ITERATIONS = 4096;
const MOST_ITERATIONS = 16384;
/** ScramMechanism of Kafka's clients. */
const hashes: Readonly<Record<number, string>> = { 1: 'sha256', 2: 'sha512' };

export interface ScramDeletion {
  name: string;
  mechanism: number;
}

export interface ScramUpsertion extends ScramDeletion {
  iterations: number;
  salt: Buffer;
  saltedPassword: Buffer;
}

/** What a server has to know (RFC 5802); nobody can log in with it. Bytes in base64. */
interface Credential {
  iterations: number;
  salt: string;
  storedKey: string;
  serverKey: string;
}
type Credentials = Readonly<Record<number, Credential>>;

export interface ScramProblem {
  error: KafkaErrorName;
  reason: string;
}

/** Users with passwords for SCRAM (KIP-554), kept and described; nobody is asked for one. */
export class ScramUsers {
  readonly #root: Directory;
  #users: ReadonlyMap<string, Credentials> = new Map();

  constructor(root: Directory) {
    this.#root = root;
  }

  load(): void {
    this.#users = new Map(readJson<[string, Credentials][]>(this.#root, FILE) ?? []);
  }

  names(): string[] {
    return [...this.#users.keys()];
  }

  /** Mechanisms and iterations of a user; null when there is none. */
  infosOf(user: string): { mechanism: number; iterations: number }[] | null {
    const credentials = this.#users.get(user);
    if (!credentials) return null;
    return Object.entries(credentials).map(([mechanism, { iterations }]) => ({
      mechanism: Number(mechanism),
      iterations,
    }));
  }

  /** Changes whatever can be changed, and tells of each user why not; on disk before the call returns. */
  alter(
    deletions: readonly ScramDeletion[],
    upsertions: readonly ScramUpsertion[],
  ): Map<string, ScramProblem | null> {
    const names = [...deletions, ...upsertions].map(({ name }) => name);
    const isTwice = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
    const told = new Map<string, ScramProblem | null>();
    const users = new Map(this.#users);
    for (const deletion of deletions) {
      const { name, mechanism } = deletion;
      const problem = isTwice(name) ? duplicate : this.#deletionProblem(deletion);
      told.set(name, problem);
      if (problem) continue;
      const { [mechanism]: _, ...rest } = users.get(name)!;
      if (Object.keys(rest).length === 0) users.delete(name);
      else users.set(name, rest);
    }
    for (const upsertion of upsertions) {
      const { name, mechanism } = upsertion;
      const problem = isTwice(name) ? duplicate : upsertionProblem(upsertion);
      told.set(name, problem);
      if (!problem) users.set(name, { ...users.get(name), [mechanism]: credentialOf(upsertion) });
    }
    if ([...told.values()].includes(null)) {
      this.#root.replace(FILE, Buffer.from(JSON.stringify([...users])));
      this.#users = users;
    }
    return told;
  }

  #deletionProblem({ name, mechanism }: ScramDeletion): ScramProblem | null {
    const problem = nameProblem(name) ?? mechanismProblem(mechanism);
    return problem ?? (this.#users.get(name)?.[mechanism] ? null : missing);
  }
}

const duplicate: ScramProblem = {
  error: 'DUPLICATE_RESOURCE',
  reason: 'A user credential cannot be altered twice in the same request',
};
const missing: ScramProblem = {
  error: 'RESOURCE_NOT_FOUND',
  reason: 'Attempt to delete a user credential that does not exist',
};
const unacceptable = (reason: string): ScramProblem => ({ error: 'UNACCEPTABLE_CREDENTIAL', reason });

const nameProblem = (name: string) => (name === '' ? unacceptable('Username must not be empty') : null);

function mechanismProblem(mechanism: number): ScramProblem | null {
  if (hashes[mechanism]) return null;
  return { error: 'UNSUPPORTED_SASL_MECHANISM', reason: 'Unknown SCRAM mechanism' };
}

function upsertionProblem({
  name,
  mechanism,
  iterations,
  saltedPassword,
}: ScramUpsertion): ScramProblem | null {
  const problem = nameProblem(name) ?? mechanismProblem(mechanism);
  if (problem) return problem;
  if (iterations < LEAST_ITERATIONS) return unacceptable('Too few iterations');
  if (iterations > MOST_ITERATIONS) return unacceptable('Too many iterations');
  return saltedPassword.length === 0 ? unacceptable('The salted password must not be empty') : null;
}

function credentialOf({ mechanism, iterations, salt, saltedPassword }: ScramUpsertion): Credential {
  const hash = hashes[mechanism]!;
  const keyed = (text: string) => createHmac(hash, saltedPassword).update(text).digest();
  return {
    iterations,
    salt: salt.toString('base64'),
    storedKey: createHash(hash).update(keyed('Client Key')).digest('base64'),
    serverKey: keyed('Server Key').toString('base64'),
  };
}
