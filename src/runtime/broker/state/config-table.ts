/** ConfigDef.Type as DescribeConfigs numbers it (KIP-226, ConfigType). */
export const configTypes = { boolean: 1, string: 2, int: 3, short: 4, long: 5, double: 6, list: 7 } as const;
export type ConfigType = keyof typeof configTypes;

export interface ConfigDefinition {
  readonly type: ConfigType;
  readonly default: string;
  /** The broker config that gives a topic config its default. */
  readonly brokerName?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly string[];
  readonly documentation: string;
}

const MAX_LONG = '9223372036854775807';
export const config = (
  type: ConfigType,
  byDefault: string,
  documentation: string,
  rest: Partial<ConfigDefinition> = {},
): ConfigDefinition => ({ type, default: byDefault, documentation, ...rest });

/** Topic configs. Those whose text says "stored" are kept and described, and change nothing on a single broker. */
export const topicConfigs: Readonly<Record<string, ConfigDefinition>> = {
  'cleanup.policy': config('list', 'delete', 'delete old segments, compact by key, or both', {
    brokerName: 'log.cleanup.policy',
    oneOf: ['delete', 'compact'],
  }),
  'compression.type': config('string', 'producer', 'stored: batches keep the codec of their producer', {
    brokerName: 'compression.type',
    oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
  }),
  'delete.retention.ms': config(
    'long',
    '86400000',
    'how long a tombstone outlives the compaction that meets it',
    {
      brokerName: 'log.cleaner.delete.retention.ms',
      minimum: 0,
    },
  ),
  'file.delete.delay.ms': config('long', '60000', 'stored: files are removed at once', {
    brokerName: 'log.segment.delete.delay.ms',
    minimum: 0,
  }),
  'flush.messages': config('long', MAX_LONG, 'stored: the operating system writes when it likes', {
    minimum: 1,
  }),
  'flush.ms': config('long', MAX_LONG, 'stored: the operating system writes when it likes', { minimum: 0 }),
  'index.interval.bytes': config('int', '8192', 'stored: the index has an entry every 8 KiB', { minimum: 0 }),
  'max.compaction.lag.ms': config(
    'long',
    MAX_LONG,
    'a closed segment older than this is compacted, however clean',
    {
      brokerName: 'log.cleaner.max.compaction.lag.ms',
      minimum: 1,
    },
  ),
  'max.message.bytes': config('int', '1048588', 'largest record batch accepted', {
    brokerName: 'message.max.bytes',
    minimum: 0,
  }),
  'message.timestamp.after.max.ms': config('long', '3600000', 'how far ahead of the clock a record may be', {
    brokerName: 'log.message.timestamp.after.max.ms',
    minimum: 0,
  }),
  'message.timestamp.before.max.ms': config('long', MAX_LONG, 'how far behind the clock a record may be', {
    brokerName: 'log.message.timestamp.before.max.ms',
    minimum: 0,
  }),
  'message.timestamp.type': config('string', 'CreateTime', "the producer's time, or that of the append", {
    brokerName: 'log.message.timestamp.type',
    oneOf: ['CreateTime', 'LogAppendTime'],
  }),
  'min.cleanable.dirty.ratio': config(
    'double',
    '0.5',
    'share of uncompacted bytes that starts a compaction',
    {
      brokerName: 'log.cleaner.min.cleanable.ratio',
      minimum: 0,
      maximum: 1,
    },
  ),
  'min.compaction.lag.ms': config('long', '0', 'a record younger than this is not compacted', {
    brokerName: 'log.cleaner.min.compaction.lag.ms',
    minimum: 0,
  }),
  'min.insync.replicas': config(
    'int',
    '1',
    'acks=all is refused while the ISR has fewer nodes; never more than there are replicas',
    {
      brokerName: 'min.insync.replicas',
      minimum: 1,
    },
  ),
  preallocate: config('boolean', 'false', 'stored: segments grow as they are written'),
  'retention.bytes': config(
    'long',
    '-1',
    'oldest segments are deleted above this size of a partition; -1 never',
    {
      brokerName: 'log.retention.bytes',
    },
  ),
  'retention.ms': config('long', '604800000', 'segments older than this are deleted; -1 never', {
    brokerName: 'log.retention.ms',
    minimum: -1,
  }),
  'segment.bytes': config('int', '134217728', 'a segment is closed at this size', {
    brokerName: 'log.segment.bytes',
    minimum: 14,
  }),
  'segment.index.bytes': config('int', '10485760', 'stored: indexes grow as they need', { minimum: 4 }),
  'segment.jitter.ms': config('long', '0', 'stored: segments close without jitter', { minimum: 0 }),
  'segment.ms': config('long', '604800000', 'a segment is closed at this age', {
    brokerName: 'log.roll.ms',
    minimum: 1,
  }),
  'unclean.leader.election.enable': config(
    'boolean',
    'false',
    'stored: only ElectLeaders makes a leader of what is out of the ISR',
  ),
};

