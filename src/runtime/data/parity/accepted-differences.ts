import { type AcceptedDifference, among, on, words } from './accepted-difference.ts';

const shareGroups = [76, 77, 78, 79, 83, 84, 85, 86, 87, 90, 91, 92];
const streamsGroups = [88, 89, 93];
const unregisterController = 94;
const features = [
  'kraft.version',
  'metadata.version',
  'share.version',
  'streams.version',
  'eligible.leader.replicas.version',
];

/** Configs that only the other side has. */
const missingConfigs = [
  'compression.(?:gzip|lz4|zstd).level',
  'errors.deadletterqueue.group.enable',
  '(?:follower|leader).replication.throttled.replicas',
  'local.retention.(?:bytes|ms)',
  'max.decompressed.message.bytes',
  'remote.(?:copy.lag.bytes|copy.lag.ms|log.copy.disable|log.delete.on.disable|storage.enable)',
].map((name) => name.replaceAll('.', '\\.'));
const missing = `/^[a-z]+\\[[^\\]]+\\]\\.configs\\[(?:${missingConfigs.join('|')})\\]$/`;
const missingOfGroups =
  '/\\.configs\\[(?:(?:share|streams|errors\\.deadletterqueue)\\.[a-z.]+|consumer\\.assign[a-z.]+)\\]$/';
/** Of brokers these are fixed at the start in Kafka. */
const fixedConfigs = [
  ...[
    'auto.create.topics.enable',
    'default.replication.factor',
    'num.partitions',
    'offsets.retention.minutes',
  ],
  ...['group.max.session.timeout.ms', 'group.min.session.timeout.ms', 'transaction.max.timeout.ms'],
].map((name) => name.replaceAll('.', '\\.'));

const cluster = [
  on(
    'cluster: ask for versions',
    among('apiKeys', [...shareGroups, ...streamsGroups, unregisterController]),
    'Share groups, streams groups and controllers are not there (docs/protocol.md).',
  ),
  on(
    'cluster: ask for versions',
    among('(?:supported|finalized)Features', features),
    'Features of KRaft, share groups and streams groups are not there.',
  ),
  on(
    'cluster: ask for versions',
    'finalizedFeaturesEpoch',
    'It counts changes of the metadata log, here of the features.',
  ),
  on(
    'cluster: metadata of the same topic twice',
    'topics',
    'Kafka answers once; the embedded broker answers each place of the request.',
  ),
  on(
    'cluster: metadata of neither name nor id',
    '*',
    'Kafka fails with UNKNOWN_SERVER_ERROR on a request that no client sends.',
  ),
  words('cluster: coordinator of a share group', 'The embedded broker says in words that there is none.'),
  on(
    'cluster: update to *',
    '/^results\\[[a-z.]+\\]$/',
    'Kafka names the feature only in the text of the whole answer.',
  ),
];

const topics = [
  ...['topics: create*', 'configs: describe a topic, *'].map((operation) =>
    on(operation, missing, 'Configs of tiered storage, throttling and compression levels are not there.'),
  ),
  ...['topics: create*', 'configs: describe a topic*'].flatMap((operation) => [
    on(operation, '*.configs[segment.bytes].value', 'Segments of 128 MiB suit a laptop.'),
    on(
      operation,
      '*.configs[min.insync.replicas].configSource',
      'A new Kafka cluster sets this default of all brokers itself.',
    ),
  ]),
  on('topics: create*', '*.configs[index.interval.bytes].value', 'The index has an entry every 8 KiB.'),
  on(
    'configs: describe a topic, *',
    '*.configs[index.interval.bytes].value',
    'The index has an entry every 8 KiB.',
  ),
  on(
    'topics: create with only a check',
    'topics[checked].topicId',
    'Kafka gives the id of a topic that is never made.',
  ),
  on(
    'topics: create with the name of an internal topic',
    'topics[__consumer_offsets].errorCode',
    'The embedded broker keeps offsets without that topic until a transaction needs it.',
  ),
  on(
    'topics: create the same twice',
    'topics',
    'Kafka answers once; the embedded broker answers each place of the request.',
  ),
  on(
    'topics: create with segments of 10 kB',
    'topics[*].errorCode',
    'Kafka wants segments of 1 MiB at least; smaller ones show retention and compaction in seconds.',
  ),
  words('topics: grow an unknown one', 'Only the embedded broker has words for it.'),
];

const produce = [
  words('produce: *', 'The embedded broker says in words why it refuses a batch.'),
  words('transactions: *', 'The embedded broker says in words why it refuses a batch.'),
  on('produce: null for records', '(answer)', 'Kafka closes the connection.'),
  on(
    'produce: bytes after the batch',
    '*.errorCode',
    'Kafka takes the batch and drops what follows; the embedded broker refuses the whole.',
  ),
];

