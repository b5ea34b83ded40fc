import { describe, expect, it } from 'vitest';
import { DeliveryTracker } from '../../../../src/runtime/jobs/relay/delivery-tracker.ts';

const offsets = (from: number, to: number) =>
  Float64Array.from({ length: to - from }, (_, index) => from + index);

function acknowledge(tracker: DeliveryTracker, from: number, to: number): void {
  tracker.acknowledge(offsets(from, to), to - from);
}

describe('DeliveryTracker', () => {
  it('advances only when a stretch is acknowledged whole', () => {
    const tracker = new DeliveryTracker(100);
    tracker.add(110, 10);
    acknowledge(tracker, 100, 104);
    expect(tracker.position).toBe(100);
    expect(tracker.pending).toBe(6);
    acknowledge(tracker, 104, 110);
    expect(tracker.position).toBe(110);
    expect(tracker.pending).toBe(0);
  });

  it('waits for an earlier batch that is acknowledged later', () => {
    const tracker = new DeliveryTracker(0);
    tracker.add(10, 10);
    tracker.add(20, 10);
    acknowledge(tracker, 10, 20);
    expect(tracker.position).toBe(0);
    acknowledge(tracker, 0, 10);
    expect(tracker.position).toBe(20);
  });

  it('splits a batch that spans stretches', () => {
    const tracker = new DeliveryTracker(0);
    tracker.add(10, 10);
    tracker.add(20, 10);
    acknowledge(tracker, 0, 15);
    expect(tracker.position).toBe(10);
    acknowledge(tracker, 15, 20);
    expect(tracker.position).toBe(20);
  });

  it('passes over stretches without records, in their turn', () => {
    const tracker = new DeliveryTracker(0);
    tracker.add(10, 1);
    tracker.add(50, 0);
    expect(tracker.position).toBe(0);
    tracker.acknowledge(Float64Array.of(3), 1);
    expect(tracker.position).toBe(50);
    tracker.add(60, 0);
    expect(tracker.position).toBe(60);
  });

  it('reads only the first `count` offsets', () => {
    const tracker = new DeliveryTracker(0);
    tracker.add(10, 10);
    tracker.acknowledge(offsets(0, 100), 4);
    expect(tracker.pending).toBe(6);
  });

  it('never passes a failed record, and names the first', () => {
    const tracker = new DeliveryTracker(0);
    tracker.add(10, 10);
    tracker.add(20, 10);
    tracker.add(30, 10);
    acknowledge(tracker, 0, 10);
    tracker.fail(offsets(15, 20), 5);
    tracker.fail(offsets(12, 15), 3);
    acknowledge(tracker, 10, 12);
    acknowledge(tracker, 20, 30);
    expect(tracker.pending).toBe(0);
    expect(tracker.position).toBe(10);
    expect(tracker.failedAt).toBe(12);
    tracker.restart(12);
    expect(tracker.failedAt).toBeNull();
    tracker.add(20, 8);
    acknowledge(tracker, 12, 20);
    expect(tracker.position).toBe(20);
  });

  it('does not restart under pending records', () => {
    const tracker = new DeliveryTracker(0);
    tracker.add(10, 10);
    expect(() => tracker.restart(5)).toThrow('10 records are still pending');
  });
});

it('commits at once what a transaction had, and forgets what one had that was aborted', () => {
  const tracker = new DeliveryTracker(10);
  tracker.add(20, 8);
  tracker.add(30, 0);
  expect([tracker.position, tracker.end, tracker.pending]).toEqual([10, 30, 8]);
  tracker.add(40, 5);
  expect(tracker.commit(30)).toBe(8);
  expect([tracker.position, tracker.end, tracker.pending]).toEqual([30, 40, 5]);
  tracker.rollBack();
  expect([tracker.position, tracker.end, tracker.pending]).toEqual([30, 30, 0]);
});
