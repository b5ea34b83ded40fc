import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { startBroker } from '../../support/broker.ts';
import { jars, versions } from '../clients.ts';
import { check } from '../operations.ts';

const { ConfigResourceTypes, logLevel } = kafkajs;
const RECORDS = 3000;
const internal = [
  'checkpoints.topic',
  'heartbeats.topic',
  'offset-syncs.topic',
  'offset.storage',
  'status.storage',
  'config.storage',
];

/** What the program is told; only what differs from its defaults. */
export function mirrorSettings(from: string, to: string, topics: string): string {
  return [
    ...['clusters=source,target', `source.bootstrap.servers=${from}`, `target.bootstrap.servers=${to}`],
    ...[
      'source->target.enabled=true',
      `source->target.topics=${topics}`,
      'target->source.enabled=false',
      'tasks.max=4',
    ],
    ...['replication.factor=1', ...internal.map((name) => `${name}.replication.factor=1`)],
  ].join('\n');
}

/** As bin/connect-mirror-maker.sh starts it, with the settings in a file. */
export async function mirrorCommand(file: string): Promise<string[]> {
  const classpath = `${await jars('mirror-maker', versions.mirrorMaker)}/*`;
  const flags = ['-Xms256M', '-Xmx2G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'];
  return [...flags, '-cp', classpath, 'org.apache.kafka.connect.mirror.MirrorMaker', file];
}

async function readAll(kafka: Kafka, topic: string): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: `read-${topic}`, maxWaitTimeInMs: 100 });
  const seen: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const done = new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ partition, message: { key, value, timestamp, headers } }) => {
        if (seen.push(`${partition} ${key} ${value} ${timestamp} ${headers?.from}`) === RECORDS) resolve();
      },
    });
  });
  let late: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    late = setTimeout(resolve, 120_000);
  });
  await Promise.race([done, timeout]);
  clearTimeout(late);
  await consumer.disconnect();
  return seen;
}

const retention = async (admin: Admin, name: string): Promise<string | undefined> => {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name }];
  const described = await admin.describeConfigs({ includeSynonyms: false, resources });
  return described.resources[0]!.configEntries.find(({ configName }) => configName === 'retention.ms')
    ?.configValue;
};

/** MirrorMaker 2 copies a topic of one embedded broker to another: records with everything, partitions, configs. */
export async function mirror(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dds-mirror-'));
  try {
    await using from = await startBroker({ dataDir: join(folder, 'from') });
    await using to = await startBroker({ dataDir: join(folder, 'to') });
    const [source, target] = [from, to].map(
      ({ brokers }) => new kafkajs.Kafka({ brokers, logLevel: logLevel.NOTHING }),
    );
    const [admin, targetAdmin] = [source!.admin(), target!.admin()];
    const producer = source!.producer({ idempotent: true });
    await Promise.all([admin.connect(), targetAdmin.connect(), producer.connect()]);
    const configEntries = [{ name: 'retention.ms', value: '7200000' }];
    await admin.createTopics({ topics: [{ topic: 'words', numPartitions: 3, configEntries }] });
    const now = Date.now();
    for (let sent = 0; sent < RECORDS; sent += 100) {
      const messages = Array.from({ length: 100 }, (_, i) => ({
        ...{
          key: `k${i % 13}`,
          value: `word ${sent + i}`,
          timestamp: `${now + sent + i}`,
          headers: { from: `${i}` },
        },
      }));
      await producer.send({ topic: 'words', compression: sent % 200 ? 1 : 0, messages });
    }
    const wanted = await readAll(source!, 'words');

    const file = join(folder, 'mirror-maker.properties');
    writeFileSync(file, mirrorSettings(from.brokers[0]!, to.brokers[0]!, 'words'));
    const child = execa('java', await mirrorCommand(file), { reject: false });
    try {
      const deadline = Date.now() + 240_000;
      while (!(await targetAdmin.listTopics()).includes('source.words')) {
        check(Date.now() < deadline, 'a topic at the target within 4 minutes');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const copied = await readAll(target!, 'source.words');
      check(copied.length === wanted.length, `${RECORDS} records`, copied.length);
      check(copied.sort().join('\n') === wanted.sort().join('\n'), 'the same records');
      const config = await retention(targetAdmin, 'source.words');
      check(config === '7200000', 'the config of the topic', config);
    } finally {
      child.kill('SIGTERM');
      await child;
      await Promise.all([admin.disconnect(), targetAdmin.disconnect(), producer.disconnect()]);
    }
    return `${RECORDS} records with partition, key, time and headers, and the configs of their topic`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
