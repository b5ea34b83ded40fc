import { Flags } from '@oclif/core';

/** Flags of the jobs that are stream topologies. */
export const onErrorFlag = {
  'on-error': Flags.string({
    description:
      'what becomes of a record that cannot be read or worked on: dead-letter (it goes to TOPIC.NAME.dead-letter), fail, skip, or the name of another topic for such records',
    env: 'DDS_ON_ERROR',
    default: 'dead-letter',
  }),
};

export const guaranteeFlags = {
  guarantee: Flags.option({
    description:
      'at-least-once: after a crash what was written may be there twice; exactly-once: all in transactions, seen by readers of what is committed up to 100 ms later',
    env: 'DDS_GUARANTEE',
    options: ['at-least-once', 'exactly-once'] as const,
    default: 'at-least-once',
  })(),
  instance: Flags.string({
    description:
      'with exactly-once: name of this one of several that share the job, over restarts; it aborts at once what it left open when it died',
    env: 'DDS_INSTANCE',
  }),
};

/** What the runtime makes of them. */
export const guaranteeOptions = (flags: {
  guarantee: 'at-least-once' | 'exactly-once';
  instance: string | undefined;
}) => ({
  guarantee: flags.guarantee,
  ...(flags.instance && { instanceId: flags.instance }),
});

/** @param own the dead-letter topic of the job */
export const errorPolicy = (value: string, own: string) => {
  if (value === 'fail' || value === 'skip') return value;
  return { deadLetterTopic: value === 'dead-letter' ? own : value };
};
