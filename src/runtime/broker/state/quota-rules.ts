import { isIP } from 'node:net';
import type { QuotaEntity } from './client-quotas.ts';

const USER = 'user';
const CLIENT = 'client-id';
const IP = 'ip';
export const quotaEntityTypes: readonly string[] = [USER, CLIENT, IP];

type QuotaType = 'whole' | 'int' | 'any';
const ofClients: Readonly<Record<string, QuotaType>> = {
  producer_byte_rate: 'whole',
  consumer_byte_rate: 'whole',
  request_percentage: 'any',
  controller_mutation_rate: 'any',
};
const ofAddresses: Readonly<Record<string, QuotaType>> = { connection_creation_rate: 'int' };
const MAX_INT = 2 ** 31 - 1;
const hostName = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

/** Says what is wrong with a change of quotas, null when nothing is; a null value takes a quota away. */
export function quotaProblem(
  entity: QuotaEntity,
  changes: ReadonlyMap<string, number | null>,
): string | null {
  const problem = entityProblem(entity);
  if (problem) return problem;
  const known = IP in entity ? ofAddresses : ofClients;
  for (const [name, value] of changes) {
    const wrong = value === null ? null : valueProblem(name, value, known[name]);
    if (wrong) return wrong;
  }
  return null;
}

function entityProblem(entity: QuotaEntity): string | null {
  const types = Object.keys(entity);
  if (types.length === 0) return 'Invalid empty client quota entity';
  const unknown = types.find((type) => !quotaEntityTypes.includes(type));
  if (unknown !== undefined) return `Unhandled client quota entity type: ${unknown}`;
  const empty = types.find((type) => entity[type] === '');
  if (empty !== undefined) return `Empty ${empty} not supported`;
  if (!(IP in entity)) return null;
  if (types.length > 1) return 'A quota of an address cannot be one of a user or a client as well';
  const address = entity[IP];
  if (address === null || isIP(address!) !== 0 || hostName.test(address!)) return null;
  return `${address} is not a valid IP or resolvable host.`;
}

function valueProblem(name: string, value: number, type: QuotaType | undefined): string | null {
  if (!type) return `Invalid configuration key ${name}`;
  if (!Number.isFinite(value)) return `Quota ${name} must be a finite number`;
  if (value <= 0) return `Quota ${name} must be greater than 0`;
  if (type === 'any') return null;
  if (!Number.isInteger(value)) return `${name} cannot be a fractional value.`;
  return type === 'int' && value > MAX_INT ? `Proposed value for ${name} is too large for an INT.` : null;
}
