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
  grep: Flags.string({
    description: 'Only records in whose key, value or headers this regular expression is found.',
    multiple: true,
    helpValue: 'REGEX',
  }),
  'grep-v': Flags.string({
    description: 'No records in which this regular expression is found.',
    multiple: true,
    helpValue: 'REGEX',
  }),
  key: Flags.string({
    char: 'k',
    description: 'Only records whose key fits this glob or /regex/.',
    multiple: true,
    helpValue: 'GLOB',
  }),
  header: Flags.string({
    description: 'Only records with such a header.',
    multiple: true,
    helpValue: 'NAME=GLOB',
  }),
  where: Flags.string({
    description: 'Only records for which this expression (CEL) is true.',
    helpValue: 'EXPRESSION',
  }),
  format: Flags.string({
    char: 'f',
    description:
      "How a record is shown, with kcat's tokens: %t %p %o %k %s %T %h, %{site}, %{value.FIELD}, %d{iso}.",
    helpValue: 'FORMAT',
    exclusive: ['json'],
  }),
  'idle-timeout': Flags.string({
    description: 'Stop when no record has come for this long: 500ms, 5s, 1m.',
    helpValue: 'TIME',
  }),
  group: Flags.string({
    char: 'g',
    description: 'Also tell the lag of this consumer group. It is not joined.',
    helpValue: 'GROUP',
  }),
  'exit-at-end': Flags.boolean({ char: 'e', description: 'Stop at the end as it was at the start.' }),
  strict: Flags.boolean({ description: 'Exit with 5 when a record could not be decoded.' }),
};
