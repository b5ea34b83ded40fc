/**
 * The vocabulary in which messages are declared: a field is a type, the versions that have it, the versions that
 * allow null, and its default. It reads like Kafka's own message definitions; `api.ts` is its interpreter.
 */
import { malformed, type Reader } from './reader.ts';
import { structCodec } from './struct-codec.ts';
import { type VersionRange, versionRange } from './version-range.ts';
import type { Writer } from './writer.ts';

/** Which encoding is being read or written. */
export interface Encoding {
  readonly version: number;
  /** KIP-482: compact lengths and tagged fields. */
  readonly flexible: boolean;
}

export interface Codec<Out, In = Out> {
  readonly empty: Out;
  read(reader: Reader, encoding: Encoding, nullable: boolean): Out | null;
  write(writer: Writer, value: In | null, encoding: Encoding, nullable: boolean): void;
  /** True when a tagged field may be left out. */
  isEmpty(value: In | null): boolean;
  /** What an array or a struct is made of. */
  readonly element?: Field | Fields;
  readonly fields?: Fields;
}

export interface FieldOptions {
  /** Versions that have the field; all when absent. */
  versions?: string;
  /** Versions in which it may be null; none when absent. */
  nullable?: string;
  /** Value when the version does not have it, or the encoder was given none. */
  default?: unknown;
  /** Tag in flexible versions: the field is then optional on the wire. */
  tag?: number;
  /** Versions in which it is tagged; all flexible ones when absent. */
  tagged?: string;
}

declare const types: unique symbol;

export interface Field<Out = unknown, In = unknown, Optional extends boolean = boolean> {
  readonly codec: Codec<unknown>;
  readonly versions: VersionRange;
  readonly nullable: VersionRange | null;
  readonly default: unknown;
  readonly tag: number | null;
  readonly tagged: VersionRange;
  readonly [types]?: { out: Out; in: In; optional: Optional };
}

export type Fields = Record<string, Field>;
type OutOf<F> = F extends Field<infer Out, unknown, boolean> ? Out : never;
type InOf<F> = F extends Field<unknown, infer In, boolean> ? In : never;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<unknown, unknown, false> ? never : K;
}[keyof F];

/** What decoding gives: every field, also those that the version does not have (with their defaults). */
export type Decoded<F extends Fields> = { -readonly [K in keyof F]: OutOf<F[K]> };
/** What encoding takes: fields of all versions without a default are required. */
export type Encodable<F extends Fields> = {
  [K in Exclude<keyof F, OptionalKeys<F>>]: InOf<F[K]>;
} & { [K in OptionalKeys<F>]?: InOf<F[K]> | undefined };

type Null<O> = O extends { nullable: string } ? null : never;
type IsOptional<O> = O extends { default: unknown } | { versions: string } | { tag: number } ? true : false;
// biome-ignore lint/complexity/noBannedTypes: "no options" must not match any of the conditional types above
type None = {};
const ALL: VersionRange = { from: 0, to: Number.POSITIVE_INFINITY };

function field<Out, In, O extends FieldOptions>(
  codec: Codec<Out, In>,
  options: O | undefined,
): Field<Out | Null<O>, In | Null<O>, IsOptional<O>> {
  return {
    codec: codec as unknown as Codec<unknown>,
    versions: options?.versions ? versionRange(options.versions) : ALL,
    nullable: options?.nullable ? versionRange(options.nullable) : null,
    default: options && 'default' in options ? options.default : codec.empty,
    tag: options?.tag ?? null,
    tagged: options?.tagged ? versionRange(options.tagged) : ALL,
  };
}

function scalar<T>(empty: T, read: (reader: Reader) => T, write: (writer: Writer, value: T) => void) {
  const codec: Codec<T> = {
    empty,
    read: (reader) => read(reader),
    write: (writer, value) => write(writer, value ?? empty),
    isEmpty: () => false,
  };
  return <const O extends FieldOptions = None>(options?: O) => field(codec, options);
}

