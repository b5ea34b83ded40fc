/**
 * How punctual the pacer is and what it costs, against nothing: every message is made and encoded, and acknowledged
 * when it is handed over. `node bench/pacer.ts [seconds]`
 */
import {
  constantSchedule,
  LatencyHistogram,
  Pacer,
  simulatedReadings,
} from '../src/runtime/simulator/index.ts';
import { TemperatureEncoder } from '../src/runtime/simulator/temperature-encoder.ts';
import { systemClock } from '../src/shared/clock.ts';

const durationMs = Number(process.argv[2] ?? 5) * 1000;
const sensors = 1000;

for (const rate of [10_000, 50_000]) {
  const encoders = Array.from({ length: sensors }, (_, i) => new TemperatureEncoder(1, `edge-1-sensor-${i}`));
  const readings = simulatedReadings(1, 'C', { base: 20, target: 80, noise: 0.1 })(encoders, Date.now());
  const schedule = constantSchedule(rate, { durationMs });
  const delay = new LatencyHistogram();
  let bytes = 0;
  const pacer = new Pacer({
    schedule,
    clock: systemClock,
    send(i, intendedMs, nowMs) {
      bytes += readings.encode(i, schedule.dueMs(i), Math.floor(systemClock.now())).length;
      delay.record(nowMs - intendedMs);
    },
  });
  const before = process.cpuUsage();
  await pacer.run(new AbortController().signal);
  const { user, system } = process.cpuUsage(before);
  const { p50, p99, max } = delay.summary();
  const cpu = (user + system) / 10 / pacer.elapsedMs;
  const achieved = (pacer.sent / pacer.elapsedMs) * 1000;
  process.stdout.write(
    `${rate}/s: achieved ${achieved.toFixed(0)}/s, send delay p50 ${p50} µs, p99 ${p99} µs, max ${max} µs, ` +
      `CPU ${cpu.toFixed(1)} % of a core, ${(bytes / pacer.sent).toFixed(0)} bytes a value\n`,
  );
}
