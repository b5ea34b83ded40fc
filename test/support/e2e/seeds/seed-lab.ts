import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectStack } from '../../../../src/runtime/stack/connect.ts';
import type { SiteEndpoints, StackStatus } from '../../../../src/runtime/stack/types.ts';
import type { Workspace } from '../../cli.ts';
import { contextIn } from '../../lab.ts';
import { processesWith, until } from '../../stack.ts';
import type { LabEngine } from '../lab-engine.ts';
import { hysteresis, threshold } from './sequential-model.ts';

export const readingsTopic = 'temperature-data';
export const eventsTopic = 'temperature-threshold-events';
const starting = { timeoutMs: 360_000 };
const stopping = { timeoutMs: 120_000 };
/** A Kafka in a container takes its time to start, above all beside others. */
const quietMs = { embedded: 30_000, docker: 120_000 };

const topologyOf = (engine: LabEngine) => `engine: ${engine}
sites: { edge-1: { store: duckdb }, edge-2: { store: duckdb }, central: { store: duckdb } }
topics:
  ${readingsTopic}: { partitions: 3, schema: TemperatureData }
  ${eventsTopic}:
    sites: central
    partitions: 2
    schema: TemperatureThresholdExceeded
relays: { relay: }
sinks: { sink: }
detectors:
  detector: { sites: central, threshold: ${threshold}, hysteresis: ${hysteresis}, guarantee: exactly-once }
`;

/** A stack from sensors to the centre's detector and sink, and ways to kill parts of it. */
export class SeedLab implements AsyncDisposable {
  readonly engine: LabEngine;
  readonly #space: Workspace;

  constructor(space: Workspace, engine: LabEngine) {
    this.#space = space;
    this.engine = engine;
  }

  async up(): Promise<void> {
    writeFileSync(join(this.#space.directory, 'dds.yaml'), topologyOf(this.engine));
    const { code, stderr } = await this.#space.dds(['up', '--ports', 'auto'], starting);
    if (code !== 0) throw new Error(`dds up → ${code}\n${stderr}`);
  }

  /** Stops it and leaves its directory, which is the answer. */
  async keep(): Promise<string> {
    await this.#space.dds(['down'], stopping);
    return this.#space.directory;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#space[Symbol.asyncDispose]();
  }

  status(): Promise<StackStatus> {
    return this.#asked((stack) => stack.status());
  }

  async sites(): Promise<SiteEndpoints[]> {
    return (await this.status()).sites;
  }

  /** Rows of a site's store. */
  async rows(site: string, sql: string): Promise<(string | number | null)[][]> {
    const request = { sql, maxRows: 1_000_000 };
    const answer = await this.#asked((stack) =>
      stack.request('POST', `/services/${site}/sink/query`, request),
    );
    return (answer as { rows: (string | number | null)[][] }).rows;
  }

  /** As `until`, with the patience that the engine needs. */
  until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
    return until(ask, done, quietMs[this.engine]);
  }

  /** SIGKILL. One that is down already is waited for: it has a new life to lose, also while it starts. */
  async kill(victim: string): Promise<void> {
    if (victim === 'supervisor') return this.#killSupervisor();
    if (victim.endsWith('/kafka')) return this.#killBroker(victim.split('/')[0]!);
    const pid = await this.until(
      async () => (await this.status()).services.find(({ service }) => service === victim)?.pid ?? null,
      (found) => found !== null && processesWith([found]).length > 0,
    );
    process.kill(pid!, 'SIGKILL');
  }

  async #killBroker(site: string): Promise<void> {
    const { directory } = await this.status();
    const values = { stack: directory, site, part: 'kafka-1' };
    const args = Object.entries(values).flatMap(([name, value]) => [
      ...['--filter', `label=io.dds-lab.${name}=${value}`],
    ]);
    const id = await this.until(
      async () => execFileSync('docker', ['ps', '--quiet', ...args], { encoding: 'utf8' }).trim(),
      (found) => found !== '',
    );
    execFileSync('docker', ['kill', id], { stdio: 'ignore' });
  }

  /** With it all that it has started ends; the next `up` takes over what is left. */
  async #killSupervisor(): Promise<void> {
    const { supervisorPid, services } = await this.until(
      () => this.status(),
      () => true,
    );
    const children = services.map(({ pid }) => pid).filter((pid) => pid !== null);
    process.kill(supervisorPid, 'SIGKILL');
    await this.until(
      async () => processesWith(children),
      (left) => left.length === 0,
    );
    await this.up();
  }

  async #asked<T>(ask: (stack: Awaited<ReturnType<typeof connectStack>>) => Promise<T>): Promise<T> {
    const stack = await connectStack(contextIn(this.#space.directory));
    try {
      return await ask(stack);
    } finally {
      stack.close();
    }
  }
}
