import type { Clock } from '../../shared/clock.ts';
import type { FaultOptions } from './faults.ts';
import type { Fleet } from './fleet.ts';
import type { CatchUp } from './pacer.ts';
import type { ReadingsFactory } from './readings.ts';
import type { SimulationProgress } from './result.ts';
import type { Schedule } from './schedule.ts';
import type { SimulationSite } from './site-sender.ts';

export interface SimulationOptions {
  topic: string;
  /** Schema of the values as JSON; null for the one that is registered. Default TemperatureData. */
  schemaText?: string | null;
  faults?: FaultOptions | undefined;
  sites: readonly SimulationSite[];
  fleet: Fleet;
  schedule: Schedule;
  readings: ReadingsFactory;
  /** What the fleet was drawn from; null for a replay. */
  seed: number | null;
  maxInFlight: number;
  catchUp: CatchUp;
  /** Writes the past: message i was measured at i/rate after a start that lies `spanMs` back, whenever it is sent. */
  history?: { rate: number; spanMs: number } | undefined;
  /** Messages not sent by then are left out, ms after the start. */
  endMs?: number;
  /** Messages of the first so many ms are sent, but not measured. */
  warmupMs: number;
  /** How long a message is retried, and how long a site may be silent before the run ends, ms. Default 30000. */
  deliveryTimeoutMs?: number;
  /** Goes on whatever a site does; only the signal ends the run. Default false. */
  neverGiveUp?: boolean;
}

export interface SimulationContext {
  clock: Clock;
  /** Ends the run early; what is under way is still waited for. */
  signal: AbortSignal;
  /** Called four times a second. */
  onProgress?(progress: SimulationProgress): void;
}
