import type { Fate, Faults } from './faults.ts';
import type { SiteSender } from './site-sender.ts';

/** A sensor at its site. */
export interface SensorRoute {
  key: Buffer;
  sender: SiteSender;
  partition: number;
  /** A message that waits for the next one of its sensor to overtake it. */
  held: (Message & { duplicate: boolean }) | null;
}

export interface Message {
  value: Buffer;
  /** `clock.monotonic()` at which it was due. */
  intendedMs: number;
  /** Kafka's timestamp. */
  timestampMs: number;
}

export type Append = (
  sensor: SensorRoute,
  value: Buffer,
  intendedMs: number,
  nowMs: number,
  timestampMs: number,
) => void;

/** Sends messages as their fate says, and counts what only shows when they are sent. */
export class FaultDelivery {
  readonly #faults: Faults;
  readonly #append: Append;

  constructor(faults: Faults, append: Append) {
    this.#faults = faults;
    this.#append = append;
  }

  send(sensor: SensorRoute, fate: Fate, message: Message, nowMs: number): void {
    if (fate.lost) return;
    const { duplicate } = fate;
    if (fate.outOfOrder && !sensor.held) {
      // The next encoding reuses the bytes.
      sensor.held = { ...message, value: Buffer.from(message.value), duplicate };
      return;
    }
    this.#deliver(sensor, message, duplicate, nowMs);
    if (!sensor.held) return;
    this.#faults.injected.out_of_order++;
    this.release(sensor, nowMs);
  }

  /** Sends what is held back. */
  release(sensor: SensorRoute, nowMs: number): void {
    const { held } = sensor;
    sensor.held = null;
    if (held) this.#deliver(sensor, held, held.duplicate, nowMs);
  }

  #deliver(sensor: SensorRoute, message: Message, duplicate: boolean, nowMs: number): void {
    const { value, intendedMs, timestampMs } = message;
    this.#append(sensor, value, intendedMs, nowMs, timestampMs);
    if (!duplicate) return;
    this.#faults.injected.duplicated++;
    this.#append(sensor, value, intendedMs, nowMs, timestampMs);
  }
}