const brokerOnly: Readonly<Record<string, ConfigDefinition>> = {
  'auto.create.topics.enable': config('boolean', 'true', 'create a topic when its metadata is asked for'),
  'auto.leader.rebalance.enable': config(
    'boolean',
    'true',
    'a node leads its partitions again as soon as it is back',
  ),
  'connections.max.idle.ms': config('long', '600000', 'a silent connection is closed after this time', {
    minimum: 1,
  }),
  'default.replication.factor': config('int', '1', 'of topics that are created with -1', { minimum: 1 }),
  'delete.topic.enable': config('boolean', 'true', 'allow DeleteTopics'),
  'fetch.max.bytes': config('int', '57671680', 'most bytes of one fetch answer', { minimum: 1024 }),
  'group.consumer.heartbeat.interval.ms': config('int', '5000', 'heartbeats of the consumer protocol', {
    minimum: 1,
  }),
  'group.consumer.max.heartbeat.interval.ms': config('int', '15000', 'most that a group may set', {
    minimum: 1,
  }),
  'group.consumer.max.session.timeout.ms': config('int', '60000', 'most that a group may set', {
    minimum: 1,
  }),
  'group.consumer.min.heartbeat.interval.ms': config('int', '5000', 'least that a group may set', {
    minimum: 1,
  }),
  'group.consumer.min.session.timeout.ms': config('int', '45000', 'least that a group may set', {
    minimum: 1,
  }),
  'group.consumer.session.timeout.ms': config(
    'int',
    '45000',
    'session of a member of the consumer protocol',
    {
      minimum: 1,
    },
  ),
  'group.initial.rebalance.delay.ms': config('int', '50', 'how long a new group waits for more members', {
    minimum: 0,
  }),
  'group.max.session.timeout.ms': config('int', '1800000', 'longest session timeout of a member', {
    minimum: 1,
  }),
  'group.max.size': config('int', '2147483647', 'most members of a group', { minimum: 1 }),
  'group.min.session.timeout.ms': config('int', '1000', 'shortest session timeout of a member', {
    minimum: 1,
  }),
  'log.cleaner.backoff.ms': config('long', '15000', 'time between looks for something to compact', {
    minimum: 1,
  }),
  'log.cleaner.enable': config('boolean', 'true', 'compact topics that ask for it'),
  'log.retention.check.interval.ms': config('long', '30000', 'time between looks for something to delete', {
    minimum: 1,
  }),
  'max.connections': config('int', '2147483647', 'more connections than this are closed at once', {
    minimum: 0,
  }),
  'max.incremental.fetch.session.cache.slots': config('int', '1000', 'most fetch sessions that are kept', {
    minimum: 0,
  }),
  'num.partitions': config('int', '1', 'of topics that are created with -1 or automatically', { minimum: 1 }),
  'offset.metadata.max.bytes': config('int', '4096', 'longest text committed with an offset', { minimum: 0 }),
  'offsets.retention.check.interval.ms': config('long', '600000', 'time between looks for expired offsets', {
    minimum: 1,
  }),
  'offsets.retention.minutes': config('int', '10080', 'offsets of a group without members are kept so long', {
    minimum: 1,
  }),
  'producer.id.expiration.ms': config('int', '86400000', 'a producer id unused for so long is forgotten', {
    minimum: 1,
  }),
  'queued.response.max.bytes': config(
    'int',
    '1048576',
    'answers waiting for one slow reader; above it the connection is not read',
    { minimum: 1 },
  ),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': config(
    'int',
    '1000',
    'time between looks for transactions that are open for too long',
    { minimum: 1 },
  ),
  'transaction.max.timeout.ms': config('int', '900000', 'longest transaction timeout of a producer', {
    minimum: 1,
  }),
  'transaction.remove.expired.transaction.cleanup.interval.ms': config(
    'int',
    '3600000',
    'time between looks for transactional ids that nobody uses any more',
    { minimum: 1 },
  ),
  'transactional.id.expiration.ms': config(
    'int',
    '604800000',
    'a transactional id unused for so long is forgotten',
    { minimum: 1 },
  ),
  'socket.request.max.bytes': config('int', '104857600', 'a larger request closes its connection', {
    minimum: 1,
  }),
};

const defaultsOfTopics = Object.values(topicConfigs)
  .filter((definition) => definition.brokerName !== undefined)
  .map(({ brokerName, ...definition }) => [brokerName!, definition] as const);

export const brokerConfigs: Readonly<Record<string, ConfigDefinition>> = {
  ...brokerOnly,
  ...Object.fromEntries(defaultsOfTopics),
};

/** Says what is wrong with a value; null when it can be used. */
export function configProblem(
  definitions: Readonly<Record<string, ConfigDefinition>>,
  name: string,
  value: string | null,
): string | null {
  const definition = definitions[name];
  if (!definition) return `Unknown config name: ${name}`;
  if (value === null) return `Null value for config ${name}`;
  const { type, minimum, maximum, oneOf } = definition;
  const invalid = (why: string) => `Invalid value ${value} for configuration ${name}: ${why}`;
  if (type === 'boolean')
    return /^(true|false)$/i.test(value.trim()) ? null : invalid('must be true or false');
  if (type === 'string' || type === 'list') {
    const values = type === 'list' ? value.split(',').map((part) => part.trim()) : [value];
    if (!oneOf) return null;
    // An empty list is one as well: a topic with no policy keeps everything.
    if (type === 'list' && value.trim() === '') return null;
    return values.every((part) => oneOf.includes(part)) ? null : invalid(`must be of ${oneOf.join(', ')}`);
  }
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isNaN(number)) return invalid(`not a number of type ${type}`);
  if (type !== 'double' && !/^-?\d+$/.test(value.trim())) return invalid(`not a number of type ${type}`);
  if (type === 'int' && Math.abs(number) > 2 ** 31) return invalid('not a number of type int');
  if (minimum !== undefined && number < minimum) return invalid(`must be at least ${minimum}`);
  if (maximum !== undefined && number > maximum) return invalid(`must be at most ${maximum}`);
  return null;
}
