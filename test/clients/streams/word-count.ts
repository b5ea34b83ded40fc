import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startBroker } from '../../support/broker.ts';
import { jars } from '../clients.ts';
import { check } from '../operations.ts';

const KILLS = 3;
const words = ['site', 'sensor', 'record', 'offset', 'epoch', 'broker', 'relay', 'sink'];
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The counts of each word in the order in which a read_committed reader sees them. */
class Counts {
  readonly seen = new Map<string, number[]>();
  total = 0;

  add(word: string, count: number): void {
    const before = this.seen.get(word);
    if (before) before.push(count);
    else this.seen.set(word, [count]);
    this.total++;
  }
}

/**
 * Kafka Streams counts words exactly once from an embedded broker to it, while lines come in; it is killed three times and
 * started again. A read_committed reader must see 1, 2, 3 … of every word, none twice and none left out.
 */
export async function wordCount(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'dds-word-count-'));
  const classpath = `${await jars('streams')}/*`;
  try {
    await using running = await startBroker({ dataDir: join(folder, 'kafka') });
    const kafka = new Kafka({ brokers: running.brokers, logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    const producer = kafka.producer({ idempotent: true });
    const consumer = kafka.consumer({ groupId: 'counts', maxWaitTimeInMs: 100 });
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    const topics = ['lines', 'counts'].map((topic) => ({ topic, numPartitions: 2 }));
    await admin.createTopics({ topics });
    const counts = new Counts();
    await consumer.subscribe({ topics: ['counts'], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => counts.add(`${message.key}`, Number(message.value)),
    });

    const main = import.meta.resolve('./WordCount.java').slice('file://'.length);
    const args = ['-Xmx256m', '-cp', classpath, main, running.brokers[0]!, join(folder, 'state')];
    const start = () => spawn('java', args, { stdio: 'ignore' });
    let child = start();
    const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
      const gone = once(child, 'exit');
      if (child.kill(signal)) await gone;
    };
    let sent = 0;
    /** Sends lines of three words until `enough`. */
    async function feed(enough: () => boolean): Promise<void> {
      const deadline = Date.now() + 180_000;
      while (!enough()) {
        check(child.exitCode === null, 'it runs');
        check(Date.now() < deadline, 'progress within 3 minutes', `${counts.total} of ${sent}`);
        const messages = Array.from({ length: 10 }, (_, i) => ({
          value: [0, 1, 2].map((at) => words[((sent / 3 + i * (at + 1)) % words.length) | 0]).join(' '),
        }));
        await producer.send({ topic: 'lines', messages });
        sent += 3 * messages.length;
        await sleep(40);
      }
    }
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const before = counts.total;
        await feed(() => counts.total > before + 500);
        await end('SIGKILL');
        child = start();
      }
      const before = counts.total;
      await feed(() => counts.total > before + 500);
      const deadline = Date.now() + 180_000;
      while (counts.total < sent && Date.now() < deadline) await sleep(50);
    } finally {
      await end('SIGTERM');
    }
    // Whatever would come too often has its chance: the last transaction ended with the program.
    await sleep(500);
    await Promise.all([consumer.disconnect(), producer.disconnect(), admin.disconnect()]);
    check(counts.total === sent, `${sent} counts`, counts.total);
    for (const [word, seen] of counts.seen)
      check(
        seen.every((count, i) => count === i + 1),
        `1, 2, 3 … of ${word}`,
        seen.find((count, i) => count !== i + 1),
      );
    return `${sent} words counted, killed ${KILLS} times: read_committed sees each count of each word once, in order`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
