import { type CompatibilityLevel, compatibilityLevels } from './compatibility-level.ts';
import type { LogRecord } from './schema-log.ts';

export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF';
export const schemaTypes: readonly SchemaType[] = ['JSON', 'PROTOBUF', 'AVRO'];

export const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;
export type Mode = (typeof modes)[number];

export interface Reference {
  name: string;
  subject: string;
  version: number;
}

export interface SchemaVersion {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly schemaType: SchemaType;
  readonly references: readonly Reference[];
  readonly schema: string;
  /** Soft: still served to who asks for deleted ones, and by its id. */
  readonly deleted: boolean;
}

/** What the registry's state is made of, one record each. `subject: null` is the global setting. */
export type Change =
  | { type: 'schema'; version: SchemaVersion }
  | { type: 'forget-schema'; subject: string; version: number }
  | { type: 'delete-subject'; subject: string; upToVersion: number }
  | { type: 'clear-subject'; subject: string }
  | { type: 'config'; subject: string | null; level: CompatibilityLevel | null }
  | { type: 'mode'; subject: string | null; mode: Mode | null };

/** The record in the format of Confluent's Schema Registry, key fields in its order: compaction goes by the key's bytes. */
export function encodeChange(change: Change): LogRecord {
  const record = (key: object, value: object | null): LogRecord => ({
    key: JSON.stringify(key),
    value: value && JSON.stringify(value),
  });
  switch (change.type) {
    case 'schema': {
      const { subject, version, id, schemaType, references, schema, deleted } = change.version;
      return record(
        { keytype: 'SCHEMA', subject, version, magic: 1 },
        {
          subject,
          version,
          id,
          ...(schemaType !== 'AVRO' && { schemaType }),
          ...(references.length > 0 && { references }),
          schema,
          deleted,
        },
      );
    }
    case 'forget-schema':
      return record({ keytype: 'SCHEMA', subject: change.subject, version: change.version, magic: 1 }, null);
    case 'delete-subject':
      return record(
        { keytype: 'DELETE_SUBJECT', subject: change.subject, magic: 0 },
        { subject: change.subject, version: change.upToVersion },
      );
    case 'clear-subject':
      return record(
        { keytype: 'CLEAR_SUBJECT', subject: change.subject, magic: 0 },
        { subject: change.subject },
      );
    case 'config':
      return record(
        { keytype: 'CONFIG', subject: change.subject, magic: 0 },
        change.level && { compatibilityLevel: change.level },
      );
    case 'mode':
      return record(
        { keytype: 'MODE', subject: change.subject, magic: 0 },
        change.mode && { mode: change.mode },
      );
  }
}

/** null for what means nothing here (NOOP, keys of features that this registry does not have). Throws on what is no record of a registry. */
export function decodeChange({ key, value }: LogRecord): Change | null {
  const k = JSON.parse(key) as { keytype: string; subject: string | null; version: number };
  const v = value === null ? null : (JSON.parse(value) as Record<string, unknown>);
  const subject = k.subject ?? '';
  switch (k.keytype) {
    case 'SCHEMA':
      if (v === null) return { type: 'forget-schema', subject, version: k.version };
      return { type: 'schema', version: schemaVersionOf(subject, k.version, v) };
    case 'DELETE_SUBJECT':
      return v && { type: 'delete-subject', subject, upToVersion: Number(v.version) };
    case 'CLEAR_SUBJECT':
      return v && { type: 'clear-subject', subject };
    case 'CONFIG': {
      const level = compatibilityLevels.find((known) => known === v?.compatibilityLevel) ?? null;
      return { type: 'config', subject: k.subject ?? null, level };
    }
    case 'MODE':
      return {
        type: 'mode',
        subject: k.subject ?? null,
        mode: modes.find((known) => known === v?.mode) ?? null,
      };
    default:
      return null;
  }
}

function schemaVersionOf(subject: string, version: number, value: Record<string, unknown>): SchemaVersion {
  return {
    subject,
    version,
    id: Number(value.id),
    schemaType: schemaTypes.find((known) => known === value.schemaType) ?? 'AVRO',
    references: (value.references as Reference[] | undefined) ?? [],
    schema: String(value.schema),
    deleted: value.deleted === true,
  };
}
