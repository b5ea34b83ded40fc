import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../../src/runtime/simulator/latency.ts';
import { type CatchUp, Pacer } from '../../../src/runtime/simulator/pacer.ts';
import { judge } from '../../../src/runtime/simulator/result.ts';
import {
  constantSchedule,
  recordedSchedule,
  type Schedule,
  unpacedSchedule,
} from '../../../src/runtime/simulator/schedule.ts';
import { type Clock, systemClock } from '../../../src/shared/clock.ts';

/** Time that passes only in sleep; `stall` is how long the process is held up once, at `stallAt`. */
class TestClock implements Clock {
  time = 5000;
  #stall: { at: number; ms: number } | null;
  constructor(stall: { at: number; ms: number } | null = null) {
    this.#stall = stall;
  }
  now = () => 1_785_000_000_000 + this.time;
  monotonic = () => this.time;
  async sleep(ms: number): Promise<void> {
    this.time += ms;
    if (this.#stall && this.time - 5000 >= this.#stall.at) {
      this.time += this.#stall.ms;
      this.#stall = null;
    }
  }
}

interface Sent {
  i: number;
  atMs: number;
  lateMs: number;
}

async function pace(
  schedule: Schedule,
  options: {
    catchUp?: CatchUp;
    stall?: { at: number; ms: number };
    endMs?: number;
    full?: (ms: number) => boolean;
  } = {},
) {
  const clock = new TestClock(options.stall ?? null);
  const sent: Sent[] = [];
  const { full } = options;
  const pacer = new Pacer({
    schedule,
    clock,
    ...(options.catchUp && { catchUp: options.catchUp }),
    ...(options.endMs !== undefined && { endMs: options.endMs }),
    ...(full && { hasRoom: () => !full(clock.time - 5000) }),
    send: (i, intendedMs, nowMs) => sent.push({ i, atMs: nowMs - 5000, lateMs: nowMs - intendedMs }),
  });
  await pacer.run(new AbortController().signal);
  return { pacer, sent };
}

const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b));

