import type { Logger } from '../../../shared/logger.ts';
import { type Channel, ChannelError, timeoutMs } from './channel.ts';

/** A line of the job's log. */
export function consoleChannel(log: Logger): Channel {
  return {
    name: 'console',
    async send({ text, phase, sensor }) {
      log.info({ channel: 'console', phase, sensor: sensor.id }, text);
    },
  };
}

/** POSTs the message as JSON. Its id is in `Idempotency-Key`: a receiver that keeps them takes each message once, whatever happens. */
export function webhookChannel(url: string): Channel {
  return {
    name: 'webhook',
    async send(message, signal) {
      let answer: Response;
      try {
        answer = await fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': message.id },
          body: JSON.stringify(message),
          redirect: 'manual',
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
      } catch (cause) {
        const { message: text, cause: deeper } = cause as Error;
        const why = (deeper as NodeJS.ErrnoException | undefined)?.code ?? text;
        throw new ChannelError(`no answer (${why})`, { cause });
      }
      await answer.body?.cancel();
      if (answer.ok) return;
      const { status } = answer;
      const permanent = status < 500 && status !== 429 && status !== 408;
      const retryAfterMs = secondsOf(answer.headers.get('retry-after'));
      throw new ChannelError(`answered ${status}`, { permanent, retryAfterMs });
    },
  };
}

/** `Retry-After` in seconds; a date is left to our own waits. */
const secondsOf = (text: string | null): number | null =>
  text !== null && /^\d+$/.test(text) ? Number(text) * 1000 : null;
