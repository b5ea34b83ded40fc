import { basename, resolve } from 'node:path';
import {
  asTemperatureData,
  constantSchedule,
  type Fleet,
  type ReadingsFactory,
  type Recording,
  type RecordRecording,
  readReadings,
  readRecords,
  recordedFleet,
  recordedReadings,
  recordedRecords,
  recordedSchedule,
  type Schedule,
  schemaReadings,
  simulatedFleet,
  simulatedReadings,
  unpacedSchedule,
} from '../simulator/index.ts';
import type { SimulateOptions } from './simulate-options.ts';

/** What is sent, by whom and when. */
export interface SimulationPlan {
  fleet: Fleet;
  readings: ReadingsFactory;
  schedule: Schedule;
  seed: number | null;
  /** The time that the schedule spans, ms; Infinity when only a signal ends it. */
  spanMs: number;
}

/** Reads the recording of a replay, whole, so that nothing is done for a file that has a mistake in it. */
export async function readRecording(
  options: SimulateOptions,
  schema: { text: string; references: readonly string[] },
  cwd: string,
  signal: AbortSignal,
): Promise<Recording | RecordRecording | null> {
  const { load, unit, records } = options;
  if (load.kind !== 'replay') return null;
  const { path, map, fieldMap, filter, format } = load;
  const file = { path: resolve(cwd, path), name: path, filter };
  if (records === null) return await readReadings({ ...file, map, unit }, format, signal);
  const { text: schemaText, references } = schema;
  return await readRecords({ ...file, format, map: fieldMap, schemaText, references }, signal);
}

export function planSimulation(
  options: SimulateOptions,
  recording: Recording | RecordRecording | null,
  sites: readonly string[],
): SimulationPlan {
  const { load, unit, count, durationMs } = options;
  const limit = { ...(count !== undefined && { count }), ...(durationMs !== undefined && { durationMs }) };
  const atRate = (rate: number) =>
    Number.isFinite(rate) ? constantSchedule(rate, limit) : unpacedSchedule(limit.count);
  if (load.kind === 'model') {
    return withSpan({
      fleet: simulatedFleet(sites, load.sensors, unit),
      readings: options.records
        ? schemaReadings(load.seed, options.records.fields)
        : asTemperatureData(simulatedReadings(load.seed, unit, load.parameters)),
      schedule: load.history ? historySchedule(load.history, load.rate, count) : atRate(load.rate),
      seed: load.seed,
    });
  }
  const readings = recording!;
  limit.count = Math.min(count ?? readings.count, readings.count);
  return withSpan({
    fleet: recordedFleet(sites, readings.sensorIds, unit, basename(load.path)),
    readings:
      'bytes' in readings
        ? recordedRecords(readings, load.shiftToNow)
        : asTemperatureData(recordedReadings(readings, load.shiftToNow)),
    schedule:
      'rate' in load.pace ? atRate(load.pace.rate) : recordedPace(readings.time, load.pace.speed, limit),
    seed: null,
  });
}

/** As many messages as there were in that time, that much faster. */
function historySchedule(
  { spanMs, speed }: { spanMs: number; speed: number },
  rate: number,
  count = Number.POSITIVE_INFINITY,
): Schedule {
  const total = Math.min(count, constantSchedule(rate, { durationMs: spanMs }).total);
  return Number.isFinite(speed) ? constantSchedule(rate * speed, { count: total }) : unpacedSchedule(total);
}

function recordedPace(
  time: Float64Array,
  speed: number,
  { count, durationMs }: { count?: number; durationMs?: number },
): Schedule {
  if (!Number.isFinite(speed)) return unpacedSchedule(count);
  const whole = recordedSchedule(time, speed, count);
  return durationMs === undefined ? whole : recordedSchedule(time, speed, whole.dueBy(durationMs));
}

function withSpan(plan: Omit<SimulationPlan, 'spanMs'>): SimulationPlan {
  const { total, dueMs } = plan.schedule;
  return { ...plan, spanMs: Number.isFinite(total) ? dueMs(Math.max(0, total - 1)) : Infinity };
}
