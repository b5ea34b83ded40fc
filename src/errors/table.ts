import type { ErrorEntry } from './error-entry.ts';

const row =
  (kind: ErrorEntry['kind'], exitCode: ErrorEntry['exitCode'], retriable = false) =>
  (when: string, hint: string): ErrorEntry => ({ kind, exitCode, retriable, when, hint });

const usage = row('user', 2);
const unmet = row('user', 4);
const inUse = row('user', 2, true);
const failed = row('environment', 1);
const failedNow = row('environment', 1, true);
const missing = row('environment', 3);
/** Not there now. */
const away = row('environment', 3, true);
const invalid = row('environment', 4);
const invalidNow = row('environment', 4, true);

/** Every error a user can meet: when it happens, and what to do. The table is the documentation's source; see docs/errors.md. */
export const errorTable = {
  DDS_USAGE: usage(
    'a flag, argument or combination of them is not allowed',
    'Run the command with --help to see what it takes.',
  ),
  DDS_UNKNOWN_COMMAND: usage('the command does not exist', 'Run dds --help for the list of commands.'),
  DDS_NODE_VERSION: missing('Node.js is older than dds needs', 'Install Node.js 22.22 or newer.'),
  DDS_TOPOLOGY_INVALID: usage(
    'dds.yaml cannot be read as a topology',
    'Correct the file at the place that is named; dds init topology writes a working example.',
  ),
  DDS_TOPOLOGY_MISSING: usage(
    'a topology file was named that does not exist',
    'Run dds init topology, or use dds up --sites 2.',
  ),
  DDS_FILE_EXISTS: usage(
    'a file to be written is already there',
    'Choose another path, or pass --force to overwrite it.',
  ),
  DDS_FILE_UNREADABLE: usage('an input file cannot be opened', 'Check the path and its permissions.'),
  DDS_FILE_UNWRITABLE: usage(
    'an output file cannot be written',
    'Check the path, its permissions and the space on its disk.',
  ),
  DDS_TEMPLATE_INVALID: usage(
    'a template of dds init cannot be used',
    'Correct the file that is named; docs/init.md tells what a template has.',
  ),
  DDS_TOOL: away(
    'a program that dds init calls (npm, git) is not there or failed',
    'Correct what it says, or leave it out with --no-install or --no-git.',
  ),
  DDS_UPDATE_CONFLICTS: unmet(
    'dds init update met changes of yours at the places that the template changed',
    'Resolve the marks in the files that are named.',
  ),
  DDS_INPUT_INVALID: usage(
    'a line of an input file cannot be used',
    'Correct the line that is named; nothing was sent.',
  ),
  DDS_UNKNOWN_SITE: usage(
    'a site is named that the topology does not have',
    'Run dds status to see the sites.',
  ),
  DDS_UNKNOWN_TOPIC: usage(
    'a topic is named that no chosen site has',
    'Run dds status to see the topics of each site.',
  ),
  DDS_TOPIC_EXISTS: usage(
    'a topic is to be created that a chosen site has already',
    'Choose another name, or change the topic with dds topics alter.',
  ),
  DDS_UNKNOWN_SUBJECT: usage(
    'a subject, version or id is named that no chosen Schema Registry has',
    'Run dds schemas list to see the subjects of each site.',
  ),
  DDS_INCOMPATIBLE: unmet(
    'a schema breaks the compatibility level of its subject',
    'Give new fields a default and leave the type of existing ones as it is.',
  ),
  DDS_UNKNOWN_GROUP: usage(
    'a consumer group is named that no chosen site has',
    'Run dds groups list to see the groups of each site.',
  ),
  DDS_GROUP_IN_USE: inUse(
    'a consumer group is to be reset or deleted while it has members',
    'Stop its consumers first.',
  ),
  DDS_UNKNOWN_SERVICE: usage(
    'a service is named that the stack does not have',
    'Run dds status to see the services.',
  ),
  DDS_UNKNOWN_REFERENCE: usage(
    'a registration refers to a device or sensor type that is not registered',
    'Register it first, or pass --no-check.',
  ),
  DDS_NOT_REGISTERED: usage(
    'a registration is to be removed that is not there',
    'Run dds registered to see what is registered.',
  ),
  DDS_STILL_REFERENCED: usage(
    'a device or sensor type is to be removed that sensors refer to',
    'Unregister those sensors first, or pass --force.',
  ),
  DDS_NO_STACK: missing('no stack is running here', 'Run dds up --sites 2 first.'),
  DDS_STACK_START: away('a service of the stack did not become ready', 'Read its log with dds logs.'),
  DDS_STACK_BUSY: away(
    'another dds process is starting or stopping this stack',
    'Wait until it is done, then try again.',
  ),
  DDS_STATE: missing(
    'the state directory cannot be used',
    'Check the rights of the .dds directory, or remove it with dds down --purge.',
  ),
  DDS_PORT_TAKEN: away('a port that a site needs is in use', 'Stop its owner, or pass --ports auto.'),
  DDS_BROKER_UNREACHABLE: away(
    'a Kafka broker does not answer',
    'Run dds status to see whether the site is up.',
  ),
  DDS_TLS: missing(
    'a broker or Schema Registry and dds do not come to a TLS connection',
    'Compare tls in the settings of the site with what the other end is set up for.',
  ),
  DDS_AUTHENTICATION: missing(
    'a broker or Schema Registry does not accept the user, password or token',
    'Check the user name, and the variable or file that the password or token comes from.',
  ),
  DDS_CREDENTIALS: missing(
    'a password, token, key or certificate for a site is not where the settings say',
    'Set the variable, or check the path and the rights of the file.',
  ),
  DDS_NOT_ALLOWED: missing(
    'a cluster or Schema Registry does not allow its user what dds asks',
    'Have the rights given to the user, by an ACL of the cluster or a role of the registry.',
  ),
  DDS_STREAMS_RECORD: failed(
    'a stream job met a record that it cannot read, work on or write, and is set to fail',
    'Look at the record with dds tail; to go on without such records, pass --on-error skip or dead-letter, or set onError in a job of your own.',
  ),
  DDS_STREAMS_STATE: failed(
    'what a stream job needs to go on from where it was is gone: a changelog, or records of its input',
    'Begin anew with dds streams reset JOB.',
  ),
  DDS_STREAMS_TOPOLOGY: usage(
    'a stream job does not fit the topics of the cluster, or the other instances of the job',
    'Compare it with dds streams describe JOB and dds topics list.',
  ),
  DDS_KAFKA: failedNow('a Kafka broker answered with an error', 'Read the log of the site with dds logs.'),
  DDS_FENCED: failed(
    'a newer producer has the same transactional id, or a transaction was open for too long',
    'Run one instance under each name; what was not committed is written again by the one that runs.',
  ),
  DDS_PROTOCOL: failed(
    'bytes from a Kafka client or broker cannot be read',
    'Check that both ends speak the Kafka protocol, and no proxy alters it.',
  ),
  DDS_REGISTRY_UNREACHABLE: away(
    'a Schema Registry does not answer',
    'Run dds status to see whether the site is up.',
  ),
  DDS_REGISTRY: failed(
    'a Schema Registry answered with an error',
    'Compare the schema with the versions registered under the same subject.',
  ),
  DDS_STORE_UNREACHABLE: away(
    'the database of a site does not answer',
    'Run dds status to see whether the sink of the site is up.',
  ),
  DDS_DOCKER: missing(
    'Docker is not there, does not answer, or does not let you in',
    'Start Docker, or use --engine embedded.',
  ),
  DDS_IMAGE: away(
    'an image is not on this machine and cannot be pulled',
    'Check the network and the name, or name another image in dds.yaml (docker.images) or the environment.',
  ),
  DDS_CONTAINER: missing(
    'a container cannot be started, or ended before it was ready',
    'Read its last lines; more memory or another image may be needed.',
  ),
  DDS_MEMORY: missing(
    'the containers of the topology need more memory than Docker has',
    'Use fewer sites, smaller heaps (docker.heap in dds.yaml) or store: duckdb, or give Docker more memory.',
  ),
  DDS_SQL: usage('a SQL statement cannot be run', 'Correct the statement.'),
  DDS_SQL_READ_ONLY: usage('a SQL statement would write', 'dds query only reads; use SELECT.'),
  DDS_SQL_TIMEOUT: failedNow(
    'a SQL statement took longer than its --timeout',
    'Ask for less, or give it more time with --timeout.',
  ),
  DDS_UNDECODABLE: row('environment', 5)(
    'records could not be decoded, with --strict or where a consumer has no dead-letter topic',
    'Read the error field of the marked records.',
  ),
  DDS_RATE_MISSED: invalidNow(
    'a simulation did not hold its rate, so its figures are not valid',
    'Lower --rate, or leave the machine more of its cores.',
  ),
  DDS_CHECK_FAILED: invalid('records were lost or doubled', 'Keep the stack with --keep and read its logs.'),
  DDS_PARITY: unmet(
    'two brokers answer differently and nothing says why',
    'Read docs/parity.md; with --json every difference is printed in full.',
  ),
  DDS_FAILED: failed('the command failed at run time', 'Run it again with DDS_DEBUG=1 to see the cause.'),
  DDS_BUG: row('bug', 1)(
    'something happened that dds did not expect',
    'Please report it, with the output of the same command under DDS_DEBUG=1.',
  ),
} satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;
