import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { accessBySite, commaList, jobFlags } from '../../cli/job-flags.ts';
import { guaranteeFlags, guaranteeOptions } from '../../cli/streams-flags.ts';

export default class RunNotifier extends DdsCommand {
  static override summary = 'Send a message when a sensor exceeds its threshold and when it is back.';
  static override description =
    'Reads temperature-threshold-events and sends one message for each START and each END, with the names of sensor and device and the place, in the unit of the sensor. A message that is not taken is tried again for half a minute, longer where the receiver asks for patience; then its event goes to <events>.<name>.dead-letter. A restart sends nothing again. The token of a Telegram bot comes from DDS_TELEGRAM_TOKEN or from a file.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --site central --brokers 127.0.0.1:9092 --registry http://127.0.0.1:8081',
    '<%= config.bin %> <%= command.id %> --site central --brokers 127.0.0.1:9092 --registry http://127.0.0.1:8081 --channels telegram --telegram-chat -1001234 --telegram-token-file token.txt',
  ];
  static override flags = {
    ...jobFlags,
    channels: Flags.string({
      description: 'where messages go: console, webhook, telegram, separated by commas',
      env: 'DDS_CHANNELS',
      default: 'console',
    }),
    webhook: Flags.string({
      description: 'address that gets each message as JSON in a POST',
      env: 'DDS_WEBHOOK',
      helpValue: 'URL',
    }),
    'telegram-chat': Flags.string({
      description: 'id of the chat',
      env: 'DDS_TELEGRAM_CHAT',
      helpValue: 'ID',
    }),
    'telegram-token-file': Flags.string({
      description: 'file with the token of the bot [env: DDS_TELEGRAM_TOKEN has the token itself]',
      env: 'DDS_TELEGRAM_TOKEN_FILE',
      helpValue: 'FILE',
    }),
    'telegram-api': Flags.string({
      description: 'address of the Bot API, when it is one of your own',
      env: 'DDS_TELEGRAM_API',
      helpValue: 'URL',
    }),
    events: Flags.string({ description: 'topic of the events', default: 'temperature-threshold-events' }),
    name: Flags.string({
      description: 'name of the job; its consumer group is dds.NAME',
      env: 'DDS_JOB',
      default: 'notifier',
    }),
    ...guaranteeFlags,
  };

  protected override async execute(): Promise<void> {
    const { flags } = await this.parse(RunNotifier);
    const { runNotifier } = await import('../../runtime/jobs/notifier/index.ts');
    const access = await accessBySite(flags.access, this.context.cwd, [flags.site]);
    await runNotifier(
      {
        ...flags,
        brokers: commaList(flags.brokers),
        access: access[flags.site],
        channels: commaList(flags.channels),
        telegramChat: flags['telegram-chat'],
        telegramToken: this.context.env.DDS_TELEGRAM_TOKEN,
        telegramTokenFile: flags['telegram-token-file'],
        telegramApi: flags['telegram-api'],
        streams: guaranteeOptions(flags),
        logLevel: flags['log-level'],
      },
      this.context.signal,
    );
  }
}
