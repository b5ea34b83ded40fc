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

/** @param own the dead-letter topic of the job */
export const errorPolicy = (value: string, own: string) => {
  if (value === 'fail' || value === 'skip') return value;
  return { deadLetterTopic: value === 'dead-letter' ? own : value };
};
