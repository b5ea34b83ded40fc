import { DdsError } from '../../errors/index.ts';
import {
  type CatchUp,
  type ColumnMap,
  defaultTemperature,
  type FaultOptions,
  type FieldSpecs,
  formatOf,
  parseColumnMap,
  parseDecimal,
  parseDuration,
  parseFaults,
  parseFieldFlags,
  parseFieldMap,
  parseRate,
  parseRowFilter,
  parseSpeed,
  parseWhole,
  type ReplayFormat,
  type RowFilter,
  type TemperatureParameters,
  type TemperatureUnit,
} from '../simulator/index.ts';

/** The flags of `dds simulate` as they were typed. */
export interface SimulateFlags {
  rate?: string | undefined;
  interval?: string | undefined;
  sensors?: string | undefined;
  duration?: string | undefined;
  count?: string | undefined;
  seed?: string | undefined;
  site?: string[] | undefined;
  unit?: TemperatureUnit | undefined;
  base?: string | undefined;
  target?: string | undefined;
  noise?: string | undefined;
  'max-inflight'?: string | undefined;
  'catch-up'?: CatchUp | undefined;
  warmup?: string | undefined;
  replay?: string | undefined;
  'replay-format'?: ReplayFormat | undefined;
  speed?: string | undefined;
  map?: string[] | undefined;
  filter?: string[] | undefined;
  'shift-to-now'?: boolean | undefined;
  register?: boolean | undefined;
  topic?: string | undefined;
  schema?: string | undefined;
  field?: string[] | undefined;
  late?: string | undefined;
  duplicate?: string | undefined;
  drop?: string | undefined;
  'out-of-order'?: string | undefined;
  offline?: string | undefined;
  anomaly?: string | undefined;
  backfill?: string | undefined;
}

export interface ModelLoad {
  kind: 'model';
  sensors: number;
  /** Messages per second of the whole fleet; Infinity for as many as possible. */
  rate: number;
  seed: number;
  parameters: TemperatureParameters;
  faults: FaultOptions | undefined;
  /** Writes the readings of so many ms up to now; undefined for readings of now. */
  history: { spanMs: number; speed: number } | undefined;
}

/** Records of another schema than TemperatureData. */
export interface RecordOptions {
  /** A file or a built-in record; undefined for the schema that is registered for the topic. */
  schema: string | undefined;
  fields: FieldSpecs;
}

export interface ReplayLoad {
  kind: 'replay';
  path: string;
  format: ReplayFormat;
  /** Columns of TemperatureData's fields. */
  map: ColumnMap;
  /** Columns of any other schema's. */
  fieldMap: Readonly<Record<string, string>>;
  filter: RowFilter;
  shiftToNow: boolean;
  /** `rate` when the recorded distances do not count. */
  pace: { rate: number } | { speed: number };
}

/** What `dds simulate` shall do, every default filled in. */
export interface SimulateOptions {
  load: ModelLoad | ReplayLoad;
  topic: string;
  /** null for the thesis's temperatures. */
  records: RecordOptions | null;
  unit: TemperatureUnit;
  /** Names of sites; undefined for all edge sites. */
  sites: string[] | undefined;
  durationMs: number | undefined;
  count: number | undefined;
  maxInFlight: number;
  catchUp: CatchUp;
  warmupMs: number;
  /** Whether the fleet is registered first. */
  register: boolean;
}

const defaultSensors = 10;
/** The thesis's sensors send once a second. */
const defaultInterval = '1s';
const defaultMaxInFlight = 100_000;

const temperatureTopic = 'temperature-data';
const modelOnly = [
  ...(['sensors', 'interval', 'base', 'target', 'noise', 'seed', 'field', 'backfill'] as const),
  ...(['late', 'duplicate', 'drop', 'out-of-order', 'offline', 'anomaly'] as const),
] as const;
const replayOnly = ['replay-format', 'map', 'filter', 'shift-to-now'] as const;
const temperatureOnly = ['base', 'target', 'noise', 'unit'] as const;

