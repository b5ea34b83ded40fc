import { DdsCommand } from '../cli/command.ts';
import { liveLine } from '../cli/live-line.ts';
import { simulateFlags } from '../cli/simulate-flags.ts';
import { progressLine, simulationSummary } from '../cli/simulation-view.ts';
import { DdsError } from '../errors/index.ts';
import type { SimulationResult } from '../runtime/simulator/result.ts';

export default class Simulate extends DdsCommand<SimulationResult> {
  static override summary = 'Send simulated or recorded sensor readings to the running stack.';
  static override description =
    `Each sensor follows the thesis's temperature model with noise and spikes; with --schema, --topic or --field it sends
records of any Avro schema, each field made by its type and name or as --field says. The same --seed sends the same
values. With --replay the records come from a file: CSV, JSON lines or Parquet; they keep their recorded times (the
timestamp field), and are sent with their recorded distances. Without --duration or --count it runs until Ctrl-C.
Ends with exit code 4 when the rate was not held, because the latencies then say nothing about the stack.`;
  static override examples = [
    '<%= config.bin %> simulate --sensors 100 --rate 10k --duration 60s',
    '<%= config.bin %> simulate --site edge-1 --base 20 --target 80 --seed 7 --count 1000',
    "<%= config.bin %> simulate --topic temperature-data --field 'temperature=sine(min=10,max=30,period=24h)' --count 100 --rate max",
    '<%= config.bin %> simulate --late 5%:30s --duplicate 0.1% --drop 1% --count 1000 --rate max',
    '<%= config.bin %> simulate --backfill 1h --rate 1',
    '<%= config.bin %> simulate --replay weather.csv --map sensor_id=location,timestamp=date,temperature=temp_max --filter location=Seattle --site edge-1 --speed max',
  ];

  static override flags = simulateFlags;

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