const fetch = [
  on(
    'fetch: a batch and a little',
    '*.records',
    'Kafka cuts the last batch off where the limit is; the embedded broker sends whole ones.',
  ),
  on(
    'offsets: of a partition twice',
    'topics[fetch].partitions',
    'Kafka refuses it; the embedded broker answers each.',
  ),
];

const groups = [
  words('consumer groups: describe one without a name', 'Only the embedded broker has words for it.'),
  ...['*ssignment*', '*poch', '*.groupState'].map((field) =>
    on('consumer groups: *', field, 'Kafka 4.4 puts new assignments off for a while.', { isAtSites: true }),
  ),
];

const transactions = [
  on(
    'transactions: v2, init while it is open',
    'errorCode',
    'The embedded broker ends what is open within the request; the client is spared asking again.',
  ),
  on(
    'transactions: v2, describe',
    'transactionStates[second].topics[__consumer_offsets].partitions',
    'Committed offsets are one partition here.',
    { isByChance: true },
  ),
];

const admin = [
  on('admin: describe the quorum', '*.leaderEpoch', 'Nobody votes: there is one epoch.'),
  on('admin: describe the quorum', '*.highWatermark', 'There is no log of metadata.'),
  on('admin: describe the quorum', '*.logEndOffset', 'There is no log of metadata.'),
  ...['kind of resource', 'pattern', 'operation', 'permission'].map((what) =>
    on(
      `acls: create for any ${what}`,
      'results[0].errorCode',
      'Kafka fails with UNKNOWN_SERVER_ERROR; the embedded broker says what is wrong.',
    ),
  ),
  on(
    'acls: create for what matches',
    'results[0].errorCode',
    'Kafka fails with UNKNOWN_SERVER_ERROR; the embedded broker says what is wrong.',
  ),
  on(
    'scram: without a password',
    'results[no-password].errorCode',
    'Kafka fails with UNKNOWN_SERVER_ERROR; the embedded broker says what is wrong.',
  ),
  on('acls: *', '*', 'Without an authorizer Kafka keeps no ACLs.', { isAtSites: true }),
];

const configs = [
  on(
    'configs: describe a topic*',
    '*.configs[min.insync.replicas].synonyms',
    'A new Kafka cluster sets this default of all brokers itself.',
  ),
  ...['retention.ms].synonyms[log.retention.ms]', 'segment.ms].synonyms[log.roll.ms]'].map((config) =>
    on('configs: describe a topic*', `*.configs[${config}`, 'Kafka has its default in hours, here in ms.'),
  ),
  on(
    'configs: describe a topic*',
    '*.configs[segment.bytes].synonyms[log.segment.bytes].value',
    'Segments of 128 MiB suit a laptop.',
  ),
  on(
    'configs: describe a broker',
    `/\\.configs\\[(?:${fixedConfigs.join('|')})\\]\\.readOnly$/`,
    'Every broker config can be changed while it runs.',
  ),
  on(
    'configs: describe a broker',
    '/\\.configs\\[(?:group\\.min\\.session\\.timeout\\.ms|log\\.segment\\.bytes)\\]\\.value$/',
    'Defaults that suit a laptop.',
  ),
  on(
    'configs: describe a broker',
    '*.configs[log.retention.ms].value',
    'Kafka has its default in hours, here in ms.',
  ),
  on(
    'configs: describe a broker',
    '*.configs[default.replication.factor].configSource',
    'The container is given one, the default here.',
  ),
  on(
    'configs: describe the default of brokers',
    '/\\.configs\\[[a-z.]+\\]$/',
    'Kafka tells only what was set for all brokers; here brokers share all they have.',
  ),
  on(
    'configs: describe the default of brokers',
    '*.configs[min.insync.replicas].configSource',
    'A new Kafka cluster sets this default of all brokers itself.',
  ),
  words('configs: describe an unknown topic', 'Only the embedded broker has words for it.'),
  on(
    'configs: describe a group*',
    missingOfGroups,
    'Share groups and streams groups are not there, and assignments are computed at once.',
  ),
  on(
    'configs: do what is not known',
    '*.errorCode',
    'Kafka fails with UNKNOWN_SERVER_ERROR on a request that no client sends.',
  ),
  on(
    'configs: set what a broker has from its start',
    '*.errorCode',
    'Another error; there is no such config here.',
  ),
];

/** By the first that matches. */
export const accepted: readonly AcceptedDifference[] = [
  ...[...cluster, ...topics, ...produce, ...fetch],
  ...[...groups, ...transactions, ...configs, ...admin],
];