const stringCodec: Codec<string> = {
  empty: '',
  read(reader, { flexible }, nullable) {
    const text = reader.string(flexible);
    if (text === null && !nullable) throw malformed('null where a string is required');
    return text;
  },
  write(writer, value, { flexible }, nullable) {
    writer.string(value === null && !nullable ? '' : value, flexible);
  },
  isEmpty: () => false,
};

const NO_BYTES = Buffer.alloc(0);
const bytesCodec: Codec<Buffer, Uint8Array> = {
  empty: NO_BYTES,
  read(reader, { flexible }, nullable) {
    const length = reader.length(flexible);
    if (length >= 0) return reader.bytes(length);
    return nullable ? null : NO_BYTES;
  },
  write(writer, value, { flexible }, nullable) {
    if (value === null && nullable) return writer.arrayLength(-1, flexible);
    writer.arrayLength(value?.length ?? 0, flexible);
    if (value) writer.bytes(value);
  },
  isEmpty: (value) => value === null || value.length === 0,
};

function arrayCodec(of: Field | Fields): Codec<unknown[]> {
  const element = isField(of) ? of.codec : (structCodec(of) as Codec<unknown>);
  const elementNullable = isField(of) && of.nullable !== null;
  return {
    element: of,
    empty: Object.freeze([]) as unknown as unknown[],
    read(reader, encoding, nullable) {
      const length = reader.length(encoding.flexible);
      if (length < 0) {
        if (!nullable) throw malformed('null where an array is required');
        return null;
      }
      // Every element takes a byte at least: a length that lies cannot make us allocate.
      if (length > reader.remaining) throw malformed(`an array of ${length} in ${reader.remaining} bytes`);
      const values: unknown[] = [];
      for (let i = 0; i < length; i++) values.push(element.read(reader, encoding, elementNullable));
      return values;
    },
    write(writer, values, encoding, nullable) {
      if (values === null && nullable) return writer.arrayLength(-1, encoding.flexible);
      writer.arrayLength(values?.length ?? 0, encoding.flexible);
      if (values) for (const value of values) element.write(writer, value, encoding, elementNullable);
    },
    isEmpty: (values) => values === null || values.length === 0,
  };
}

type ArrayOut<E> = E extends Field<infer Out, unknown, boolean> ? Out : E extends Fields ? Decoded<E> : never;
type ArrayIn<E> = E extends Field<unknown, infer In, boolean> ? In : E extends Fields ? Encodable<E> : never;
const isField = (element: Field | Fields): element is Field => 'codec' in element && 'versions' in element;

export const int8 = scalar(
  0,
  (r) => r.int8(),
  (w, v) => w.int8(v),
);
export const int16 = scalar(
  0,
  (r) => r.int16(),
  (w, v) => w.int16(v),
);
export const uint16 = scalar(
  0,
  (r) => r.uint16(),
  (w, v) => w.uint16(v),
);
export const int32 = scalar(
  0,
  (r) => r.int32(),
  (w, v) => w.int32(v),
);
/** A number, exact to 2^53. */
export const int64 = scalar(
  0,
  (r) => r.int64(),
  (w, v) => w.int64(v),
);
export const float64 = scalar(
  0,
  (r) => r.float64(),
  (w, v) => w.float64(v),
);
export const boolean = scalar(
  false,
  (r) => r.boolean(),
  (w, v) => w.boolean(v),
);
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';
/** Canonical text; the nil UUID stands for none. */
export const uuid = scalar(
  NIL_UUID,
  (r) => r.uuid(),
  (w, v) => w.uuid(v),
);

export const string = <const O extends FieldOptions = None>(options?: O) => field(stringCodec, options);
/** A view of the message's bytes when decoded; not copied when encoded if large. Record batches travel as these. */
export const bytes = <const O extends FieldOptions = None>(options?: O) => field(bytesCodec, options);

/** An array of a field or of structs. */
export function array<E extends Field | Fields, const O extends FieldOptions = None>(
  element: E,
  options?: O,
) {
  return field(arrayCodec(element) as unknown as Codec<ArrayOut<E>[], readonly ArrayIn<E>[]>, options);
}

export function struct<F extends Fields, const O extends FieldOptions = None>(fields: F, options?: O) {
  return field(structCodec(fields) as unknown as Codec<Decoded<F>, Encodable<F>>, options);
}
