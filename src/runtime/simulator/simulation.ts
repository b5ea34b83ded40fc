import { DdsError } from '../../errors/index.ts';
import type { BatchReport, Header } from '../kafka/index.ts';
import { thesisSchema } from '../serde/thesis-schemas.ts';
import { FaultDelivery, type SensorRoute } from './fault-delivery.ts';
import { Faults, type InjectedCounts } from './faults.ts';
import { InFlight } from './in-flight.ts';
import { LatencyHistogram } from './latency.ts';
import type { SimulationContext, SimulationOptions } from './options.ts';
import { Pacer } from './pacer.ts';
import type { Readings } from './readings.ts';
import { achievedRate, judge, type SimulationResult } from './result.ts';
import { SiteSender } from './site-sender.ts';

const progressMs = 250;
/** How long an interrupted run waits for what is under way. */
const interruptedDrainMs = 5000;

/**
 * Runs a fleet against its sites: opens one producer per site, paces, drains and sums up. A failed message is no
 * error here but in the result; a site that cannot be reached at the start throws, before anything is sent.
 */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #context: SimulationContext;
  readonly #senders: SiteSender[];
  readonly #inFlight: InFlight;
  readonly #sendDelay = new LatencyHistogram();
  readonly #service = new LatencyHistogram();
  readonly #response = new LatencyHistogram();
  readonly #pacer: Pacer;
  readonly #faults: Faults | null;
  readonly #delivery: FaultDelivery | null;
  readonly #stop = new AbortController();
  readonly #silentSinceMs: Float64Array;
  #sensors: SensorRoute[] = [];
  #readings: Readings | null = null;
  /** Wall-clock time at `clock.monotonic() = 0`, ms: the one anchor of every time we write. */
  readonly #anchorMs: number;
  #startTimeMs = 0;
  #error: DdsError | null = null;
  #closed = false;
  /** Reused for every record: `append` copies them. */
  readonly #intended = Buffer.alloc(8);
  readonly #headers: readonly Header[] = [{ key: 'dds-intended', value: this.#intended }];

  constructor(options: SimulationOptions, context: SimulationContext) {
    this.#options = options;
    this.#context = context;
    const { clock } = context;
    this.#anchorMs = clock.now() - clock.monotonic();
    this.#faults = options.faults ? new Faults(options.faults, options.seed ?? 0) : null;
    this.#delivery =
      this.#faults &&
      new FaultDelivery(this.#faults, (sensor, value, intendedMs, nowMs, timestampMs) =>
        this.#append(sensor, value, intendedMs, nowMs, timestampMs),
      );
    // One message of the schedule may stand for several under way: itself and the held one before it, each twice.
    const spare = this.#faults ? 3 + options.fleet.sensors.length : 0;
    this.#inFlight = new InFlight(options.maxInFlight + spare);
    this.#silentSinceMs = new Float64Array(options.sites.length);
    this.#senders = options.sites.map(
      (site, index) =>
        new SiteSender(site, {
          topic: options.topic,
          schemaText: options.schemaText === undefined ? thesisSchema('TemperatureData') : options.schemaText,
          clock,
          deliveryTimeoutMs: this.#deliveryTimeoutMs,
          onBatch: (report) => this.#settle(index, report),
        }),
    );
    this.#pacer = new Pacer({
      schedule: options.schedule,
      clock,
      catchUp: options.catchUp,
      ...(options.endMs !== undefined && { endMs: options.endMs }),
      hasRoom: () => this.#inFlight.count < options.maxInFlight,
      send: (i, intendedMs, nowMs) => this.#send(i, intendedMs, nowMs),
    });
  }

  async run(): Promise<SimulationResult> {
    const { signal } = this.#context;
    const onAbort = () => this.#stop.abort();
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    let progress: NodeJS.Timeout | undefined;
    try {
      await Promise.all(this.#senders.map((sender) => sender.open()));
      this.#prepare();
      progress = this.#reportProgress();
      await this.#pacer.run(this.#stop.signal);
      // What nothing overtook before the end goes out last.
      for (const sensor of this.#sensors) this.#delivery?.release(sensor, this.#context.clock.monotonic());
      await this.#drain();
    } finally {
      clearInterval(progress);
      signal.removeEventListener('abort', onAbort);
      this.#closed = true;
      await Promise.all(this.#senders.map((sender) => sender.close(AbortSignal.abort())));
    }
    return this.#result();
  }

  get #deliveryTimeoutMs(): number {
    return this.#options.deliveryTimeoutMs ?? 30_000;
  }

  #prepare(): void {
    const { fleet, readings } = this.#options;
    const { clock } = this.#context;
    this.#sensors = fleet.sensors.map(({ id, site }) => {
      const key = Buffer.from(id, 'utf8');
      const sender = this.#senders[site]!;
      return { key, sender, partition: sender.partitionOf(key), held: null };
    });
    const targets = fleet.sensors.map(({ id, site }) => ({ id, schema: this.#senders[site]!.schema }));
    this.#silentSinceMs.fill(clock.monotonic());
    this.#startTimeMs = Math.floor(clock.now());
    this.#readings = readings(targets, this.#startTimeMs);
  }

  #send(i: number, intendedMs: number, nowMs: number): void {
    const { schedule, history } = this.#options;
    const readings = this.#readings!;
    const index = readings.sensorOf(i);
    const sensor = this.#sensors[index]!;
    const wholeMs = Math.floor(this.#anchorMs + intendedMs);
    // From the number, not from the clock: the same seed gives the same temperatures.
    const dueMs = schedule.paced ? schedule.dueMs(i) : intendedMs - this.#pacer.startMs;
    const elapsedMs = history ? (i / history.rate) * 1000 : dueMs;
    const atMs = history ? Math.floor(this.#startTimeMs - history.spanMs + elapsedMs) : wholeMs;
    if (this.#faults) {
      const fate = this.#faults.fateOf(i, index, elapsedMs);
      const measuredMs = atMs - fate.lateMs;
      // What is lost is measured all the same, so that the values after it do not depend on it.
      const value = readings.encode(i, elapsedMs, measuredMs, fate.anomaly);
      // Kafka's retention goes by this time: history is as young as its sending.
      const timestampMs = history ? wholeMs : measuredMs;
      this.#delivery!.send(sensor, fate, { value, intendedMs, timestampMs }, nowMs);
    } else this.#append(sensor, readings.encode(i, elapsedMs, atMs), intendedMs, nowMs, wholeMs);
  }

  #append(
    { key, sender, partition }: SensorRoute,
    value: Buffer,
    intendedMs: number,
    nowMs: number,
    timestampMs: number,
  ): void {
    const { topic, warmupMs } = this.#options;
    const timeUs = Math.round((this.#anchorMs + intendedMs) * 1000);
    this.#intended.writeUInt32BE(Math.floor(timeUs / 2 ** 32), 0);
    this.#intended.writeUInt32BE(timeUs >>> 0, 4);
    if (intendedMs - this.#pacer.startMs >= warmupMs) this.#sendDelay.record(nowMs - intendedMs);
    const slot = this.#inFlight.take(intendedMs, nowMs);
    sender.sent++;
    sender.producer.append(topic, partition, key, value, timestampMs, this.#headers, slot);
  }

  #settle(site: number, { tags, count, ackedAtMs, error }: BatchReport): void {
    if (this.#closed) return;
    const measuredFromMs = this.#pacer.startMs + this.#options.warmupMs;
    const { intendedMs, sentMs } = this.#inFlight;
    for (let i = 0; i < count; i++) {
      const slot = tags[i]!;
      const intended = intendedMs[slot]!;
      if (!error && intended >= measuredFromMs) {
        this.#service.record(ackedAtMs - sentMs[slot]!);
        this.#response.record(ackedAtMs - intended);
      }
      this.#inFlight.release(slot);
    }
    const now = this.#context.clock.monotonic();
    if (!error) {
      this.#silentSinceMs[site] = now;
      return;
    }
    this.#error ??= DdsError.from(error);
    if (this.#options.neverGiveUp) return;
    // The producer retries by itself; a site that took nothing for so long is given up.
    if (now - this.#silentSinceMs[site]! >= this.#deliveryTimeoutMs) this.#stop.abort();
  }

  async #drain(): Promise<void> {
    const { clock, signal } = this.#context;
    // Failed batches are in the counts already.
    const flushed = Promise.all(
      this.#senders.map((sender) => sender.producer.flush().catch(() => undefined)),
    );
    const done = new AbortController();
    const limit = async () => {
      await clock.sleep(2 * this.#deliveryTimeoutMs, AbortSignal.any([signal, done.signal]));
      if (signal.aborted) await clock.sleep(interruptedDrainMs, done.signal);
    };
    await Promise.race([flushed, limit()]);
    done.abort();
  }

  #reportProgress(): NodeJS.Timeout | undefined {
    const { onProgress, clock } = this.#context;
    if (!onProgress) return undefined;
    let lastSent = 0;
    let lastMs = clock.monotonic();
    return setInterval(() => {
      const now = clock.monotonic();
      const { behind, overrun, startMs } = this.#pacer;
      const sent = this.#sum('sent');
      const achieved = ((sent - lastSent) / (now - lastMs)) * 1000;
      lastSent = sent;
      lastMs = now;
      const target = this.#target;
      const [acked, failed] = [this.#sum('acked'), this.#sum('failed')];
      const elapsedMs = now - startMs;
      const inFlight = this.#inFlight.count;
      onProgress({ elapsedMs, target, achieved, sent, acked, failed, behind, overrun, inFlight });
    }, progressMs);
  }

  /** What was done wrong on purpose so far; null when nothing is asked for. */
  get injected(): InjectedCounts | null {
    return this.#faults && { ...this.#faults.injected };
  }

  get #target(): number | null {
    return this.#options.schedule.paced ? this.#options.schedule.rate : null;
  }

  #sum(count: 'sent' | 'acked' | 'failed'): number {
    return this.#senders.reduce((sum, sender) => sum + sender[count], 0);
  }

  #result(): SimulationResult {
    const { schedule, fleet, seed, maxInFlight, warmupMs } = this.#options;
    const pacer = this.#pacer;
    const reasons = judge(schedule, pacer, this.#sendDelay);
    const sites = this.#senders.map((sender, site) => {
      const sensors = fleet.sensors.filter((sensor) => sensor.site === site).length;
      // What was never answered is not stored for all we know.
      const failed = sender.sent - sender.acked;
      return [sender.site, { sensors, sent: sender.sent, acked: sender.acked, failed }] as const;
    });
    const acked = this.#sum('acked');
    const sent = this.#sum('sent');
    return {
      target: this.#target,
      achieved: achievedRate(schedule, pacer),
      verdict: reasons.length === 0 ? 'VALID' : 'INVALID',
      reasons,
      sent,
      acked,
      failed: sent - acked,
      overrun: pacer.overrun,
      dropped: pacer.dropped,
      unsent: pacer.behind,
      duration_ms: Math.round(pacer.elapsedMs),
      warmup_ms: warmupMs,
      seed,
      injected: this.injected,
      sensors: fleet.sensors.length,
      max_in_flight: maxInFlight,
      interrupted: this.#context.signal.aborted,
      send_delay_us: this.#sendDelay.summary(),
      service_us: this.#service.summary(),
      response_us: this.#response.summary(),
      sites: Object.fromEntries(sites),
      error: this.#error?.toBody() ?? null,
    };
  }
}
