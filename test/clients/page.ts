import { type Outcome, operations } from './operations.ts';

/** One client's run. */
export interface Ran {
  name: string;
  language: string;
  version: string;
  outcomes: Outcome[];
}

/** One program's run. */
export interface Done {
  name: string;
  version: string;
  ok: boolean;
  detail: string;
}

const mark = ({ ok }: Outcome) => (ok === null ? '–' : ok ? 'yes' : '**no**');

const intro = `# Clients

Each program in [test/clients](../test/clients) puts one client through the same script against an embedded broker. The tables
are made from a run of all of them:

\`\`\`sh
npm run test:clients                               # all; what is missing is installed into .cache/clients
npm run test:clients -- --quick                    # those that install in seconds, as in CI
npm run test:clients -- --only kafkajs,franz-go
\`\`\`

They need what their language needs: \`kcat\`, Python, Go, Java with Maven. A client without it is passed over with a line. A
run in which nothing is passed over writes this page.
`;

/** docs/clients.md. */
export function clientsPage(ran: Ran[], done: Done[]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['operation', ...ran.map(({ name }) => name)]),
    row(['---', ...ran.map(() => '---')]),
    ...operations.map((op) =>
      row([op, ...ran.map(({ outcomes }) => mark(outcomes.find((one) => one.op === op)!))]),
    ),
  ];
  const versions = [
    row(['client', 'version', 'program in']),
    row(['---', '---', '---']),
    ...ran.map(({ name, version, language }) => row([name, version, language])),
  ];
  const notes = ran.flatMap(({ name, outcomes }) =>
    outcomes
      .filter(({ ok }) => ok !== true)
      .map(({ op, ok, detail }) => `* ${name}, ${op}: ${ok === false ? '**failed**: ' : ''}${detail}`),
  );
  return [
    intro,
    ...versions,
    '',
    ...table,
    '',
    '“–” is what a client does not have:',
    '',
    ...notes,
    '',
    '## What each operation is',
    '',
    ...meaning,
    '',
    '## What clients do that one should know',
    '',
    ...quirks,
    '',
    '## Programs, and tests of others',
    '',
    row(['program', 'version', 'what it did']),
    row(['---', '---', '---']),
    ...done.map(({ name, version, ok, detail }) =>
      row([name, version, `${ok ? '' : '**failed**: '}${detail}`]),
    ),
    '',
    ...programsDone,
    '',
  ].join('\n');
}

const meaning = [
  '* **produce**: 20 records with keys and headers, with acks 0, 1 and all; *idempotent*: 20 batches in sequence.',
  '* **consume**: all 320 of them with keys, headers and offsets checked; from the middle of a batch; from a time; and what',
  '  is in a topic that all clients of a run write to.',
  '* **group**: a second member joins and leaves again, and a third goes on where they committed; the same in the',
  '  `consumer` protocol (KIP-848).',
  '* **transaction**: committed; aborted, unseen by read_committed; with the offsets of a group; fenced by a second producer.',
  '* **groups**, **configs**, **topics**: what an administrator does, each read back.',
];

const quirks = [
  '* @platformatic/kafka 2.12 says in InitProducerId that it is producer 0 in epoch 0. A second producer of a transactional id',
  '  is then refused with PRODUCER_FENCED, by Apache Kafka too, unless it is given `producerId: -1n, producerEpoch: -1`.',
  '* @platformatic/kafka ends a transaction that has no records with a request that is refused with INVALID_TXN_STATE.',
  '* librdkafka 2.16 leaves three bytes after a Metadata request for all topics. They are passed over, as Kafka does it.',
  '* kafkajs has gzip alone; the other codecs are plugged in.',
];

const programsDone = [
  '* **Kafka Streams** counts words with `exactly_once_v2` while lines come in. It is killed (SIGKILL) three times and started',
  '  again; a read_committed reader must see 1, 2, 3 … of every word.',
  '* **MirrorMaker 2** copies a topic from one embedded broker to another; every record is compared.',
  '* **franz-go’s own tests** of its client come in its module and run against a broker. Of the other clients, none has tests in',
  '  its package: not kafkajs, @platformatic/kafka, nor the source distribution of confluent-kafka.',
];
