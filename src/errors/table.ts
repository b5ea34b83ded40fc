/** Who has to act: the person at the keyboard, the machine around us, or the authors of dds. */
export type ErrorKind = 'user' | 'environment' | 'bug';

export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** Process exit code: 1 failed, 2 usage, 3 missing or unreachable, 4 target missed, 5 undecodable. */
  readonly exitCode: 1 | 2 | 3 | 4 | 5;
  /** True when the same call may succeed later without anything being changed. */
  readonly retriable: boolean;
  /** One line for docs/errors.md: when it happens. */
  readonly when: string;
  /** What to type or change next; a thrower may give a more exact one. */
  readonly hint: string;
}

/** Every error a user can meet. The table is the documentation's source; see docs/errors.md. */
export const errorTable = {
  DDS_USAGE: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a flag, argument or combination of them is not allowed',
    hint: 'Run the command with --help to see what it takes.',
  },
  DDS_UNKNOWN_COMMAND: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'the command does not exist',
    hint: 'Run dds --help for the list of commands.',
  },
  DDS_NODE_VERSION: {
    kind: 'environment',
    exitCode: 3,
    retriable: false,
    when: 'Node.js is older than dds needs',
    hint: 'Install Node.js 22.22 or newer.',
  },
  DDS_TOPOLOGY_INVALID: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'dds.yaml cannot be read as a topology',
    hint: 'Correct the file at the place that is named; dds init topology writes a working example.',
  },
  DDS_TOPOLOGY_MISSING: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a topology file was named that does not exist',
    hint: 'Run dds init topology, or use dds up --sites 2.',
  },
  DDS_FILE_EXISTS: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a file to be written is already there',
    hint: 'Choose another path, or pass --force to overwrite it.',
  },
  DDS_FILE_UNREADABLE: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'an input file cannot be opened',
    hint: 'Check the path and its permissions.',
  },
  DDS_FILE_UNWRITABLE: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'an output file cannot be written',
    hint: 'Check the path, its permissions and the space on its disk.',
  },
  DDS_INPUT_INVALID: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a line of an input file cannot be used',
    hint: 'Correct the line that is named; nothing was sent.',
  },
  DDS_UNKNOWN_SITE: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a site is named that the topology does not have',
    hint: 'Run dds status to see the sites.',
  },
  DDS_UNKNOWN_TOPIC: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a topic is named that no chosen site has',
    hint: 'Run dds status to see the topics of each site.',
  },
  DDS_TOPIC_EXISTS: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a topic is to be created that a chosen site has already',
    hint: 'Choose another name, or change the topic with dds topics alter.',
  },
  DDS_UNKNOWN_SUBJECT: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a subject, version or id is named that no chosen Schema Registry has',
    hint: 'Run dds schemas list to see the subjects of each site.',
  },
  DDS_INCOMPATIBLE: {
    kind: 'user',
    exitCode: 4,
    retriable: false,
    when: 'a schema breaks the compatibility level of its subject',
    hint: 'Give new fields a default and leave the type of existing ones as it is.',
  },
  DDS_UNKNOWN_GROUP: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a consumer group is named that no chosen site has',
    hint: 'Run dds groups list to see the groups of each site.',
  },
  DDS_GROUP_IN_USE: {
    kind: 'user',
    exitCode: 2,
    retriable: true,
    when: 'a consumer group is to be reset or deleted while it has members',
    hint: 'Stop its consumers first.',
  },
  DDS_UNKNOWN_SERVICE: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a service is named that the stack does not have',
    hint: 'Run dds status to see the services.',
  },
  DDS_UNKNOWN_REFERENCE: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a registration refers to a device or sensor type that is not registered',
    hint: 'Register it first, or pass --no-check.',
  },
  DDS_NOT_REGISTERED: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a registration is to be removed that is not there',
    hint: 'Run dds registered to see what is registered.',
  },
  DDS_STILL_REFERENCED: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a device or sensor type is to be removed that sensors refer to',
    hint: 'Unregister those sensors first, or pass --force.',
  },
  DDS_NO_STACK: {
    kind: 'environment',
    exitCode: 3,
    retriable: false,
    when: 'no stack is running here',
    hint: 'Run dds up --sites 2 first.',
  },
  DDS_STACK_START: {
    kind: 'environment',
    exitCode: 3,
    retriable: true,
    when: 'a service of the stack did not become ready',
    hint: 'Read its log with dds logs.',
  },
  DDS_STACK_BUSY: {
    kind: 'environment',
    exitCode: 3,
    retriable: true,
    when: 'another dds process is starting or stopping this stack',
    hint: 'Wait until it is done, then try again.',
  },
  DDS_STATE: {
    kind: 'environment',
    exitCode: 3,
    retriable: false,
    when: 'the state directory cannot be used',
    hint: 'Check the rights of the .dds directory, or remove it with dds down --purge.',
  },
  DDS_PORT_TAKEN: {
    kind: 'environment',
    exitCode: 3,
    retriable: true,
    when: 'a port that a site needs is in use',
    hint: 'Stop its owner, or pass --ports auto.',
  },
  DDS_BROKER_UNREACHABLE: {
    kind: 'environment',
    exitCode: 3,
    retriable: true,
    when: 'a Kafka broker does not answer',
    hint: 'Run dds status to see whether the site is up.',
  },
  DDS_STREAMS_RECORD: {
    kind: 'environment',
    exitCode: 1,
    retriable: false,
    when: 'a stream job met a record that it cannot read, work on or write, and is set to fail',
    hint: 'Look at the record with dds tail; to go on without such records, set the job to skip them or to send them to a dead-letter topic.',
  },
  DDS_STREAMS_STATE: {
    kind: 'environment',
    exitCode: 1,
    retriable: false,
    when: 'what a stream job needs to go on from where it was is gone: a changelog, or records of its input',
    hint: 'Begin anew with dds streams reset JOB.',
  },
  DDS_STREAMS_TOPOLOGY: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a stream job does not fit the topics of the cluster, or the other instances of the job',
    hint: 'Compare it with dds streams describe JOB and dds topics list.',
  },
  DDS_KAFKA: {
    kind: 'environment',
    exitCode: 1,
    retriable: true,
    when: 'a Kafka broker answered with an error',
    hint: 'Read the log of the site with dds logs.',
  },
  DDS_PROTOCOL: {
    kind: 'environment',
    exitCode: 1,
    retriable: false,
    when: 'bytes from a Kafka client or broker cannot be read',
    hint: 'Check that both ends speak the Kafka protocol, and no proxy alters it.',
  },
  DDS_REGISTRY_UNREACHABLE: {
    kind: 'environment',
    exitCode: 3,
    retriable: true,
    when: 'a Schema Registry does not answer',
    hint: 'Run dds status to see whether the site is up.',
  },
  DDS_REGISTRY: {
    kind: 'environment',
    exitCode: 1,
    retriable: false,
    when: 'a Schema Registry answered with an error',
    hint: 'Compare the schema with the versions registered under the same subject.',
  },
  DDS_STORE_UNREACHABLE: {
    kind: 'environment',
    exitCode: 3,
    retriable: true,
    when: 'the database of a site does not answer',
    hint: 'Run dds status to see whether the sink of the site is up.',
  },
  DDS_SQL: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a SQL statement cannot be run',
    hint: 'Correct the statement.',
  },
  DDS_SQL_READ_ONLY: {
    kind: 'user',
    exitCode: 2,
    retriable: false,
    when: 'a SQL statement would write',
    hint: 'dds query only reads; use SELECT.',
  },
  DDS_SQL_TIMEOUT: {
    kind: 'environment',
    exitCode: 1,
    retriable: true,
    when: 'a SQL statement took longer than its --timeout',
    hint: 'Ask for less, or give it more time with --timeout.',
  },
  DDS_UNDECODABLE: {
    kind: 'environment',
    exitCode: 5,
    retriable: false,
    when: 'records could not be decoded and --strict was given',
    hint: 'Read the error field of the marked records.',
  },
  DDS_RATE_MISSED: {
    kind: 'environment',
    exitCode: 4,
    retriable: true,
    when: 'a simulation did not hold its rate, so its figures are not valid',
    hint: 'Lower --rate, or leave the machine more of its cores.',
  },
  DDS_CHECK_FAILED: {
    kind: 'environment',
    exitCode: 4,
    retriable: false,
    when: 'records were lost or doubled',
    hint: 'Keep the stack with --keep and read its logs.',
  },
  DDS_FAILED: {
    kind: 'environment',
    exitCode: 1,
    retriable: false,
    when: 'the command failed at run time',
    hint: 'Run it again with DDS_DEBUG=1 to see the cause.',
  },
  DDS_BUG: {
    kind: 'bug',
    exitCode: 1,
    retriable: false,
    when: 'something happened that dds did not expect',
    hint: 'Please report it, with the output of the same command under DDS_DEBUG=1.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;
