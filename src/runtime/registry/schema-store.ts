import type { CompatibilityLevel } from './compatibility-level.ts';
import type { Change, Mode, Reference, SchemaType, SchemaVersion } from './log-records.ts';

export interface Content {
  schemaType: SchemaType;
  schema: string;
  references: readonly Reference[];
}

export type Which = 'live' | 'all' | 'deleted';

/** The registry's state in memory: what a run through the log, from its first record to its last, makes of it. */
export class SchemaStore {
  /** Versions by number, ascending, soft-deleted ones included. */
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>();
  readonly #levels = new Map<string | null, CompatibilityLevel>();
  readonly #modes = new Map<string | null, Mode>();
  /** All places of an id; an id without a place left is forgotten. */
  readonly #places = new Map<number, Map<string, SchemaVersion>>();
  readonly #idByContent = new Map<string, number>();
  #highestId = 0;

  apply(change: Change): void {
    switch (change.type) {
      case 'schema':
        this.#put(change.version);
        break;
      case 'forget-schema':
        this.#forget(change.subject, change.version);
        break;
      case 'delete-subject':
        for (const version of this.versions(change.subject, 'live')) {
          if (version.version <= change.upToVersion) this.#put({ ...version, deleted: true });
        }
        break;
      case 'clear-subject':
        for (const { version } of this.versions(change.subject, 'deleted'))
          this.#forget(change.subject, version);
        break;
      case 'config':
        if (change.level) this.#levels.set(change.subject, change.level);
        else this.#levels.delete(change.subject);
        break;
      case 'mode':
        if (change.mode) this.#modes.set(change.subject, change.mode);
        else this.#modes.delete(change.subject);
        break;
    }
  }

  /** Sorted by name. */
  subjects(which: Which): string[] {
    return [...this.#subjects.keys()].filter((subject) => this.versions(subject, which).length > 0).sort();
  }

  versions(subject: string, which: Which): SchemaVersion[] {
    const all = [...(this.#subjects.get(subject)?.values() ?? [])];
    return which === 'all' ? all : all.filter(({ deleted }) => deleted === (which === 'deleted'));
  }

  version(subject: string, version: number): SchemaVersion | undefined {
    return this.#subjects.get(subject)?.get(version);
  }

  /** Every place of an id, soft-deleted ones included. */
  byId(id: number): SchemaVersion[] {
    return [...(this.#places.get(id)?.values() ?? [])];
  }

  idOf(content: Content): number | undefined {
    return this.#idByContent.get(contentKey(content));
  }

  get highestId(): number {
    return this.#highestId;
  }

  /** Versions, not soft-deleted, that refer to this one. */
  referencesTo(subject: string, version: number): SchemaVersion[] {
    return [...this.#subjects.keys()]
      .flatMap((name) => this.versions(name, 'live'))
      .filter(({ references }) => references.some((to) => to.subject === subject && to.version === version));
  }

  /** undefined when it isn't set for the subject; `null` asks for the global one. */
  level(subject: string | null): CompatibilityLevel | undefined {
    return this.#levels.get(subject);
  }

  mode(subject: string | null): Mode | undefined {
    return this.#modes.get(subject);
  }

  #put(version: SchemaVersion): void {
    this.#forget(version.subject, version.version);
    const before = this.#subjects.get(version.subject);
    const versions = [...(before?.values() ?? []), version].sort((a, b) => a.version - b.version);
    this.#subjects.set(version.subject, new Map(versions.map((each) => [each.version, each])));
    const places = this.#places.get(version.id) ?? new Map<string, SchemaVersion>();
    this.#places.set(version.id, places);
    places.set(placeKey(version.subject, version.version), version);
    this.#idByContent.set(contentKey(version), version.id);
    this.#highestId = Math.max(this.#highestId, version.id);
  }

  #forget(subject: string, number: number): void {
    const versions = this.#subjects.get(subject);
    const version = versions?.get(number);
    if (!versions || !version) return;
    versions.delete(number);
    if (versions.size === 0) this.#subjects.delete(subject);
    const places = this.#places.get(version.id);
    places?.delete(placeKey(subject, number));
    if (places?.size === 0) {
      this.#places.delete(version.id);
      this.#idByContent.delete(contentKey(version));
    }
  }
}

function placeKey(subject: string, version: number): string {
  return `${version} ${subject}`;
}

function contentKey({ schemaType, schema, references }: Content): string {
  return JSON.stringify([
    schemaType,
    schema,
    references.map(({ name, subject, version }) => [name, subject, version]),
  ]);
}