describe('on time', () => {
  test.each([10_000, 999.7, 50_000, 3, 0.5])('%d/s sends every message once, within 1 ms', async (rate) => {
    const count = Math.max(3, Math.ceil(rate * 3));
    const { pacer, sent } = await pace(constantSchedule(rate, { count }));
    expect(sent.map(({ i }) => i)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(most(sent.map(({ lateMs }) => lateMs))).toBeLessThanOrEqual(1);
    expect(sent.every(({ lateMs }) => lateMs >= 0)).toBe(true);
    expect(pacer.elapsedMs).toBeCloseTo(((count - 1) / rate) * 1000, -1);
  });

  test('a duration is the number of messages that are due in it', async () => {
    expect((await pace(constantSchedule(10_000, { durationMs: 2000 }))).pacer.sent).toBe(20_000);
    expect((await pace(constantSchedule(0.1, { durationMs: 30_000 }))).pacer.sent).toBe(3);
    expect((await pace(constantSchedule(10, { durationMs: 2000, count: 5 }))).pacer.sent).toBe(5);
  });
});

describe('after a stall of half a second at 1,000/s', () => {
  const run = (catchUp: CatchUp) =>
    pace(constantSchedule(1000, { durationMs: 3000 }), { catchUp, stall: { at: 1000, ms: 500 } });

  test('2x sends all, at twice the rate until it has caught up', async () => {
    const { pacer, sent } = await run('2x');
    expect(pacer.sent).toBe(3000);
    const within = (from: number, to: number) => sent.filter(({ atMs }) => atMs >= from && atMs < to).length;
    expect(within(1500, 1900)).toBeGreaterThan(780);
    expect(within(1500, 1900)).toBeLessThan(825);
    expect(within(2100, 2500)).toBeLessThan(410);
    expect(sent.at(-1)!.lateMs).toBeLessThanOrEqual(1);
    // The lateness is told: nothing shifts the times that were intended.
    expect(most(sent.map(({ lateMs }) => lateMs))).toBeGreaterThan(495);
  });

  test('burst sends all at once', async () => {
    const { pacer, sent } = await run('burst');
    expect(pacer.sent).toBe(3000);
    expect(sent.filter(({ atMs }) => atMs >= 1500 && atMs < 1502).length).toBeGreaterThan(495);
  });

  test('drop leaves out what is more than 10 ms late, and counts it', async () => {
    const { pacer, sent } = await run('drop');
    expect(pacer.dropped).toBeGreaterThan(485);
    expect(pacer.sent + pacer.dropped).toBe(3000);
    expect(most(sent.map(({ lateMs }) => lateMs))).toBeLessThanOrEqual(10);
    expect(judge(constantSchedule(1000, { durationMs: 3000 }), pacer, new LatencyHistogram())[0]).toContain(
      'less than 99 %',
    );
  });

  test('slow sensors do not come in a bunch', async () => {
    const { sent } = await pace(constantSchedule(1, { count: 40 }), { stall: { at: 5000, ms: 10_000 } });
    const gaps = sent.slice(1).map(({ atMs }, i) => atMs - sent[i]!.atMs);
    expect(sent).toHaveLength(40);
    expect(Math.min(...gaps)).toBeGreaterThan(450);
    expect(sent.at(-1)!.lateMs).toBeLessThan(20);
  });
});

test('without room nothing is sent, overrun counts each late message once, and the schedule stays', async () => {
  const full = (ms: number) => ms > 1000 && ms < 1500;
  const schedule = constantSchedule(1000, { durationMs: 3000 });
  const { pacer, sent } = await pace(schedule, { full });
  expect(pacer.sent).toBe(3000);
  // 500 while it was full; then none, because there is room while it catches up.
  expect(pacer.overrun).toBeGreaterThan(490);
  expect(pacer.overrun).toBeLessThan(505);
  expect(sent.filter(({ atMs }) => full(atMs))).toHaveLength(0);
  expect(most(sent.map(({ lateMs }) => lateMs))).toBeGreaterThan(490);
  expect(sent.at(-1)!.lateMs).toBeLessThanOrEqual(1);
});

test('a run that cannot go on ends, says how much was not sent, and is not valid', async () => {
  const schedule = constantSchedule(1000, { durationMs: 1000 });
  const { pacer } = await pace(schedule, { full: (ms) => ms > 500, endMs: 2000 });
  expect(pacer.sent).toBeLessThan(505);
  expect(pacer.behind).toBe(1000 - pacer.sent);
  expect(pacer.overrun).toBe(1000 - pacer.sent);
  expect(judge(schedule, pacer, new LatencyHistogram())).toHaveLength(1);
});

test('a recording keeps its distances, also over a long gap', async () => {
  const times = Float64Array.from([1000, 1000, 1500, 61_000, 61_001, 61_002]);
  const { sent } = await pace(recordedSchedule(times, 2));
  expect(sent.map(({ atMs, lateMs }) => atMs - lateMs)).toEqual([0, 0, 250, 30_000, 30_000.5, 30_001]);
  expect(most(sent.map(({ lateMs }) => lateMs))).toBeLessThanOrEqual(1.5);
});

test('without a pace it sends while there is room', async () => {
  let room = 100;
  const pacer = new Pacer({
    schedule: unpacedSchedule(1000),
    clock: {
      ...systemClock,
      async sleep() {
        room = 100;
      },
    },
    hasRoom: () => room > 0,
    send() {
      room--;
    },
  });
  await pacer.run(new AbortController().signal);
  expect(pacer).toMatchObject({ sent: 1000, overrun: 0, behind: 0 });
});

test('an abort ends it at once', async () => {
  const controller = new AbortController();
  const pacer = new Pacer({
    schedule: constantSchedule(0.01),
    clock: systemClock,
    send: () => controller.abort(),
  });
  const start = performance.now();
  await pacer.run(controller.signal);
  expect(pacer.sent).toBe(1);
  expect(performance.now() - start).toBeLessThan(500);
});

// How punctual it is, depends on what else the machine does: bench/pacer.ts.
test('a real second at 10,000/s has its 10,000 messages, none before its time', async () => {
  let early = 0;
  const pacer = new Pacer({
    schedule: constantSchedule(10_000, { durationMs: 1000 }),
    clock: systemClock,
    send: (_, intendedMs, nowMs) => {
      if (nowMs < intendedMs) early++;
    },
  });
  await pacer.run(new AbortController().signal);
  expect([pacer.sent, early]).toEqual([10_000, 0]);
});
