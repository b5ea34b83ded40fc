import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { liveLine } from '../cli/live-line.ts';
import { progressLine, simulationSummary } from '../cli/simulation-view.ts';
import { DdsError } from '../errors/index.ts';
import type { SimulationResult } from '../runtime/simulator/result.ts';

const sensors = { helpGroup: 'SENSOR' };
const replay = { helpGroup: 'REPLAY' };

export default class Simulate extends DdsCommand<SimulationResult> {
  static override summary = 'Send simulated or recorded sensor readings to the running stack.';
  static override description =
    `Each sensor follows the thesis's temperature model with noise and spikes; the same --seed sends the same
temperatures. With --replay the readings come from a CSV file with a header row: they keep their recorded times
(the timestamp field), and are sent with their recorded distances. Without --duration or --count it runs until Ctrl-C.
Ends with exit code 4 when the rate was not held, because the latencies then say nothing about the stack.`;
  static override examples = [
    '<%= config.bin %> simulate --sensors 100 --rate 10k --duration 60s',
    '<%= config.bin %> simulate --site edge-1 --base 20 --target 80 --seed 7 --count 1000',
    '<%= config.bin %> simulate --replay weather.csv --map sensor_id=location,timestamp=date,temperature=temp_max --filter location=Seattle --site edge-1 --speed max',
  ];

  static override flags = {
    rate: Flags.string({
      description:
        'messages per second of the whole fleet: 250, 10k, 600k/m, or max [default: one a second per sensor]',
      helpValue: 'RATE',
    }),
    duration: Flags.string({ description: 'how long to send: 500ms, 30s, 5m', helpValue: 'TIME' }),
    count: Flags.string({ description: 'how many messages to send', helpValue: 'N' }),
    site: Flags.string({
      description: 'sites to send to, several times or separated by commas [default: all edge sites]',
      helpValue: 'SITE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'max-inflight': Flags.string({
      description: 'messages under way at most; one that has to wait counts as overrun [default: 100k]',
      helpValue: 'N',
    }),
    'catch-up': Flags.option({
      description:
        'after a stall: at most twice the rate, all at once, or leave out what is late [default: 2x]',
      options: ['2x', 'burst', 'drop'] as const,
    })(),
    warmup: Flags.string({
      description: 'send, but do not measure, for so long at first',
      helpValue: 'TIME',
    }),
    register: Flags.boolean({
      description: 'register the devices, the sensors and their type first',
      allowNo: true,
      default: true,
    }),
    unit: Flags.option({
      description: 'unit of the temperatures [default: C]',
      options: ['C', 'F', 'K'] as const,
    })(),
    sensors: Flags.string({ description: 'how many sensors [default: 10]', helpValue: 'N', ...sensors }),
    interval: Flags.string({
      description: 'time between two messages of a sensor, instead of --rate',
      helpValue: 'TIME',
      ...sensors,
    }),
    seed: Flags.string({
      description: 'what every random draw comes from [default: a new one]',
      helpValue: 'N',
      ...sensors,
    }),
    base: Flags.string({ description: 'temperature at the start [default: 0]', helpValue: 'T', ...sensors }),
    target: Flags.string({
      description: 'temperature it approaches [default: 100]',
      helpValue: 'T',
      ...sensors,
    }),
    noise: Flags.string({
      description: 'noise, uniform in ± this [default: 0.1]',
      helpValue: 'T',
      ...sensors,
    }),
    replay: Flags.string({
      description: 'send the readings of a CSV file',
      helpValue: 'FILE.csv',
      ...replay,
    }),
    speed: Flags.string({
      description: 'how many times faster than recorded: 60x, max [default: 1x]',
      helpValue: 'FACTOR',
      ...replay,
    }),
    map: Flags.string({
      description: 'columns of the fields sensor_id, timestamp, temperature, unit [default: the same names]',
      helpValue: 'FIELD=COLUMN,…',
      multiple: true,
      multipleNonGreedy: true,
      ...replay,
    }),
    filter: Flags.string({
      description: 'only rows with this value in this column; several times for several columns',
      helpValue: 'COLUMN=VALUE',
      multiple: true,
      multipleNonGreedy: true,
      ...replay,
    }),
    'shift-to-now': Flags.boolean({
      description: 'move the recorded times so that the first is now',
      ...replay,
    }),
  };

  protected override async execute(): Promise<SimulationResult> {
    const { flags } = await this.parse(Simulate);
    const { simulateOptions } = await import('../runtime/data/simulate-options.ts');
    const options = simulateOptions(flags);
    const { simulate } = await import('../runtime/data/simulate.ts');
    const live = liveLine(process.stderr, process.env);
    try {
      return await simulate(options, this.context, {
        stack: flags.stack,
        ...(live && { onProgress: (progress) => live.show(progressLine(progress)) }),
      });
    } finally {
      live?.clear();
    }
  }

  protected override render(result: SimulationResult): void {
    void this.print(simulationSummary(result, this.paint));
  }

  protected override verdict(result: SimulationResult): DdsError | null {
    if (result.interrupted) return null;
    if (result.error) return DdsError.fromBody(result.error);
    return result.verdict === 'VALID' ? null : new DdsError('DDS_RATE_MISSED', result.reasons.join('; '));
  }
}
