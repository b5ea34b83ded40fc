/** A difference between the embedded broker and Apache Kafka that is known, and why there is one. */
export interface AcceptedDifference {
  /** Of the script, as a glob. */
  operation: string;
  /** Place in the answer, as a glob. */
  field: string;
  reason: string;
  /** True where the embedded broker should do as Kafka does, and does not yet. */
  isGap?: true;
}

const on = (operation: string, field: string, reason: string): AcceptedDifference => ({
  operation,
  field,
  reason,
});
const gap = (operation: string, field: string, reason: string): AcceptedDifference => ({
  ...on(operation, field, reason),
  isGap: true,
});

/** `list[key]` of any of these keys, with all that is in it. */
const among = (list: string, keys: readonly (string | number)[]) => `/^${list}\\[(?:${keys.join('|')})\\]/`;
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
  on(
    'cluster: metadata of the committed offsets',
    '*',
    'The embedded broker keeps offsets without that topic until a transaction needs it.',
  ),
  gap('cluster: partitions from a cursor below 0', '*', 'A cursor below 0 is taken for 0.'),
  on(
    'cluster: coordinator of *',
    '*errorMessage',
    'Kafka writes "NONE" or an empty text where there is no error.',
  ),
  on('cluster: update to *', 'results*', 'Kafka names the feature only in the text of the whole answer.'),
];

const topics = [
  on(
    'topics: *',
    '*.configs[*',
    'Segments of 128 MiB and an index entry every 8 KiB; configs of tiered storage, throttling and compression levels are not there.',
  ),
  on(
    'configs: *',
    '*.configs[*',
    'Defaults that suit a laptop; configs of tiered storage, throttling and compression levels are not there; every broker config can be changed.',
  ),
  on(
    'topics: create with only a check',
    'topics[*].topicId',
    'Kafka gives the id of a topic that is never made.',
  ),
  on(
    'topics: create with the name of an internal topic',
    '*',
    'The embedded broker keeps offsets without that topic until a transaction needs it.',
  ),
];

const produce = [
  on('produce: *', '*.errorMessage', 'The embedded broker says in words why it refuses a batch.'),
  on('transactions: *', '*.errorMessage', 'The embedded broker says in words why it refuses a batch.'),
  on('produce: null for records', '*', 'Kafka closes the connection.'),
  gap('produce: cut off', '*', 'Another error for bytes that no client sends.'),
  gap('produce: of magic *', '*', 'Another error for older message formats, and for those to come.'),
  gap('produce: idempotent, of epoch -1', '*', 'Another error.'),
  on(
    'produce: bytes after the batch',
    '*',
    'Kafka takes the batch and drops what follows; the embedded broker refuses the whole.',
  ),
  gap(
    'produce: *',
    '*.logStartOffset',
    'Kafka tells where the log starts also when it refuses a batch for its sequence or its records.',
  ),
  gap(
    'transactions: *',
    '*.logStartOffset',
    'Kafka tells where the log starts also when it refuses a batch for its sequence or its records.',
  ),
  gap('produce: *', '*.recordErrors', 'Which record of a batch is refused is not told (KIP-467).'),
  gap(
    'produce: a batch that says it has the time of the append',
    '*',
    "The type of the time is the topic's, as it is told, and not the batch's.",
  ),
  gap(
    'produce: idempotent, *',
    '*.logAppendTimeMs',
    'Kafka tells the time of the first attempt for a batch that it has already.',
  ),
];

const fetch = [
  on(
    'fetch: a batch and a little',
    '*.records',
    'Kafka cuts the last batch off where the limit is; the embedded broker sends whole ones.',
  ),
  gap('fetch: of a leader epoch to come', '*', 'Leader epochs of requests are not looked at.'),
  on('offsets: of a partition twice', '*', 'Kafka refuses it; the embedded broker answers each.'),
  gap(
    'offsets: of the latest time after all is deleted',
    '*',
    'Kafka still tells of a record that is deleted.',
  ),
];

