import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { type AvroType, avroType } from '../../serde/avro.ts';
import { wireHeaderBytes, writeWireHeader } from '../../serde/wire.ts';
import type { ReadingsFactory } from '../readings.ts';
import { isIdName, isTimeName } from '../schema/default-specs.ts';
import { numberOf } from '../schema/field-values.ts';
import { fromRow, MisfitError } from '../schema/from-row.ts';
import { type AvroNode, avroNode } from '../schema/nodes.ts';
import type { RowFilter } from './columns.ts';
import { parseRecordedTime } from './recorded-time.ts';
import { badRow, type ReplayFormat, readRows } from './rows.ts';

export interface ReadRecordsOptions {
  path: string;
  /** What messages call the file: as the user typed it. */
  name: string;
  format: ReplayFormat;
  /** Column by field; a field that is not named takes the column of its own name. */
  map: Readonly<Record<string, string>>;
  filter: RowFilter;
  schemaText: string;
  references: readonly string[];
}

/** Records in order of time, encoded: a row costs its Avro bytes and 28 more. */
export interface RecordRecording {
  sensorIds: string[];
  count: number;
  sensor: Uint32Array;
  /** ms since the epoch, rising; all 0 when the schema has no time. */
  time: Float64Array;
  /** The record of row i, without the wire format's header. */
  bytes(i: number): Buffer;
  /** Puts another time into a record. */
  moved(i: number, timeMs: number): Buffer;
  schemaText: string;
}

/** Reads and encodes the whole file, so that nothing is sent of one that has a mistake in its last line. */
export async function readRecords(
  options: ReadRecordsOptions,
  signal?: AbortSignal,
): Promise<RecordRecording> {
  const { path, name, format, map, filter, schemaText, references } = options;
  const type = avroType(schemaText, references);
  const node = avroNode(schemaText, type);
  if (node.kind !== 'record')
    throw new DdsError('DDS_USAGE', `the schema is of type ${node.kind}; expected a record`);
  const fields = node.fields!;
  checkMap(
    map,
    fields.map((field) => field.name),
  );
  const key =
    fields.find((field) => inner(field.node).kind === 'string' && isIdName(field.name))?.name ?? null;
  const time = fields.find((field) => isTime(inner(field.node), field.name)) ?? null;
  const packed = new PackedRows();
  for await (const { line, values } of readRows(path, name, format, signal)) {
    const strange = filter.find(({ column }) => values[column] === undefined);
    if (strange) throw badRow(name, line, `there is no column ${strange.column}`);
    const row: Record<string, unknown> = {};
    for (const field of fields) row[field.name] = values[map[field.name] ?? field.name];
    let bytes: Buffer;
    try {
      bytes = type.toBuffer(fromRow(node, row, ''));
    } catch (error) {
      if (!(error instanceof MisfitError)) throw error;
      throw badRow(name, line, error.message, { value: error.value });
    }
    if (!filter.every(({ column, value }) => String(values[column]) === value)) continue;
    const timeMs = time === null ? 0 : timeValue(row[time.name], inner(time.node).logical);
    if (timeMs === null)
      throw badRow(name, line, `${time!.name} is ${JSON.stringify(row[time!.name])}, not a time`);
    packed.add(key === null ? 'replay' : String(row[key]), timeMs, bytes);
  }
  if (packed.count === 0) throw new DdsError('DDS_INPUT_INVALID', `${name}: there is no row to replay`);
  return { ...packed.build(type, time), schemaText };
}

