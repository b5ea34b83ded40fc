import type { Clock } from '../../../shared/clock.ts';
import type { Notification } from './message.ts';

/** How long a channel waits for one answer. */
export const timeoutMs = 10_000;

/** Where messages go. */
export interface Channel {
  readonly name: string;
  /** Rejects with a ChannelError when the message was not taken. */
  send(message: Notification, signal: AbortSignal): Promise<void>;
}

/** A message was not taken. `permanent`: it never will be. */
export class ChannelError extends Error {
  readonly permanent: boolean;
  /** How long the receiver asked to be left alone; null where it did not. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { permanent = false, retryAfterMs = null as number | null, cause = undefined as unknown } = {},
  ) {
    super(message, { cause });
    this.permanent = permanent;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface DeliveryOptions {
  clock: Clock;
  signal: AbortSignal;
  /** Waits before each further attempt, ms. */
  retryDelaysMs: readonly number[];
  onRetry?: (channel: string, reason: string, waitMs: number) => void;
}

/** So often a receiver may ask for patience before a message is given up. */
const patience = 20;

/** Sends until the message is taken. A receiver's `retry after` is waited for and does not use an attempt up. */
export async function deliver(
  channel: Channel,
  message: Notification,
  options: DeliveryOptions,
): Promise<void> {
  const { clock, signal, retryDelaysMs, onRetry } = options;
  let asked = 0;
  for (let attempt = 0; ; ) {
    try {
      return await channel.send(message, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { permanent, retryAfterMs } =
        error instanceof ChannelError ? error : { permanent: false, retryAfterMs: null };
      const isAsked = retryAfterMs !== null && asked < patience;
      const waitMs = isAsked ? retryAfterMs : retryDelaysMs[attempt];
      const reason = error instanceof Error ? error.message : String(error);
      if (permanent || waitMs === undefined) throw new Error(`${channel.name}: ${reason}`, { cause: error });
      if (isAsked) asked++;
      else attempt++;
      onRetry?.(channel.name, reason, waitMs);
      await clock.sleep(waitMs, signal);
    }
  }
}
