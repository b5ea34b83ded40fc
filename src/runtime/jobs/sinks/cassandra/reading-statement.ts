import { DdsError } from '../../../../errors/index.ts';
import { writes } from './query-error.ts';

const comment = /^(?:\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/;
const reading = new Set(['SELECT', 'DESCRIBE', 'DESC']);

/**
 * The CQL statement, if it only reads: Cassandra runs one at a time, and neither SELECT nor DESCRIBE can have another inside that
 * writes. Throws DDS_SQL or DDS_SQL_READ_ONLY.
 */
export function readingStatement(text: string): string {
  const statement = text.replace(comment, '').replace(/[\s;]+$/, '');
  if (statement === '') throw new DdsError('DDS_SQL', 'there is no CQL statement in the text');
  const word = /^[A-Za-z]+/.exec(statement)?.[0].toUpperCase() ?? '';
  if (reading.has(word)) return statement;
  if (!statementWords.has(word)) {
    throw new DdsError('DDS_SQL', `${JSON.stringify(statement.slice(0, 20))} begins no CQL statement`, {
      hint: 'The database of this site is Cassandra: ask it in CQL, with SELECT.',
    });
  }
  throw writes(`it is a ${word}`);
}

const statementWords = new Set(
  'INSERT UPDATE DELETE BEGIN APPLY USE CREATE ALTER DROP TRUNCATE GRANT REVOKE LIST ADD'.split(' '),
);