/** Sends the records with their own times; shifted, the first one was measured at the start. */
export function recordedRecords(recording: RecordRecording, shiftToNow: boolean): ReadingsFactory {
  const { sensor, time, bytes, moved, schemaText } = recording;
  return (targets, startTimeMs) => {
    const other = targets.find(({ schema }) => schema.text !== schemaText);
    if (other) {
      throw new DdsError('DDS_USAGE', 'the sites have different schemas for this topic', {
        hint: 'Replay to one of them with --site, or give the schema with --schema.',
      });
    }
    const shiftMs = shiftToNow ? startTimeMs - (time[0] ?? 0) : 0;
    return {
      sensorOf: (i) => sensor[i]!,
      encode(i) {
        const body = shiftToNow ? moved(i, time[i]! + shiftMs) : bytes(i);
        const value = Buffer.allocUnsafe(wireHeaderBytes + body.length);
        writeWireHeader(value, targets[sensor[i]!]!.schema.id);
        body.copy(value, wireHeaderBytes);
        return value;
      },
    };
  };
}

/** Encoded rows, one behind the other. */
class PackedRows {
  count = 0;
  readonly #sensors = new Map<string, number>();
  readonly #sensor: number[] = [];
  readonly #time: number[] = [];
  readonly #end: number[] = [];
  #bytes = Buffer.allocUnsafe(1 << 16);

  add(sensorId: string, timeMs: number, bytes: Buffer): void {
    let sensor = this.#sensors.get(sensorId);
    if (sensor === undefined) {
      sensor = this.#sensors.size;
      this.#sensors.set(sensorId, sensor);
    }
    const start = this.#end.at(-1) ?? 0;
    const end = start + bytes.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, start);
      this.#bytes = larger;
    }
    bytes.copy(this.#bytes, start);
    this.#sensor.push(sensor);
    this.#time.push(timeMs);
    this.#end.push(end);
    this.count++;
  }

  build(type: AvroType, time: { name: string; node: AvroNode } | null): Omit<RecordRecording, 'schemaText'> {
    const order = Uint32Array.from({ length: this.count }, (_, i) => i);
    order.sort((a, b) => this.#time[a]! - this.#time[b]! || a - b);
    const bytes = (i: number) => {
      const row = order[i]!;
      return this.#bytes.subarray(row === 0 ? 0 : this.#end[row - 1], this.#end[row]);
    };
    const shape = time && numberOf(inner(time.node), true, time.name);
    return {
      sensorIds: [...this.#sensors.keys()],
      count: this.count,
      sensor: order.map((row) => this.#sensor[row]!),
      time: Float64Array.from(order, (row) => this.#time[row]!),
      bytes,
      moved(i, timeMs) {
        if (!time || !shape) return bytes(i);
        const value = type.fromBuffer(bytes(i)) as Record<string, unknown>;
        return type.toBuffer({ ...value, [time.name]: shape(timeMs) });
      },
    };
  }
}

/** A field that may be null is what else it is. */
const inner = (node: AvroNode): AvroNode =>
  node.kind === 'union' ? (node.branches!.find((branch) => branch.node.kind !== 'null')?.node ?? node) : node;

const isTime = ({ kind, logical }: AvroNode, name: string) =>
  logical !== null
    ? /^(local-)?timestamp-/.test(logical)
    : ['long', 'double', 'string'].includes(kind) && isTimeName(name);

/** In ms; a number is in the unit that the logical type says. */
function timeValue(value: unknown, logical: string | null): number | null {
  if (typeof value === 'number' && logical?.endsWith('-micros')) return value / 1e3;
  if (typeof value === 'number' && logical?.endsWith('-nanos')) return value / 1e6;
  return typeof value === 'string' || typeof value === 'number' ? parseRecordedTime(String(value)) : null;
}

function checkMap(map: Readonly<Record<string, string>>, names: readonly string[]): void {
  const unknown = Object.keys(map).find((field) => !names.includes(field));
  if (unknown === undefined) return;
  const [guess] = nearNames(unknown, names, 1);
  throw new DdsError('DDS_USAGE', `--map ${unknown}: the schema has no field ${unknown}`, {
    hint: `${guess ? `Did you mean ${guess}? ` : ''}Its fields are ${names.join(', ')}.`,
  });
}
