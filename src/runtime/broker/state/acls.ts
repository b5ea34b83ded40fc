import { readJson } from '../storage/data-directory.ts';
import type { Directory } from '../storage/interface.ts';

const FILE = 'acls.json';

/** ResourceType, PatternType, AclOperation and AclPermissionType of Kafka's clients. */
const UNKNOWN = 0;
const ANY = 1;
const CLUSTER = 4;
const HIGHEST_RESOURCE = 7;
const MATCH = 2;
const LITERAL = 3;
const PREFIXED = 4;
const HIGHEST_OPERATION = 15;
const HIGHEST_PERMISSION = 3;
const WILDCARD = '*';
const CLUSTER_NAME = 'kafka-cluster';

/** Somebody may, or may not, do something with a resource. */
export interface Acl {
  resourceType: number;
  resourceName: string;
  patternType: number;
  principal: string;
  host: string;
  operation: number;
  permissionType: number;
}

/** Null, or 1 where it is a number, stands for anything. */
export type AclFilter = { [K in keyof Acl]: Acl[K] extends string ? string | null : number };

/** The access rules, kept and described; nothing is refused by them. */
export class Acls {
  readonly #root: Directory;
  #all: readonly Acl[] = [];

  constructor(root: Directory) {
    this.#root = root;
  }

  load(): void {
    this.#all = readJson<Acl[]>(this.#root, FILE) ?? [];
  }

  matching(filter: AclFilter): Acl[] {
    return this.#all.filter((acl) => matches(acl, filter));
  }

  /** On disk before the call returns; what is there already is kept once. */
  add(acls: readonly Acl[]): void {
    const all = new Map(this.#all.map((acl) => [keyOf(acl), acl]));
    for (const acl of acls) all.set(keyOf(acl), acl);
    this.#save([...all.values()]);
  }

  /** On disk before the call returns. */
  remove(acls: readonly Acl[]): void {
    const gone = new Set(acls.map(keyOf));
    this.#save(this.#all.filter((acl) => !gone.has(keyOf(acl))));
  }

  #save(acls: readonly Acl[]): void {
    if (acls.length === this.#all.length) return;
    this.#root.replace(FILE, Buffer.from(JSON.stringify(acls)));
    this.#all = acls;
  }
}

const keyOf = (acl: Acl) =>
  JSON.stringify([
    acl.resourceType,
    acl.resourceName,
    acl.patternType,
    acl.principal,
    acl.host,
    acl.operation,
    acl.permissionType,
  ]);

function matches(acl: Acl, filter: AclFilter): boolean {
  const is = (asked: string | number | null, given: string | number) =>
    asked === null || asked === ANY || asked === given;
  return (
    is(filter.resourceType, acl.resourceType) &&
    is(filter.principal, acl.principal) &&
    is(filter.host, acl.host) &&
    is(filter.operation, acl.operation) &&
    is(filter.permissionType, acl.permissionType) &&
    matchesPattern(acl, filter)
  );
}

/** KIP-290: MATCH finds every rule that says something of a resource, by its name, a prefix of it, or the wildcard. */
function matchesPattern(acl: Acl, { patternType, resourceName }: AclFilter): boolean {
  if (patternType !== ANY && patternType !== MATCH && patternType !== acl.patternType) return false;
  if (resourceName === null) return true;
  if (patternType !== MATCH || acl.resourceName === resourceName) return acl.resourceName === resourceName;
  if (acl.patternType === PREFIXED) return resourceName.startsWith(acl.resourceName);
  return acl.resourceName === WILDCARD;
}

/** What stands in a request of a client that could not know better; Kafka closes the connection. */
export const hasUnknown = ({
  resourceType,
  patternType,
  operation,
  permissionType,
}: Pick<Acl, 'resourceType' | 'patternType' | 'operation' | 'permissionType'>) =>
  [resourceType, patternType, operation, permissionType].includes(UNKNOWN);

/** Says what is wrong with a rule; null when it can be kept. */
export function aclProblem(acl: Acl): string | null {
  const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
  if (resourceType === CLUSTER && resourceName !== CLUSTER_NAME)
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`;
  if (resourceName === '') return 'Invalid empty resource name';
  const isOne = (value: number, highest: number) => value > ANY && value <= highest;
  if (!isOne(resourceType, HIGHEST_RESOURCE)) return `Invalid resource type ${resourceType}`;
  if (patternType !== LITERAL && patternType !== PREFIXED) return `Invalid pattern type ${patternType}`;
  if (!isOne(operation, HIGHEST_OPERATION)) return `Invalid operation ${operation}`;
  if (!isOne(permissionType, HIGHEST_PERMISSION)) return `Invalid permission type ${permissionType}`;
  if (!principal.includes(':'))
    return `Could not parse principal from \`${principal}\` (no colon is present separating the principal type from the principal name)`;
  if (host === '') return 'Host pattern cannot be null or empty';
  return null;
}
