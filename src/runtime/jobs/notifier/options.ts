import { readFileSync } from 'node:fs';
import { DdsError } from '../../../errors/index.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Channel } from './channel.ts';
import { consoleChannel, webhookChannel } from './channels.ts';

export const channelNames = ['console', 'webhook', 'telegram'] as const;

/** What flags and environment say of the channels. */
export interface ChannelSettings {
  channels: readonly string[];
  webhook?: string | undefined;
  telegramChat?: string | undefined;
  /** Never a flag: flags are seen by everyone on the machine. */
  telegramToken?: string | undefined;
  telegramTokenFile?: string | undefined;
  telegramApi?: string | undefined;
  /** Least time between two messages to Telegram, ms. Default 1000. */
  telegramIntervalMs?: number;
}

/** Throws DDS_USAGE for a channel that lacks something, DDS_FILE_UNREADABLE for the file of a token. */
export async function openChannels(settings: ChannelSettings, log: Logger, clock: Clock): Promise<Channel[]> {
  const names = [...new Set(settings.channels)];
  if (names.length === 0) throw usage('no channel is named', 'Pass --channels console.');
  const opened = names.map(async (name) => {
    if (name === 'console') return consoleChannel(log);
    if (name === 'webhook') return webhookChannel(webhookUrl(settings.webhook));
    if (name !== 'telegram') {
      throw usage(`there is no channel "${name}"`, `There are ${channelNames.join(', ')}.`);
    }
    const chatId = settings.telegramChat;
    if (!chatId) throw usage('the channel telegram needs a chat', 'Pass --telegram-chat ID.');
    const { telegramApi: apiRoot, telegramIntervalMs: intervalMs = 1000 } = settings;
    const token = tokenOf(settings);
    // Nobody else pays for loading it.
    const { telegramChannel } = await import('./telegram-channel.ts');
    return telegramChannel({ token, chatId, apiRoot, intervalMs, clock });
  });
  return Promise.all(opened);
}

function webhookUrl(text: string | undefined): string {
  if (!text) throw usage('the channel webhook needs an address', 'Pass --webhook URL.');
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href;
  throw usage(
    `--webhook ${text} is not an http or https address`,
    'Write it as in https://example.org/hook.',
  );
}

function tokenOf({ telegramToken, telegramTokenFile }: ChannelSettings): string {
  const token = telegramTokenFile ? readToken(telegramTokenFile) : telegramToken?.trim();
  if (token) return token;
  throw usage(
    telegramTokenFile
      ? `${telegramTokenFile} is empty; the channel telegram needs the token of its bot`
      : 'the channel telegram needs the token of its bot',
    telegramTokenFile
      ? 'Write the token into it.'
      : 'Set DDS_TELEGRAM_TOKEN, or pass --telegram-token-file FILE.',
  );
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new DdsError('DDS_FILE_UNREADABLE', `${file} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}

const usage = (message: string, hint: string) => new DdsError('DDS_USAGE', message, { hint });
