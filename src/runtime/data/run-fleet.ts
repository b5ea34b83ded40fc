import { Counter, Gauge, Registry } from 'prom-client';
import type { SiteAccess } from '../../shared/access.ts';
import { systemClock } from '../../shared/clock.ts';
import { createLogger, type Logger } from '../../shared/logger.ts';
import { type Job, runJob } from '../jobs/host/index.ts';
import {
  type InjectedCounts,
  Simulation,
  type SimulationProgress,
  type SimulationResult,
} from '../simulator/index.ts';
import type { SiteEndpoints } from '../stack/types.ts';
import { schemaOf } from './simulate.ts';
import { registerFleet } from './simulate-fleet.ts';
import { type SimulateFlags, simulateOptions } from './simulate-options.ts';
import { planSimulation } from './simulate-plan.ts';

export interface RunFleetOptions {
  name: string;
  site: string;
  brokers: readonly string[];
  registry: string;
  access: SiteAccess | null;
  /** What the sensors send, as `dds simulate` takes it. */
  load: SimulateFlags;
  http?: string | undefined;
  logLevel: string;
}

/** What a fleet says of itself. Rates are messages per second. */
export interface FleetInfo {
  topic: string;
  sensors: number;
  target: number | null;
  rate: number;
  sent: number;
  acked: number;
  failed: number;
  behind: number;
  injected: InjectedCounts | null;
  trouble: string | null;
}

/** A site that acknowledges nothing for so long is trouble. */
const silentAfterMs = 10_000;

/** Runs simulated sensors as this process until the signal aborts, whatever becomes of their site. */
export async function runFleet(options: RunFleetOptions, signal: AbortSignal): Promise<void> {
  const log = createLogger({ service: `${options.site}/${options.name}` }, options.logLevel);
  const fleet = new FleetJob(options, log);
  await runJob(fleet, { http: options.http, metrics: fleetMetrics(fleet), log, signal });
}

/** Sensors of one site that send for as long as the job runs. */
class FleetJob implements Job<FleetInfo> {
  readonly name: string;
  ended?: Promise<void>;
  readonly #options: RunFleetOptions;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  readonly #topic: string;
  readonly #sensors: number;
  readonly #simulation: Simulation;
  readonly #registered: () => Promise<void>;
  #run: Promise<SimulationResult> | null = null;
  #onOpen: () => void = () => {};
  #progress: SimulationProgress | null = null;
  #ackedAtMs = systemClock.monotonic();

  constructor(options: RunFleetOptions, log: Logger) {
    this.name = `the fleet ${options.name}`;
    this.#options = options;
    this.#log = log;
    const { site, brokers, registry: registryUrl, access } = options;
    const load = simulateOptions(options.load);
    const schemaText = schemaOf(load, process.cwd());
    const plan = planSimulation(load, null, [site]);
    this.#topic = load.topic;
    this.#sensors = plan.fleet.sensors.length;
    const endpoints: SiteEndpoints = {
      ...{
        site,
        role: 'edge',
        engine: 'external',
        brokers: [...brokers],
        wanBrokers: [],
        registryUrl,
        access,
        store: null,
      },
    };
    this.#registered = () => (load.register ? registerFleet(plan.fleet, [endpoints]) : Promise.resolve());
    this.#simulation = new Simulation(
      {
        ...{ topic: load.topic, schemaText, sites: [endpoints], fleet: plan.fleet, readings: plan.readings },
        ...{
          schedule: plan.schedule,
          seed: plan.seed,
          catchUp: load.catchUp,
          warmupMs: 0,
          neverGiveUp: true,
        },
        maxInFlight: load.maxInFlight,
        faults: load.load.kind === 'model' ? load.load.faults : undefined,
      },
      { clock: systemClock, signal: this.#stop.signal, onProgress: (progress) => this.#note(progress) },
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    // Joins go without, where the registrations have no topics.
    await this.#registered().catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'the sensors could not be registered');
    });
    const open = new Promise<void>((resolve) => {
      this.#onOpen = resolve;
    });
    this.#run = this.#simulation.run();
    this.ended = this.#run.then(() => undefined);
    this.ended.catch(() => undefined);
    await Promise.race([open, this.ended]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#run?.catch(() => undefined);
  }

  trouble(): string | null {
    const { inFlight = 0 } = this.#progress ?? {};
    const silentMs = systemClock.monotonic() - this.#ackedAtMs;
    if (inFlight === 0 || silentMs < silentAfterMs) return null;
    return `${this.#options.site} has acknowledged nothing for ${Math.round(silentMs / 1000)} s`;
  }

  info(): FleetInfo {
    const { target = null, achieved = 0, sent = 0, acked = 0, failed = 0, behind = 0 } = this.#progress ?? {};
    const { injected } = this.#simulation;
    return {
      ...{ topic: this.#topic, sensors: this.#sensors, target, rate: Math.round(achieved * 10) / 10 },
      ...{ sent, acked, failed, behind, injected, trouble: this.trouble() },
    };
  }

  #note(progress: SimulationProgress): void {
    if (progress.acked !== this.#progress?.acked) this.#ackedAtMs = systemClock.monotonic();
    this.#progress = progress;
    this.#onOpen();
  }
}

function fleetMetrics(fleet: Job<FleetInfo>): Registry {
  const register = new Registry();
  const counters = [
    ['sent', 'Messages handed to the producer'],
    ['acked', 'Messages that the site has acknowledged'],
    ['failed', 'Messages that were given up'],
  ] as const;
  for (const [count, help] of counters) {
    new Counter({
      name: `dds_fleet_${count}_total`,
      help,
      registers: [register],
      collect() {
        this.reset();
        this.inc(fleet.info()[count]);
      },
    });
  }
  new Gauge({
    name: 'dds_fleet_behind',
    help: 'Messages that are due and not sent',
    registers: [register],
    collect() {
      this.set(fleet.info().behind);
    },
  });
  return register;
}
