import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { createKafka } from '../../src/runtime/kafka/index.ts';
import { jars } from '../../test/clients/clients.ts';
import { mirrorCommand, mirrorSettings } from '../../test/clients/mirror-maker/mirror.ts';
import { cpuSeconds, peakRssMiB } from '../processes.ts';
import type { System } from './systems.ts';

const tool = async (name: string, args: string[]): Promise<string> => {
  const classpath = `${await jars('console-tools')}/*`;
  const heap = ['-Xms512m', '-Xmx512m'];
  const { stdout } = await execa('java', [
    ...heap,
    '-cp',
    classpath,
    `org.apache.kafka.tools.${name}`,
    ...args,
  ]);
  return stdout;
};

export async function createTopic(system: System, topic: string, partitions: number): Promise<void> {
  const kafka = createKafka({ brokers: [system.brokers], clientId: 'bench' });
  await kafka.admin().createTopics([{ name: topic, partitions }]);
  await kafka.close();
}

export interface Produced {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

/** kafka-producer-perf-test with acks=all and its other defaults; `rate` records a second, -1 for all it can. */
export async function produce(system: System, topic: string, records: number, rate = -1): Promise<Produced> {
  const args = [
    '--topic',
    topic,
    '--num-records',
    `${records}`,
    '--record-size',
    '100',
    '--throughput',
    `${rate}`,
  ];
  const out = await tool('ProducerPerformance', [
    ...args,
    '--command-property',
    `bootstrap.servers=${system.brokers}`,
    'acks=all',
  ]);
  const figure = (pattern: RegExp) => Number(pattern.exec(out.trim().split('\n').at(-1)!)?.[1]);
  return {
    perSecond: figure(/([\d.]+) records\/sec/),
    p50Ms: figure(/(\d+) ms 50th/),
    p99Ms: figure(/(\d+) ms 99th/),
  };
}

/** kafka-consumer-perf-test: records a second while it fetches, without the time in which it joins its group. */
export async function consume(system: System, topic: string, records: number): Promise<number> {
  const args = ['--bootstrap-server', system.brokers, '--topic', topic, '--num-records', `${records}`];
  const out = await tool('ConsumerPerformance', [...args, '--hide-header', '--timeout', '60000']);
  return Number(out.trim().split('\n').at(-1)!.split(', ').at(-1));
}

export interface Copied {
  seconds: number;
  cpuSeconds: number;
  peakMiB: number;
}

/** What copies a topic from a system to another, and the name that it has there. */
export interface Copier {
  target: string;
  start(from: System, to: System, folder: string): Promise<ChildProcess>;
}

const quiet = { stdio: 'ignore' } as const;
const { pathname: dds } = new URL('../../bin/dds.js', import.meta.url);

export const relay = (delivery: 'exactly-once' | 'at-least-once'): Copier => ({
  target: 'small',
  async start(from, to) {
    const source = `source,brokers=${from.brokers},registry=${from.registry}`;
    const args = ['run', 'relay', '--site', 'target', '--brokers', to.brokers, '--registry', to.registry];
    return spawn(
      process.execPath,
      [dds, ...args, '--source', source, '--topics', 'small', '--delivery', delivery],
      quiet,
    );
  },
});

export const mirrorMaker: Copier = {
  target: 'source.small',
  async start(from, to, folder) {
    const file = join(folder, 'mirror-maker.properties');
    writeFileSync(file, mirrorSettings(from.brokers, to.brokers, 'small'));
    return spawn('java', await mirrorCommand(file), quiet);
  },
};

/** From the start of the copier until every record is at the target. */
export async function copy(
  copier: Copier,
  from: System,
  to: System,
  records: number,
  partitions: number,
): Promise<Copied> {
  const folder = mkdtempSync(join(tmpdir(), 'dds-copy-'));
  const kafka = createKafka({ brokers: [to.brokers], clientId: 'bench' });
  const admin = kafka.admin();
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic: copier.target, partition }));
  const arrived = async (): Promise<number> => {
    const made = (await admin.listTopics()).some(
      ({ name, partitions: has }) => name === copier.target && has.length === partitions,
    );
    return made ? (await admin.offsets(places, 'latest')).reduce((sum, offset) => sum + offset, 0) : 0;
  };
  const child = await copier.start(from, to, folder);
  try {
    const begun = performance.now();
    // Markers of transactions have offsets, too: at the end it may be more.
    while ((await arrived()) < records) {
      if (child.exitCode !== null) throw new Error(`the copier ended with ${child.exitCode}`);
      if (performance.now() - begun > 300_000) throw new Error('not copied within 5 minutes');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const seconds = (performance.now() - begun) / 1000;
    return { seconds, cpuSeconds: cpuSeconds(child.pid!), peakMiB: peakRssMiB(child.pid!) };
  } finally {
    const gone = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGKILL')) await gone;
    await kafka.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
