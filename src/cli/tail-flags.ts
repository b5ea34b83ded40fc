import { Flags } from '@oclif/core';

/** What `dds tail` can be told. */
export const tailFlags = {
  site: Flags.string({
    char: 's',
    description: 'Sites, separated by commas, or all.',
    default: 'all',
    helpValue: 'NAMES',
  }),
  partition: Flags.string({
    char: 'p',
    description: 'Partitions, separated by commas. [default: all]',
    helpValue: 'LIST',
  }),
  from: Flags.string({
    char: 'o',
    description: 'Where to begin. [default: newest; oldest with --to or -e]',
    helpValue: 'POSITION',
  }),
  to: Flags.string({
    description: 'Where to stop: a position, or now.',
    helpValue: 'POSITION',
    exclusive: ['exit-at-end'],
  }),
  last: Flags.integer({
    char: 'n',
    description: 'Begin with the last N records of each topic.',
    min: 0,
    exclusive: ['from', 'to'],
    helpValue: 'N',
  }),
  count: Flags.integer({ char: 'c', description: 'Stop after N records.', min: 1, helpValue: 'N' }),
  'exit-at-end': Flags.boolean({ char: 'e', description: 'Stop at the end as it was at the start.' }),
  strict: Flags.boolean({ description: 'Exit with 5 when a record could not be decoded.' }),
};
