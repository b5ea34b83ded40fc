import { readJson } from '../storage/data-directory.ts';
import type { Directory } from '../storage/interface.ts';

const FILE = 'client-quotas.json';

/** Kinds (`user`, `client-id`, `ip`) and names; a null name stands for all that have no quota of their own. */
export type QuotaEntity = Readonly<Record<string, string | null>>;

export interface QuotaEntry {
  entity: QuotaEntity;
  values: Readonly<Record<string, number>>;
}

/** `match` is undefined for any name, null for the default. */
export interface QuotaFilter {
  entityType: string;
  match: string | null | undefined;
}

/** Limits of users, clients and addresses (KIP-546), kept and described; nobody is slowed down. */
export class ClientQuotas {
  readonly #root: Directory;
  #entries: ReadonlyMap<string, QuotaEntry> = new Map();

  constructor(root: Directory) {
    this.#root = root;
  }

  load(): void {
    const saved = readJson<QuotaEntry[]>(this.#root, FILE) ?? [];
    this.#entries = new Map(saved.map((entry) => [keyOf(entry.entity), entry]));
  }

  /** Those of entities of which all is so; with `strict` those that consist of nothing else. */
  matching(filters: readonly QuotaFilter[], strict: boolean): QuotaEntry[] {
    return [...this.#entries.values()].filter(
      ({ entity }) =>
        (!strict || Object.keys(entity).length === filters.length) &&
        filters.every(
          ({ entityType, match }) =>
            Object.hasOwn(entity, entityType) && (match === undefined || entity[entityType] === match),
        ),
    );
  }

  /** On disk before the call returns. */
  alter(changed: readonly { entity: QuotaEntity; changes: ReadonlyMap<string, number | null> }[]): void {
    const entries = new Map(this.#entries);
    for (const { entity, changes } of changed) {
      const key = keyOf(entity);
      const values = new Map(Object.entries(entries.get(key)?.values ?? {}));
      for (const [name, value] of changes) {
        if (value === null) values.delete(name);
        else values.set(name, value);
      }
      if (values.size === 0) entries.delete(key);
      else entries.set(key, { entity, values: Object.fromEntries(values) });
    }
    this.#root.replace(FILE, Buffer.from(JSON.stringify([...entries.values()])));
    this.#entries = entries;
  }
}

/** The same for the same entity, whatever comes first in it. */
export const keyOf = (entity: QuotaEntity): string =>
  JSON.stringify(Object.entries(entity).sort(([one], [two]) => (one < two ? -1 : 1)));
