import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Flags } from '@oclif/core';
import { DdsError } from '../errors/index.ts';

export const queryFlags = {
  site: Flags.string({
    char: 's',
    description: 'Site whose database to ask. [default: the central one]',
    helpValue: 'SITE',
    exclusive: ['all-sites'],
  }),
  'all-sites': Flags.boolean({
    description: 'Ask every site, one after the other; a first column "site" names it.',
  }),
  file: Flags.string({
    char: 'f',
    description: 'File with the statement; - is stdin.',
    helpValue: 'FILE',
  }),
  param: Flags.string({
    char: 'p',
    description: 'Value for $NAME in the statement, or without a name for the next ?; several times.',
    helpValue: '[NAME=]VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  csv: Flags.boolean({ description: 'Print CSV (RFC 4180) with a header.', exclusive: ['json', 'parquet'] }),
  parquet: Flags.string({ description: 'Write a Parquet file.', helpValue: 'FILE' }),
  force: Flags.boolean({ description: 'Overwrite the Parquet file when it exists.', dependsOn: ['parquet'] }),
  limit: Flags.integer({
    description: 'Most rows of a site, 0 for all. [default: 10000; all with --csv and --parquet]',
    min: 0,
  }),
  timeout: Flags.string({
    description: 'Longest time for the statement: 30s, 5m; a bare number is seconds.',
    helpValue: 'TIME',
    default: '30s',
  }),
};

/** The statement from the argument, a file or stdin. Throws DDS_USAGE or DDS_FILE_UNREADABLE. */
export async function statementText(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined) {
    throw new DdsError('DDS_USAGE', `SQL and --file ${file} exclude each other`);
  }
  if (argument !== undefined) return argument;
  if (file === undefined) {
    throw new DdsError('DDS_USAGE', 'SQL is missing', {
      hint: "Give the statement in quotes, as in dds query 'SHOW TABLES', or with --file.",
    });
  }
  if (file === '-') return text(process.stdin);
  return readFile(file, 'utf8').catch((cause: Error) => {
    throw new DdsError('DDS_FILE_UNREADABLE', `cannot read ${file}: ${cause.message}`, { cause });
  });
}
