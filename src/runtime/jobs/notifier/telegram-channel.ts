import { Api, GrammyError, HttpError } from 'grammy';
import type { Clock } from '../../../shared/clock.ts';
import { type Channel, ChannelError, timeoutMs } from './channel.ts';
import type { Notification } from './message.ts';

/** grammY names the type of a polyfill; its own comes from the platform. */
type BotSignal = Parameters<Api['sendMessage']>[3];

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
        await api.sendMessage(chatId, telegramText(message), { parse_mode: 'HTML' }, signal as BotSignal);
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
