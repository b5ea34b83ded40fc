import { Api, GrammyError, HttpError } from 'grammy';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import { type Channel, ChannelError } from './channel.ts';
import type { Notification } from './message.ts';

const timeoutMs = 10_000;

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

export interface TelegramOptions {
  token: string;
  chatId: string;
  /** Default https://api.telegram.org */
  apiRoot?: string | undefined;
  /** Least time between two messages to the chat, ms: Telegram asks for one a second. */
  intervalMs: number;
  clock: Clock;
}

/** `sendMessage` of the Telegram Bot API. */
export function telegramChannel({ token, chatId, apiRoot, intervalMs, clock }: TelegramOptions): Channel {
  const api = new Api(token, { ...(apiRoot && { apiRoot }), timeoutSeconds: timeoutMs / 1000 });
  let nextAt = 0;
  return {
    name: 'telegram',
    async send(message, signal) {
      const now = clock.monotonic();
      if (nextAt > now) await clock.sleep(nextAt - now, signal);
      nextAt = clock.monotonic() + intervalMs;
      try {
        // biome-ignore lint/suspicious/noExplicitAny: grammY types the signal as that of a polyfill
        await api.sendMessage(chatId, telegramText(message), { parse_mode: 'HTML' }, signal as any);
      } catch (error) {
        throw telegramError(error);
      }
    },
  };
}

function telegramError(error: unknown): ChannelError {
  if (error instanceof GrammyError) {
    const { error_code: code, description, parameters } = error;
    const retryAfterMs = parameters.retry_after === undefined ? null : parameters.retry_after * 1000;
    const permanent = code < 500 && code !== 429;
    return new ChannelError(`answered ${code}: ${description}`, { permanent, retryAfterMs, cause: error });
  }
  const inner = error instanceof HttpError ? error.error : error;
  const why = (inner as NodeJS.ErrnoException).code ?? (inner as Error).name;
  // The cause is left out: its text may hold the address, and with it the token.
  return new ChannelError(`no answer (${why})`);
}

/** The text with its first word in bold; what HTML would take for markup is escaped. */
export function telegramText({ text, phase }: Pick<Notification, 'text' | 'phase'>): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<b>${phase}</b>${escaped.slice(phase.length)}`;
}
