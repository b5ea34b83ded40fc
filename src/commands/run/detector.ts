import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { accessBySite, commaList, jobFlags } from '../../cli/job-flags.ts';
import { errorPolicy, guaranteeFlags, guaranteeOptions, onErrorFlag } from '../../cli/streams-flags.ts';

export default class RunDetector extends DdsCommand {
  static override summary =
    'Tell when sensors exceed a threshold and when they are back, until it is told to stop.';
  static override description =
    'Reads temperature-data and writes temperature-threshold-events: START when a temperature goes above the threshold, END when it falls below the threshold less the hysteresis, with time-weighted average, maximum and duration. Temperatures are converted to --unit. What it knows of each sensor is kept in a changelog topic: a detector that is restarted, or moved, goes on in the middle of an interval.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --site edge-1 --brokers 127.0.0.1:9192 --registry http://127.0.0.1:8181 --threshold 30 --hysteresis 2',
  ];
  static override flags = {
    ...jobFlags,
    threshold: Flags.string({
      description: 'a temperature above it is exceeding; in --unit',
      env: 'DDS_THRESHOLD',
      default: '100',
    }),
    unit: Flags.string({
      description: 'C, F or K: of the thresholds, the hysteresis and the events',
      env: 'DDS_UNIT',
      default: 'C',
    }),
    hysteresis: Flags.string({
      description: 'how far below the threshold it has to fall to be back; in --unit',
      env: 'DDS_HYSTERESIS',
      default: '0.5',
    }),
    emit: Flags.option({
      description: 'transitions: START and END alone; every: an event for each exceeding sample, too',
      env: 'DDS_EMIT',
      options: ['transitions', 'every'] as const,
      default: 'transitions',
    })(),
    'sensor-thresholds': Flags.string({
      description: 'thresholds of single sensors: ID=THRESHOLD, separated by commas',
      env: 'DDS_SENSOR_THRESHOLDS',
      default: '',
    }),
    'type-thresholds': Flags.string({
      description: 'thresholds of sensor types, for sensors without one of their own: ID=THRESHOLD,…',
      env: 'DDS_TYPE_THRESHOLDS',
      default: '',
    }),
    topic: Flags.string({ description: 'topic of the measurements', default: 'temperature-data' }),
    events: Flags.string({ description: 'topic of the events', default: 'temperature-threshold-events' }),
    name: Flags.string({
      description: 'name of the job; its consumer group is dds.NAME',
      env: 'DDS_JOB',
      default: 'detector',
    }),
    ...onErrorFlag,
    ...guaranteeFlags,
  };

  protected override async execute(): Promise<void> {
    const { flags } = await this.parse(RunDetector);
    const { runDetector } = await import('../../runtime/jobs/detector/index.ts');
    const access = await accessBySite(flags.access, this.context.cwd, [flags.site]);
    await runDetector(
      {
        ...flags,
        brokers: commaList(flags.brokers),
        access: access[flags.site],
        sensors: flags['sensor-thresholds'],
        types: flags['type-thresholds'],
        onError: errorPolicy(flags['on-error'], `${flags.topic}.${flags.name}.dead-letter`),
        streams: guaranteeOptions(flags),
        logLevel: flags['log-level'],
      },
      this.context.signal,
    );
  }
}
