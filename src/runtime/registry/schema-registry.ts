import type { Logger } from '../../shared/logger.ts';
import { type CompatibilityLevel, type EarlierSchema, incompatibilities } from './compatibility-level.ts';
import { type CheckedContent, checkContent, storedAvro } from './content.ts';
import { type Change, decodeChange, encodeChange, type Mode, type SchemaVersion } from './log-records.ts';
import { errors } from './registry-error.ts';
import type { SchemaLog } from './schema-log.ts';
import { SchemaStore } from './schema-store.ts';
import { checkSubject } from './subject-name.ts';

export type VersionNumber = number | 'latest';

/** What the registry does, without HTTP. Reads answer from memory; a write is done when it is in the log. Throws RegistryError. */
export class SchemaRegistry {
  readonly #log: SchemaLog;
  readonly #logger: Logger;
  #store = new SchemaStore();
  /** The last write; the next waits for it, so that one decision is never based on half of another. */
  #lastWrite: Promise<unknown> = Promise.resolve();
  /** A write failed and may or may not be in the log. */
  #unsure = false;

  constructor(log: SchemaLog, logger: Logger) {
    this.#log = log;
    this.#logger = logger;
  }

  get store(): SchemaStore {
    return this.#store;
  }

  async load(signal?: AbortSignal): Promise<void> {
    const store = new SchemaStore();
    for (const record of await this.#log.load(signal)) {
      try {
        const change = decodeChange(record);
        if (change) store.apply(change);
      } catch (error) {
        this.#logger.warn(
          { key: record.key, err: String(error) },
          'skipped a record that is not a registry record',
        );
      }
    }
    this.#store = store;
    this.#unsure = false;
  }

  /** Registers a schema unless the subject has it. `id` and `version` only in mode IMPORT. */
  register(
    subject: string,
    body: { id?: unknown; version?: unknown },
    normalize: boolean,
  ): Promise<SchemaVersion> {
    return this.#write(async () => {
      checkSubject(subject);
      const mode = this.#writableMode(subject);
      const importedId = typeof body.id === 'number' && body.id >= 0 ? body.id : null;
      if (importedId !== null && mode !== 'IMPORT')
        throw errors.notPermitted(`Subject ${subject} is not in import mode`);
      const content = checkContent(body, this.#store, normalize);
      const present = this.#store
        .versions(subject, 'live')
        .findLast((version) => sameContent(version, content));
      if (present && (importedId === null || importedId === present.id)) return present;
      if (importedId === null && mode === 'IMPORT')
        throw errors.notPermitted(`Subject ${subject} is in import mode`);
      if (importedId === null) {
        const messages = this.#incompatibilities(subject, content, this.#store.versions(subject, 'live'));
        if (messages.length > 0) throw errors.incompatible(subject, messages);
      } else this.#checkImportedId(importedId, content);
      const next = (this.#store.versions(subject, 'all').at(-1)?.version ?? 0) + 1;
      const given = importedId !== null && Number.isInteger(body.version) && Number(body.version) > 0;
      const version: SchemaVersion = {
        subject,
        version: given ? Number(body.version) : next,
        id: importedId ?? this.#store.idOf(content) ?? this.#store.highestId + 1,
        schemaType: content.schemaType,
        references: content.references,
        schema: content.schema,
        deleted: false,
      };
      await this.#commit([{ type: 'schema', version }]);
      return version;
    });
  }

  /** The version of the subject that has this schema. */
  lookup(subject: string, body: unknown, normalize: boolean, deleted: boolean): SchemaVersion {
    const versions = this.#store.versions(subject, deleted ? 'all' : 'live');
    if (versions.length === 0) throw errors.subjectNotFound(subject);
    const content = checkContent(body, this.#store, normalize);
    const found = versions.findLast((version) => sameContent(version, content));
    if (!found) throw errors.schemaNotFound();
    return found;
  }

  version(subject: string, number: VersionNumber, deleted: boolean): SchemaVersion {
    const versions = this.#store.versions(subject, deleted ? 'all' : 'live');
    if (versions.length === 0) throw errors.subjectNotFound(subject);
    const found = number === 'latest' ? versions.at(-1) : versions.find(({ version }) => version === number);
    if (!found) throw errors.versionNotFound(number);
    return found;
  }

  /** Messages that say why the schema breaks the subject's level; `number` null tests as a registration would. */
  testCompatibility(
    subject: string,
    number: VersionNumber | null,
    body: unknown,
    normalize: boolean,
  ): string[] {
    const live = this.#store.versions(subject, 'live');
    const content = checkContent(body, this.#store, normalize);
    if (number === null) return this.#incompatibilities(subject, content, live);
    if (number === 'latest') return this.#incompatibilities(subject, content, live.slice(-1));
    return this.#incompatibilities(subject, content, [this.version(subject, number, false)]);
  }

  /** Soft-deletes a subject, or with `permanent` forgets one that was. The versions it concerned. */
  deleteSubject(subject: string, permanent: boolean): Promise<number[]> {
    return this.#write(async () => {
      const all = this.#store.versions(subject, 'all');
      if (all.length === 0) throw errors.subjectNotFound(subject);
      this.#writableMode(subject);
      const live = all.filter(({ deleted }) => !deleted);
      if (!permanent && live.length === 0) throw errors.subjectSoftDeleted(subject);
      if (permanent && live.length > 0) throw errors.subjectNotSoftDeleted(subject);
      const concerned = permanent ? all : live;
      this.#checkUnreferenced(concerned);
      const changes: Change[] = permanent
        ? concerned.map(({ version }) => ({ type: 'forget-schema', subject, version }))
        : [{ type: 'delete-subject', subject, upToVersion: concerned.at(-1)!.version }];
      if (!permanent && this.#store.mode(subject)) changes.push({ type: 'mode', subject, mode: null });
      if (!permanent && this.#store.level(subject)) changes.push({ type: 'config', subject, level: null });
      await this.#commit(changes);
      return concerned.map(({ version }) => version);
    });
  }

  deleteVersion(subject: string, number: VersionNumber, permanent: boolean): Promise<number> {
    return this.#write(async () => {
      if (this.#store.versions(subject, 'all').length === 0) throw errors.subjectNotFound(subject);
      const version =
        number === 'latest' ? this.version(subject, number, permanent) : this.#store.version(subject, number);
      if (!version) throw errors.versionNotFound(number);
      this.#writableMode(subject);
      if (!permanent && version.deleted) throw errors.versionSoftDeleted(subject, version.version);
      if (permanent && !version.deleted) throw errors.versionNotSoftDeleted(subject, version.version);
      this.#checkUnreferenced([version]);
      await this.#commit([
        permanent
          ? { type: 'forget-schema', subject, version: version.version }
          : { type: 'schema', version: { ...version, deleted: true } },
      ]);
      return version.version;
    });
  }

  /** `subject` null: the global level. */
  level(subject: string | null, defaultToGlobal: boolean): CompatibilityLevel {
    const own = this.#store.level(subject);
    if (own) return own;
    if (subject !== null && !defaultToGlobal) throw errors.compatibilityNotConfigured(subject);
    return this.#store.level(null) ?? 'BACKWARD';
  }

  /** `level` null: goes back to the default. The level before. */
  setLevel(subject: string | null, level: CompatibilityLevel | null): Promise<CompatibilityLevel> {
    return this.#write(async () => {
      if (subject !== null) checkSubject(subject);
      this.#writableMode(subject);
      if (level === null && subject !== null && !this.#store.level(subject))
        throw errors.subjectNotFound(subject);
      const before = this.level(subject, true);
      await this.#commit([{ type: 'config', subject, level }]);
      return before;
    });
  }

  mode(subject: string | null, defaultToGlobal: boolean): Mode {
    const own = this.#store.mode(subject);
    if (own) return own;
    if (subject !== null && !defaultToGlobal) throw errors.modeNotConfigured(subject);
    return this.#store.mode(null) ?? 'READWRITE';
  }

  /** `mode` null: goes back to the default. The mode before. IMPORT needs an empty subject, unless forced. */
  setMode(subject: string | null, mode: Mode | null, force: boolean): Promise<Mode> {
    return this.#write(async () => {
      if (subject !== null) checkSubject(subject);
      if (mode === null && subject !== null && !this.#store.mode(subject))
        throw errors.subjectNotFound(subject);
      const before = this.mode(subject, true);
      if (mode === 'IMPORT' && before !== 'IMPORT' && !force) {
        const occupied =
          subject === null ? this.#store.subjects('live') : this.#store.versions(subject, 'live');
        if (occupied.length > 0) {
          throw errors.notPermitted(
            subject === null
              ? 'Cannot import since found existing subjects'
              : `Cannot import since found existing versions in subject ${subject}`,
          );
        }
      }
      await this.#commit([{ type: 'mode', subject, mode }]);
      return before;
    });
  }

  #incompatibilities(subject: string, content: CheckedContent, earlier: readonly SchemaVersion[]): string[] {
    const level = this.level(subject, true);
    if (level === 'NONE' || earlier.length === 0) return [];
    if (content.avro === null) {
      throw errors.invalidSchema(
        `Compatibility ${level} of ${content.schemaType} schemas is not supported here; set the compatibility of subject '${subject}' to NONE`,
      );
    }
    if (earlier.some(({ schemaType }) => schemaType !== 'AVRO')) {
      return ['Incompatible because of different schema type', `{compatibility: '${level}'}`];
    }
    const trees = earlier.map(
      (version): EarlierSchema => ({
        version: version.version,
        text: version.schema,
        schema: storedAvro(version, this.#store),
      }),
    );
    return incompatibilities(level, content.avro, trees);
  }

  #checkImportedId(id: number, content: CheckedContent): void {
    const [owner] = this.#store.byId(id);
    if (owner && !sameContent(owner, content)) {
      throw errors.notPermitted(`Overwrite new schema with id ${id} is not permitted.`);
    }
  }

  #checkUnreferenced(versions: readonly SchemaVersion[]): void {
    for (const { subject, version } of versions) {
      const outside = this.#store
        .referencesTo(subject, version)
        .filter((by) => !versions.some((one) => one.subject === by.subject && one.version === by.version));
      if (outside.length > 0) throw errors.referenceExists(subject, version);
    }
  }

  #writableMode(subject: string | null): Mode {
    const global = this.mode(null, true);
    const mode = global === 'READONLY_OVERRIDE' ? global : this.mode(subject, true);
    if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') {
      throw errors.notPermitted(
        subject === null ? 'The registry is in read-only mode' : `Subject ${subject} is in read-only mode`,
      );
    }
    return mode;
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    try {
      await this.#log.append(changes.map(encodeChange));
    } catch (error) {
      this.#unsure = true;
      this.#logger.error({ err: String(error) }, 'a write did not reach the log');
      const why = error instanceof Error ? error.message : String(error);
      throw /too large|MESSAGE_TOO_LARGE/i.test(why) ? errors.schemaTooLarge(why) : errors.store(why);
    }
    for (const change of changes) this.#store.apply(change);
  }

  #write<T>(operation: () => Promise<T>): Promise<T> {
    const run = this.#lastWrite.then(async () => {
      if (this.#unsure) {
        await this.load().catch((error: unknown) => {
          throw errors.store(error instanceof Error ? error.message : String(error));
        });
      }
      return operation();
    });
    this.#lastWrite = run.catch(() => undefined);
    return run;
  }
}

function sameContent(version: SchemaVersion, content: CheckedContent): boolean {
  return (
    version.schema === content.schema &&
    version.schemaType === content.schemaType &&
    JSON.stringify(version.references) === JSON.stringify(content.references)
  );
}
