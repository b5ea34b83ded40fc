import type { LiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import type { RecordRing } from '../../runtime/data/tail/live/record-ring.ts';
import { SecondCounts } from '../../runtime/data/tail/live/second-counts.ts';
import type { Key } from '../keys.ts';

/** As many records a second as can be read: when more come, a sample of them is shown. */
export const readablePerSecond = 40;
/** So many may come at once before that counts: a screen full. */
const burst = 100;
/** Records of the sample that stay on the screen's list. */
const sampleSize = 400;

/**
 * Which records are on the screen. While it follows, a sample of what comes, newest last; once the user has moved or paused,
 * every record that is kept, by time, around the chosen one. A record is named by the ring's sequence number.
 */
export class RecordList {
  readonly #live: Pick<LiveTail, 'clock' | 'list'>;
  #ring: RecordRing;
  #sample: number[] = [];
  #budget = burst;
  #pickedAt: number;
  #refill = false;
  #offered: SecondCounts;
  /** Of `missed` of the ring: those that `#offered` has. */
  #missed = 0;
  #picked: SecondCounts;
  /** The chosen record, by sequence number and time: its place changes as others come before it. */
  #chosen: { sequence: number; time: number } | null = null;
  /** Row of the screen that the chosen record is on. */
  #row = 0;
  isFollowing = true;
  /** Partitions of the sites and topics that the user does not want to see, by number. */
  hidden: ReadonlySet<number> = new Set();

  constructor(live: Pick<LiveTail, 'clock' | 'list'>) {
    this.#live = live;
    this.#ring = live.list;
    const now = live.clock.monotonic();
    this.#pickedAt = now;
    this.#offered = new SecondCounts(now);
    this.#picked = new SecondCounts(now);
  }

  /** Takes in what came since the last frame. */
  settle(): void {
    const now = this.#live.clock.monotonic();
    if (this.#ring !== this.#live.list) {
      this.#ring.isHeld = false;
      this.#ring = this.#live.list;
      this.#offered = new SecondCounts(now);
      this.#picked = new SecondCounts(now);
      this.follow();
    }
    const fresh = this.#ring.settle();
    const wanted = this.hidden.size === 0 ? fresh : fresh.filter((one) => this.#isWanted(one));
    // What was not kept while it was paused came all the same.
    const { missed } = this.#ring;
    this.#offered.add(wanted.length + Math.max(0, missed - this.#missed), now);
    this.#missed = missed;
    this.#budget = Math.min(burst, this.#budget + ((now - this.#pickedAt) / 1000) * readablePerSecond);
    this.#pickedAt = now;
    if (!this.isFollowing) return;
    if (this.#refill) this.#sample = this.#newest(burst);
    else this.#pick(wanted, now);
    this.#refill = false;
    this.#sample = this.#sample.filter((one) => this.#ring.has(one)).slice(-sampleSize);
  }

  /** What is shown and what there is, a second; equal when nothing is left out. */
  get rates(): { shown: number; offered: number } {
    const now = this.#live.clock.monotonic();
    return { shown: this.#picked.rate(now), offered: this.#offered.rate(now) };
  }

  /** Records older and newer than the chosen one, and those that came while there was no more room. */
  get around(): { older: number; newer: number; missed: number } {
    const at = this.#chosen ? this.#ring.indexOf(this.#chosen.sequence, this.#chosen.time) : 0;
    return { older: at, newer: Math.max(0, this.#ring.length - at - 1), missed: this.#ring.missed };
  }

  /** Sequence number of the chosen record: the newest one while following. */
  get chosen(): number | null {
    if (this.isFollowing) return this.#sample.at(-1) ?? null;
    return this.#chosen ? (this.#at(this.#indexOfChosen())?.sequence ?? null) : null;
  }

  /** The rows of the screen, oldest first. */
  rows(height: number): number[] {
    if (this.isFollowing) return this.#sample.slice(-height);
    this.#row = Math.min(this.#row, Math.max(0, height - 1));
    const middle = this.#indexOfChosen();
    const before = this.#walk(middle, -1, this.#row);
    const after = this.#walk(middle - 1, 1, height - before.length);
    // At the beginning there is less above than the row asks for.
    this.#row = before.length;
    return [...before.reverse(), ...after];
  }

  follow(): void {
    this.isFollowing = true;
    this.#chosen = null;
    this.#refill = true;
    this.#ring.isHeld = false;
    this.#ring.missed = 0;
    this.#missed = 0;
  }

  /** Stops at what is on the screen. */
  pause(height: number): void {
    if (!this.isFollowing) return;
    const shown = this.#sample.slice(-height);
    const last = shown.at(-1);
    this.isFollowing = false;
    this.#ring.isHeld = true;
    if (last !== undefined) this.choose(last, shown.length - 1);
  }

  choose(sequence: number, row = this.#row): void {
    this.#chosen = { sequence, time: this.#ring.timeOf(sequence) };
    this.#row = row;
  }

  /** False for a key that does not move. */
  press(key: Key, height: number): boolean {
    const half = Math.max(1, Math.floor(height / 2));
    const page = Math.max(1, height - 1);
    const steps: Record<Key, number> = {
      ...{ j: 1, down: 1, k: -1, up: -1, 'ctrl+d': half, 'ctrl+u': -half },
      ...{ pgdn: page, pgup: -page, 'ctrl+f': page, 'ctrl+b': -page },
    };
    if (key === 'G' || key === 'end') this.follow();
    else if (key === 'g' || key === 'home') this.#toOldest(height);
    else if (Object.hasOwn(steps, key)) this.#move(steps[key]!, height);
    else return false;
    return true;
  }

  /** The next kept record in a direction; null at the end. */
  next(sequence: number, step: 1 | -1): number | null {
    const at = this.#ring.indexOf(sequence, this.#ring.timeOf(sequence));
    return this.#walk(at, step, 1)[0] ?? null;
  }

  /** The oldest or the newest kept record. */
  end(which: 'oldest' | 'newest'): number | null {
    const from = which === 'oldest' ? -1 : this.#ring.length;
    return this.#walk(from, which === 'oldest' ? 1 : -1, 1)[0] ?? null;
  }

  #move(by: number, height: number): void {
    // What is newest cannot be left behind by moving on.
    if (this.isFollowing && by > 0) return;
    this.pause(height);
    const passed = this.#walk(this.#indexOfChosen(), by > 0 ? 1 : -1, Math.abs(by));
    const last = passed.at(-1);
    if (last === undefined) return;
    const row = this.#row + Math.sign(by) * passed.length;
    this.choose(last, Math.max(0, Math.min(height - 1, row)));
  }

  #toOldest(height: number): void {
    this.pause(height);
    const oldest = this.end('oldest');
    if (oldest !== null) this.choose(oldest, 0);
  }

  /** Up to `count` wanted records after (or before) a place in the order, nearest first. */
  #walk(from: number, step: 1 | -1, count: number): number[] {
    const found: number[] = [];
    for (let at = from + step; at >= 0 && at < this.#ring.length && found.length < count; at += step) {
      const sequence = this.#ring.sequenceAt(at);
      if (this.#isWanted(sequence)) found.push(sequence);
    }
    return found;
  }

  #indexOfChosen(): number {
    if (!this.#chosen) return 0;
    const at = this.#ring.indexOf(this.#chosen.sequence, this.#chosen.time);
    return Math.min(at, this.#ring.length - 1);
  }

  #at(index: number): { sequence: number } | null {
    if (index < 0 || index >= this.#ring.length) return null;
    return { sequence: this.#ring.sequenceAt(index) };
  }

  #newest(count: number): number[] {
    return this.#walk(this.#ring.length, -1, count).reverse();
  }

  #pick(fresh: Float64Array, now: number): void {
    const count = Math.min(fresh.length, Math.floor(this.#budget));
    this.#budget -= count;
    this.#picked.add(count, now);
    if (count === 0) return;
    // Evenly over what came, so that no site is left out for being first.
    for (let i = 1; i <= count; i++) this.#sample.push(fresh[Math.ceil((i * fresh.length) / count) - 1]!);
    this.#sample.sort((a, b) => this.#ring.timeOf(a) - this.#ring.timeOf(b) || a - b);
  }

  #isWanted(sequence: number): boolean {
    return this.hidden.size === 0 || !this.hidden.has(this.#ring.partitionOf(sequence));
  }
}
