import { DdsError } from '../../../errors/index.ts';
import { kafkaAt } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { streamJobId } from '../../jobs/host/job-id.ts';
import { type Admin, createKafka } from '../../kafka/index.ts';
import { connectStack } from '../../stack/connect.ts';
import { changeServices } from '../../stack/service-control.ts';
import { describeJob } from './describe-job.ts';
import { streamJob } from './stream-jobs.ts';

/** Longer than the session of a stream job. */
const patienceMs = 12_000;
const retryMs = 500;

export interface ResetJobOptions {
  job: string;
  stack?: string | undefined;
  /** Where it begins again. */
  to: 'earliest' | 'latest';
  dryRun: boolean;
  /** Asked with what would be done; throws to stop it. Not called with `dryRun`. */
  confirm(plan: ResetJobResult): Promise<void>;
}

/** The answer of `dds streams reset --json`. */
export interface ResetJobResult {
  service: string;
  id: string;
  dryRun: boolean;
  to: 'earliest' | 'latest';
  /** Partitions whose position is forgotten. */
  positions: { topic: string; partition: number; offset: number }[];
  /** Changelogs and repartition topics that are deleted, and with them the state. */
  internalTopics: string[];
}

/**
 * Stops a job, forgets what it has read and all its state, and starts it again: it works on its topics from the beginning, or
 * from now. What it has written stays. Throws DDS_UNKNOWN_SERVICE, DDS_NO_STACK, DDS_GROUP_IN_USE, and what `confirm` throws.
 */
export async function resetJob(options: ResetJobOptions, context: RuntimeContext): Promise<ResetJobResult> {
  const { to, dryRun } = options;
  const stack = await connectStack(context, options);
  const job = await streamJob(options.job, stack);
  const [site] = await stack.sites([job.site]);
  stack.close();
  const id = await idOf(job, context, options.stack);
  const kafka = createKafka(kafkaAt(site!, 'dds-streams-reset'));
  try {
    const admin = kafka.admin();
    const plan: ResetJobResult = { service: job.service, id, dryRun, to, ...(await whatIsThere(admin, id)) };
    if (dryRun) return plan;
    await options.confirm(plan);
    const control = { names: [job.service], stack: options.stack };
    await changeServices({ action: 'stop', ...control }, context);
    try {
      // Where it came to in the meantime.
      const { positions, internalTopics } = await whatIsThere(admin, id);
      if (positions.length > 0) await deleteGroup(admin, id, context.clock);
      if (internalTopics.length > 0) await admin.deleteTopics(internalTopics);
      if (to === 'latest') await commitEnds(admin, id, positions);
      return { ...plan, positions, internalTopics };
    } finally {
      await changeServices({ action: 'start', ...control }, context);
    }
  } finally {
    await kafka.close();
  }
}

/** A job that is down does not tell its id; then it is that of its name. */
async function idOf(
  job: { service: string; info: unknown },
  context: RuntimeContext,
  stack: string | undefined,
): Promise<string> {
  const told = (job.info as { id?: unknown } | null)?.id;
  if (typeof told === 'string') return told;
  return describeJob({ job: job.service, stack }, context).then(
    ({ id }) => id,
    () => streamJobId(job.service.split('/')[1]!),
  );
}

async function whatIsThere(admin: Admin, id: string) {
  const [positions, topics] = await Promise.all([admin.allCommitted(id), admin.listTopics()]);
  const internalTopics = topics
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${id}-`) && /-(changelog|repartition)$/.test(name));
  return { positions, internalTopics: internalTopics.toSorted() };
}

/** An instance that was killed counts as a member until its session is over. */
async function deleteGroup(admin: Admin, id: string, clock: Clock): Promise<void> {
  for (const untilMs = clock.monotonic() + patienceMs; ; await clock.sleep(retryMs)) {
    try {
      return await admin.deleteGroup(id);
    } catch (error) {
      const isInUse = error instanceof DdsError && error.code === 'DDS_GROUP_IN_USE';
      if (!isInUse || clock.monotonic() >= untilMs) throw error;
    }
  }
}

async function commitEnds(admin: Admin, id: string, positions: ResetJobResult['positions']): Promise<void> {
  const topics = new Set(positions.map(({ topic }) => topic).filter((topic) => !topic.startsWith(`${id}-`)));
  if (topics.size === 0) return;
  const inputs = (await admin.describeTopics([...topics])).flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partition }) => ({ topic, partition })),
  );
  const ends = await admin.offsets(inputs, 'latest');
  await admin.commit(
    id,
    inputs.map(({ topic, partition }, at) => ({ topic, partition, offset: ends[at]! })),
  );
}
