import { Flags } from '@oclif/core';

const sensors = { helpGroup: 'SENSOR' };
const replay = { helpGroup: 'REPLAY' };
const records = { helpGroup: 'RECORDS' };
const faults = { helpGroup: 'FAULTS' };

/** Which records are sent, and what goes wrong with them on purpose. */
export const recordFlags = {
  topic: Flags.string({ description: 'topic to send to [default: temperature-data]', ...records }),
  schema: Flags.string({
    description: 'Avro schema of the values: a file, or a built-in record [default: what is registered]',
    helpValue: 'FILE.avsc',
    ...records,
  }),
  field: Flags.string({
    description:
      'how the values of a field come about, several times: constant, enum, uniform, walk, sine, correlated, ' +
      'sequence, sensor or time, such as temperature=walk(min=0,max=40,step=0.5) [default: by type and name]',
    helpValue: 'FIELD=GENERATOR',
    multiple: true,
    multipleNonGreedy: true,
    ...records,
  }),
  late: Flags.string({
    description: 'a share of the messages comes so much later than measured',
    helpValue: '5%:30s',
    ...faults,
  }),
  duplicate: Flags.string({ description: 'a share is sent twice', helpValue: '0.1%', ...faults }),
  drop: Flags.string({ description: 'a share is never sent', helpValue: '1%', ...faults }),
  'out-of-order': Flags.string({
    description: 'a share is sent after the next message of its sensor',
    helpValue: '5%',
    ...faults,
  }),
  offline: Flags.string({
    description: 'sensors are silent for so long, that share of the time',
    helpValue: '2%:60s',
    ...faults,
  }),
  anomaly: Flags.string({ description: 'a share has values out of bounds', helpValue: '0.5%', ...faults }),
};

/** What `dds simulate` can be told. */
export const simulateFlags = {
  ...recordFlags,
  backfill: Flags.string({
    description: 'write the readings of so long up to now, as fast as possible or by --speed: 12h, 7d',
    helpValue: 'TIME',
    ...sensors,
  }),
  rate: Flags.string({
    description:
      'messages per second of the whole fleet: 250, 10k, 600k/m, or max [default: one a second per sensor]',
    helpValue: 'RATE',
  }),
  duration: Flags.string({ description: 'how long to send: 500ms, 30s, 5m', helpValue: 'TIME' }),
  count: Flags.string({ description: 'how many messages to send', helpValue: 'N' }),
  site: Flags.string({
    description: 'sites to send to, several times or separated by commas [default: all edge sites]',
    helpValue: 'SITE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'max-inflight': Flags.string({
    description: 'messages under way at most; one that has to wait counts as overrun [default: 100k]',
    helpValue: 'N',
  }),
  'catch-up': Flags.option({
    description:
      'after a stall: at most twice the rate, all at once, or leave out what is late [default: 2x]',
    options: ['2x', 'burst', 'drop'] as const,
  })(),
  warmup: Flags.string({
    description: 'send, but do not measure, for so long at first',
    helpValue: 'TIME',
  }),
  register: Flags.boolean({
    description: 'register the devices, the sensors and their type first',
    allowNo: true,
    default: true,
  }),
  unit: Flags.option({
    description: 'unit of the temperatures [default: C]',
    options: ['C', 'F', 'K'] as const,
  })(),
  sensors: Flags.string({ description: 'how many sensors [default: 10]', helpValue: 'N', ...sensors }),
  interval: Flags.string({
    description: 'time between two messages of a sensor, instead of --rate',
    helpValue: 'TIME',
    ...sensors,
  }),
  seed: Flags.string({
    description: 'what every random draw comes from [default: a new one]',
    helpValue: 'N',
    ...sensors,
  }),
  base: Flags.string({ description: 'temperature at the start [default: 0]', helpValue: 'T', ...sensors }),
  target: Flags.string({
    description: 'temperature it approaches [default: 100]',
    helpValue: 'T',
    ...sensors,
  }),
  noise: Flags.string({
    description: 'noise, uniform in ± this [default: 0.1]',
    helpValue: 'T',
    ...sensors,
  }),
  replay: Flags.string({
    description: 'send the records of a file: CSV, JSON lines or Parquet, by its extension',
    helpValue: 'FILE',
    ...replay,
  }),
  'replay-format': Flags.option({
    description: 'format of the file, where its extension does not tell',
    options: ['csv', 'ndjson', 'parquet'] as const,
    ...replay,
  })(),
  speed: Flags.string({
    description: 'how many times faster than it was: 60x, max [default: 1x; max with --backfill]',
    helpValue: 'FACTOR',
    ...replay,
  }),
  map: Flags.string({
    description: 'columns of the fields, such as sensor_id=location [default: the same names]',
    helpValue: 'FIELD=COLUMN,…',
    multiple: true,
    multipleNonGreedy: true,
    ...replay,
  }),
  filter: Flags.string({
    description: 'only rows with this value in this column; several times for several columns',
    helpValue: 'COLUMN=VALUE',
    multiple: true,
    multipleNonGreedy: true,
    ...replay,
  }),
  'shift-to-now': Flags.boolean({
    description: 'move the recorded times so that the first is now',
    ...replay,
  }),
};