const moreTopics = [
  on(
    'topics: create the same twice',
    'topics',
    'Kafka answers once; the embedded broker answers each place of the request.',
  ),
  on(
    'topics: create with segments of 10 kB',
    '*',
    'Kafka wants segments of 1 MiB at least; smaller ones show retention and compaction in seconds.',
  ),
  on(
    'topics: create with an unknown cleanup policy',
    '*',
    'Follows from the line before: the topic is there already.',
  ),
  gap(
    'topics: create with an empty cleanup policy',
    '*',
    'An empty policy, which keeps everything, is not taken.',
  ),
  on('topics: grow an unknown one', '*.errorMessage', 'Only one of them has words for it.'),
  gap('topics: grow one twice', '*', 'Kafka refuses a topic that is in the request twice.'),
  on('topics: delete *', '*.errorMessage', 'Only one of them has words for it.'),
  gap('topics: delete by name and id', '*', 'Kafka refuses a topic that is named by both.'),
  on('topics: delete by id', '*', 'Follows from the line before.'),
  gap('topics: delete neither name nor id', '*', 'Another error.'),
  gap('topics: delete one twice', '*', 'Kafka refuses a topic that is in the request twice.'),
];

const groups = [
  gap('commit: of a group without a name', '*', 'Kafka keeps offsets of a group with an empty name.'),
  on('groups: list*', 'groups[]*', 'Follows from the line before.'),
  gap(
    'transactions: v1, add a group without a name',
    '*',
    'Kafka keeps offsets of a group with an empty name.',
  ),
  gap('groups: describe one without a name', '*', 'Kafka describes a group with an empty name.'),
  gap(
    'groups: join as the instance again',
    '*',
    'A static leader that comes back is not told the members (KIP-814).',
  ),
  on(
    'consumer groups: *',
    '*poch',
    'A group begins with epoch 2 in Kafka and with 1 here, and Kafka puts assignments off (below).',
  ),
  on('consumer groups: *', '*.subscribedTopicRegex', 'Null in place of an empty text.'),
  on(
    'consumer groups: describe one without a name',
    '*.errorMessage',
    'The embedded broker has words for it.',
  ),
  on(
    'consumer groups: *',
    '*assignment*',
    'Kafka 4.4 computes a new assignment at most once in a while; the embedded broker with every change.',
  ),
  on('consumer groups: *', '*targetAssignment*', 'As with the assignment.'),
  on('consumer groups: describe one with two members', '*.groupState', 'As with the assignment.'),
  gap(
    'consumer groups: join a classic group with members',
    '*',
    'A classic group with members is not taken over by the consumer protocol.',
  ),
  on('consumer groups: list', 'groups[once-classic]', 'Follows from the line before.'),
];

const transactions = [
  gap(
    'transactions: v1, list that are old',
    '*',
    'Kafka counts the age of a transaction that was never begun from 1970.',
  ),
  on(
    'transactions: v2, init while it is open',
    '*',
    'The embedded broker ends what is open within the request; the client is spared asking again.',
  ),
  on(
    'transactions: v2, describe',
    '*.topics[__consumer_offsets]*',
    'Committed offsets are one partition here.',
  ),
  gap(
    'transactions: v2, write not from 0 elsewhere',
    '*',
    'Kafka takes only sequence 0 from a producer of version 2 that a partition does not know.',
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
];

const configs = [
  on('configs: describe an unknown topic', '*.errorMessage', 'The embedded broker has words for it.'),
  gap('configs: describe a group', '*', 'Groups have no configs.'),
  gap('configs: describe client metrics', '*', 'There are no client metrics (KIP-714).'),
  gap('configs: describe loggers', '*', 'There are no loggers to set.'),
  on(
    'configs: do what is not known',
    '*',
    'Kafka fails with UNKNOWN_SERVER_ERROR on a request that no client sends.',
  ),
  on('configs: set what a broker has from its start', '*', 'Another error; there is no such config here.'),
];

/** By the first that matches. */
export const accepted: readonly AcceptedDifference[] = [
  ...[...cluster, ...topics, ...moreTopics, ...produce, ...fetch],
  ...[...groups, ...transactions, ...configs, ...admin],
];
