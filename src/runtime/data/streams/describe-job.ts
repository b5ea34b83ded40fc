import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { connectStack } from '../../stack/connect.ts';
import { streamJob } from './stream-jobs.ts';

/** The answer of `dds streams describe --json`. */
export interface DescribeJobResult {
  /** Of a running stack; null for a job as it is built in. */
  service: string | null;
  /** Consumer group, and start of the names of internal topics. */
  id: string;
  /** In the format of Kafka Streams. */
  text: string;
  topology: unknown;
}

/**
 * What a job does to records: of a running stack, or, for the bare names detector and notifier, as they are built in.
 * Throws DDS_UNKNOWN_SERVICE, DDS_NO_STACK.
 */
export async function describeJob(
  options: { job: string; stack?: string | undefined },
  context: RuntimeContext,
): Promise<DescribeJobResult> {
  const { job } = options;
  const builtIn = job === 'detector' || job === 'notifier' ? await describeBuiltIn(job) : null;
  if (builtIn) return { service: null, ...builtIn };
  const stack = await connectStack(context, options);
  try {
    const { service, state } = await streamJob(job, stack);
    if (state !== 'ready') {
      throw new DdsError('DDS_STACK_START', `${service} is ${state}`, {
        hint: 'Look at dds logs, or start it.',
      });
    }
    const answer = (await stack.request('GET', `/services/${service}/topology`)) as Omit<
      DescribeJobResult,
      'service'
    >;
    return { service, ...answer };
  } finally {
    stack.close();
  }
}

async function describeBuiltIn(job: 'detector' | 'notifier'): Promise<Omit<DescribeJobResult, 'service'>> {
  const topology =
    job === 'detector'
      ? (await import('../../jobs/detector/index.ts')).describedDetector()
      : (await import('../../jobs/notifier/index.ts')).describedNotifier();
  return { id: topology.id, text: topology.describe(), topology: topology.describe({ json: true }) };
}
