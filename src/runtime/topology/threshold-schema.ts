import { z } from 'zod';
import { again, says, siteSelection, strict, topicName } from './schema-words.ts';

const temperature = says(z.number(), 'a number');
const thresholds = says(z.record(z.string().min(1), temperature), 'a map of ids and thresholds');

const guarantee = says(
  z.enum(['at-least-once', 'exactly-once']),
  '"at-least-once" or "exactly-once"',
  'Whether a crash may leave outputs twice. Default at-least-once.',
).optional();

export const detector = strict(
  {
    sites: again(siteSelection, 'Where it runs. Default: all edge sites.').optional(),
    threshold: again(temperature, 'A temperature above it is exceeding. Default 100.').optional(),
    unit: says(
      z.enum(['C', 'F', 'K']),
      '"C", "F" or "K"',
      'Of the thresholds, the hysteresis and the events. Default C.',
    ).optional(),
    hysteresis: says(
      z.number().min(0),
      'a number from 0',
      'How far below the threshold it has to fall to be back. Default 0.5.',
    ).optional(),
    emit: says(
      z.enum(['transitions', 'every']),
      '"transitions" or "every"',
      'Events where exceeding begins and ends, or also for each sample between. Default transitions.',
    ).optional(),
    sensors: again(thresholds, 'Thresholds of single sensors, by id.').optional(),
    types: again(
      thresholds,
      'Thresholds of sensor types, by id, for sensors that have none of their own.',
    ).optional(),
    topic: again(topicName, 'The topic of the measurements. Default temperature-data.').optional(),
    events: again(topicName, 'The topic of the events. Default temperature-threshold-events.').optional(),
    'on-error': says(
      z.string().min(1),
      '"dead-letter", "fail", "skip" or the name of a topic',
      'What becomes of a record that it cannot read. Default dead-letter: it goes to <topic>.<name>.dead-letter.',
    ).optional(),
    guarantee,
  },
  'a detector',
);

const text = says(z.string().min(1), 'a text');

export const notifier = strict(
  {
    sites: again(siteSelection, 'Where it runs. Default: the central site.').optional(),
    channels: says(
      z.array(z.enum(['console', 'webhook', 'telegram'])).min(1),
      'a list of "console", "webhook" and "telegram"',
      'Where messages go. Default console: the log of the job.',
    ).optional(),
    webhook: says(z.url(), 'an http address', 'Gets each message as JSON in a POST.').optional(),
    telegram: strict(
      {
        chat: says(z.union([z.string().min(1), z.int()]), 'the id of a chat'),
        'token-file': again(
          text,
          'File with the token of the bot, relative to this file. Default: DDS_TELEGRAM_TOKEN in the environment of dds up.',
        ).optional(),
        api: says(z.url(), 'an http address', 'A Bot API of your own.').optional(),
      },
      'settings of Telegram',
    ).optional(),
    events: again(topicName, 'The topic of the events. Default temperature-threshold-events.').optional(),
    guarantee,
  },
  'a notifier',
);
