import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { EmbeddedSiteOptions } from '../../src/runtime/engines/embedded.ts';
import { nodeProgram } from '../../src/runtime/engines/engine.ts';
import { metadata } from '../../src/runtime/protocol/index.ts';
import { jars } from '../../test/clients/clients.ts';
import { freePort } from '../../test/support/containers.ts';
import { RawClient } from '../../test/support/raw-client.ts';

export interface System extends AsyncDisposable {
  readonly brokers: string;
  readonly registry: string;
  readonly pid: number;
  /** From the start of the process to its first answer to Metadata that names a broker, in milliseconds. */
  readonly readyMs: number;
}

/** How a system is started in a folder of its own. */
export type Start = (folder: string, ports: number[]) => Promise<ChildProcess>;

const quiet = { stdio: 'ignore' } as const;
const { pathname: site } = new URL('../../dist/runtime/engines/embedded-site.js', import.meta.url);

/** A site as the supervisor starts it: broker and registry in one process. `flags` are Node's, for its profiler. */
export const embedded =
  (flags: string[] = []): Start =>
  async (folder, [kafka, registry, wan]) => {
    const options: EmbeddedSiteOptions = {
      ...{ site: 'bench', dataDir: join(folder, 'kafka'), host: '127.0.0.1' },
      ...{ nodes: [{ kafka: kafka!, wan: wan! }], registryPort: registry!, http: `unix:${folder}/api.sock` },
    };
    const { file, args, env } = nodeProgram([...flags, site, JSON.stringify(options)]);
    return spawn(file, args, { ...quiet, env: { ...process.env, ...env } });
  };

/** Apache Kafka from Maven's jars, as `bin/kafka-server-start.sh` starts it, storage formatted before. */
export const apacheKafka: Start = async (folder, [kafka, controller]) => {
  const classpath = `${await jars('console-tools')}/*`;
  const file = join(folder, 'server.properties');
  writeFileSync(
    file,
    [
      ...['node.id=1', 'process.roles=broker,controller', `log.dirs=${join(folder, 'data')}`],
      ...[`listeners=PLAINTEXT://127.0.0.1:${kafka},CONTROLLER://127.0.0.1:${controller}`],
      ...[`controller.quorum.voters=1@127.0.0.1:${controller}`, 'controller.listener.names=CONTROLLER'],
      'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
      ...['offsets.topic.replication.factor=1', 'transaction.state.log.replication.factor=1'],
      ...['transaction.state.log.min.isr=1', 'group.initial.rebalance.delay.ms=0'],
    ].join('\n'),
  );
  const id = '5L6g3nShT-eMCtK--X86sw';
  await execa('java', ['-cp', classpath, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', file]);
  const flags = ['-Xmx1G', '-Xms1G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'];
  const more = [
    '-XX:InitiatingHeapOccupancyPercent=35',
    '-XX:+ExplicitGCInvokesConcurrent',
    '-Djava.awt.headless=true',
  ];
  return spawn('java', [...flags, ...more, '-cp', classpath, 'kafka.Kafka', file], quiet);
};

async function answers(port: number): Promise<boolean> {
  try {
    await using client = await RawClient.connect(port);
    const { brokers } = await client.ask(metadata, 1, { topics: [] });
    return brokers.length > 0;
  } catch {
    return false;
  }
}

/** Starts a system in a temporary folder and waits until it answers; `await using` ends it and removes the folder. */
export async function startSystem(start: Start): Promise<System> {
  const folder = mkdtempSync(join(tmpdir(), 'dds-side-'));
  mkdirSync(join(folder, 'data'));
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const child = await start(folder, ports);
  const begun = performance.now();
  const [port, registry] = ports;
  const [brokers, pid] = [`127.0.0.1:${port}`, child.pid!];
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} before it was ready`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const readyMs = performance.now() - begun;
  return {
    ...{ brokers, registry: `http://127.0.0.1:${registry}`, pid, readyMs },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      if (child.exitCode === null && child.kill('SIGTERM')) {
        const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
        await gone;
        clearTimeout(timer);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
