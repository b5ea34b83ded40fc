import { Flags } from '@oclif/core';

/** Flags of the jobs that are stream topologies. */
export const onErrorFlag = {
  'on-error': Flags.string({
    description:
      'what becomes of a record that cannot be read or worked on: fail, skip, or the name of a topic for such records',
    env: 'DDS_ON_ERROR',
    default: 'fail',
  }),
};

/** `fail`, `skip`, or a dead-letter topic. */
export const errorPolicy = (value: string) =>
  value === 'fail' || value === 'skip' ? value : { deadLetterTopic: value };
