import { accepted } from './accepted-differences.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');

const rows = () =>
  accepted
    .filter(({ isAtSites }) => !isAtSites)
    .map(
      ({ operation, field, reason }) => `| \`${cell(operation)}\` | \`${cell(field)}\` | ${cell(reason)} |`,
    )
    .join('\n');

/** docs/parity.md. */
export const parityPage = (): string => `# The embedded broker beside Apache Kafka

\`dds parity\` puts one script of requests to the embedded broker and to Apache Kafka and compares the answers field by field.

\`\`\`sh
dds parity                          # starts both, Kafka in a container, and removes them again
dds parity --only produce,fetch     # parts of the script
dds parity --all --json             # every difference, the accepted ones too
dds parity --against central        # a site of the running stack, with an embedded broker that is started for it
dds parity --sites edge-1,central   # two sites of the running stack
\`\`\`

The script speaks the protocol itself, in every version that both sides speak: versions and features, metadata, topics and
their configs, produce in every codec and with what must be refused, idempotent producers, fetch, fetch sessions, offsets by time,
deleted records, committed offsets, groups of the classic and of the consumer protocol, transactions of both versions, those
that take too long, log directories, the quorum, ACLs, SCRAM users, quotas. What cannot be equal is masked: times, addresses, ids, sizes of disks; of the text of an
error it counts only whether there is one. Record batches are compared by all of their header and a digest of their records.
Where the error codes differ, the rest of that answer is not compared.

It ends with 0 when every difference is accepted, and with 4 (DDS_PARITY) otherwise. So it does when an accepted difference is
not met any more, in a whole run with a Kafka of its own. That one has an authorizer, and computes assignments at once; the sites
of a stack have not, so at these ACLs and assignments may differ. At sites of a stack the script makes topics and groups named \`parity-…\` and deletes them at the end.

## Differences that stay

A test with Apache Kafka 4.4.0 (the stand-in of [docker.md](docker.md)) goes by this list: \`npm run test:docker\`.

| operation | field | why the answers differ |
|---|---|---|
${rows()}
`;