/** Checks the flags before anything is touched. Throws DDS_USAGE. */
export function simulateOptions(flags: SimulateFlags): SimulateOptions {
  const refused = (flags.replay === undefined ? replayOnly : modelOnly).find(
    (name) => flags[name] !== undefined && flags[name] !== false,
  );
  if (refused) {
    const why = flags.replay === undefined ? 'needs --replay FILE' : 'does not go with --replay';
    throw new DdsError('DDS_USAGE', `--${refused} ${why}`);
  }
  if (flags.speed !== undefined && flags.replay === undefined && flags.backfill === undefined) {
    throw new DdsError('DDS_USAGE', '--speed needs --replay FILE or --backfill TIME');
  }
  const topic = flags.topic ?? temperatureTopic;
  const records = recordOptions(flags, topic);
  const strange = records && temperatureOnly.find((name) => flags[name] !== undefined);
  if (strange) {
    throw new DdsError('DDS_USAGE', `--${strange} is for temperatures; describe the fields with --field`, {
      hint: "For example --field 'temperature=walk(min=20,max=80)'.",
    });
  }
  const optional = <T>(text: string | undefined, parse: (text: string) => T) =>
    text === undefined ? undefined : parse(text);
  return {
    load: flags.replay === undefined ? modelLoad(flags) : replayLoad(flags, flags.replay, records === null),
    topic,
    records,
    unit: flags.unit ?? 'C',
    sites: siteNames(flags.site),
    durationMs: optional(flags.duration, (text) => parseDuration(text, '--duration')),
    count: optional(flags.count, (text) => parseWhole(text, '--count')),
    maxInFlight:
      optional(flags['max-inflight'], (text) => parseWhole(text, '--max-inflight', 1, 10_000_000)) ??
      defaultMaxInFlight,
    catchUp: flags['catch-up'] ?? '2x',
    warmupMs: optional(flags.warmup, (text) => parseDuration(text, '--warmup')) ?? 0,
    register: records === null && (flags.register ?? true),
  };
}

function recordOptions(flags: SimulateFlags, topic: string): RecordOptions | null {
  const { schema, field } = flags;
  if (schema === undefined && field === undefined && topic === temperatureTopic) return null;
  return { schema, fields: parseFieldFlags(field ?? []) };
}

function modelLoad(flags: SimulateFlags): ModelLoad {
  exclusive(flags, 'rate', 'interval');
  if (flags.backfill !== undefined) {
    exclusive(flags, 'backfill', 'duration');
    exclusive(flags, 'backfill', 'warmup');
    if (flags.rate === 'max') {
      throw new DdsError('DDS_USAGE', '--backfill needs a rate: how many messages a second there were', {
        hint: 'Leave --rate away, or give one such as --rate 10; --speed max is how fast it is written.',
      });
    }
  }
  const sensors =
    flags.sensors === undefined ? defaultSensors : parseWhole(flags.sensors, '--sensors', 1, 1_000_000);
  const rate =
    flags.rate === undefined
      ? (sensors / parseDuration(flags.interval ?? defaultInterval, '--interval')) * 1000
      : parseRate(flags.rate);
  const decimal = (name: 'base' | 'target' | 'noise', least?: number) => {
    const text = flags[name];
    return text === undefined ? defaultTemperature[name] : parseDecimal(text, `--${name}`, least);
  };
  return {
    kind: 'model',
    sensors,
    rate,
    seed:
      flags.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : parseWhole(flags.seed, '--seed', 0),
    faults: parseFaults(flags),
    history:
      flags.backfill === undefined
        ? undefined
        : {
            spanMs: parseDuration(flags.backfill, '--backfill'),
            speed: parseSpeed(flags.speed ?? 'max'),
          },
    parameters: { base: decimal('base'), target: decimal('target'), noise: decimal('noise', 0) },
  };
}

function replayLoad(flags: SimulateFlags, path: string, isTemperature: boolean): ReplayLoad {
  exclusive(flags, 'rate', 'speed');
  return {
    kind: 'replay',
    path,
    format: formatOf(path, flags['replay-format']),
    map: isTemperature ? parseColumnMap(flags.map ?? []) : {},
    fieldMap: isTemperature ? {} : parseFieldMap(flags.map ?? []),
    filter: parseRowFilter(flags.filter ?? []),
    shiftToNow: flags['shift-to-now'] ?? false,
    pace:
      flags.rate === undefined ? { speed: parseSpeed(flags.speed ?? '1x') } : { rate: parseRate(flags.rate) },
  };
}

function exclusive(
  flags: SimulateFlags,
  one: 'rate' | 'backfill',
  other: 'interval' | 'speed' | 'duration' | 'warmup',
): void {
  if (flags[one] !== undefined && flags[other] !== undefined) {
    throw new DdsError('DDS_USAGE', `--${one} and --${other} exclude each other`);
  }
}

function siteNames(texts: string[] | undefined): string[] | undefined {
  if (!texts) return undefined;
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim());
  if (names.includes('')) throw new DdsError('DDS_USAGE', `--site ${texts.join(',')}: a name is empty`);
  return [...new Set(names)];
}
