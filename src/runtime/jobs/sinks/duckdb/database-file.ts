import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { DdsError } from '../../../../errors/index.ts';

/**
 * Measured with 500 rows a commit: a commit takes 2 ms; a checkpoint takes 95 ms at 16 MB of log and comes once in 200,000
 * rows, so it can touch one row in 200 even at 10,000/s. Smaller thresholds stall more often and as long (4 MB: every
 * 50,000 rows, 30–250 ms), larger ones up to 370 ms.
 */
const checkpointThreshold = '16MB';

/** Opens (or makes) the database of a sink; this process then owns the file. Throws DDS_STORE_UNREACHABLE. */
export async function openDuckDb(path: string): Promise<DuckDBInstance> {
  try {
    await mkdir(dirname(path), { recursive: true });
    return await DuckDBInstance.create(path, {
      memory_limit: '192MB',
      threads: '1',
      checkpoint_threshold: checkpointThreshold,
      // SQL of a user can neither read nor write any other file, nor turn that on again.
      enable_external_access: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      lock_configuration: 'true',
    });
  } catch (cause) {
    throw storeError(path, cause);
  }
}

/** DuckDB's words about the file in one line. */
export function storeError(path: string, cause: unknown): DdsError {
  if (cause instanceof DdsError) return cause;
  const message = cause instanceof Error ? cause.message.split('\n')[0]! : String(cause);
  const isFull = /no space left/i.test(message);
  return new DdsError(
    'DDS_STORE_UNREACHABLE',
    `the database ${path}: ${isFull ? 'no space left on its disk' : message}`,
    {
      cause,
      hint: isFull
        ? 'Make space on the disk; the sink then goes on by itself.'
        : 'Look for another process that has the file open, and for space on the disk.',
    },
  );
}

/** What dds keeps beside the tables, in a schema of its own. */
export async function createOwnTables(connection: DuckDBConnection): Promise<void> {
  await connection.run(`
    CREATE SCHEMA IF NOT EXISTS _dds;
    CREATE TABLE IF NOT EXISTS _dds.tables (topic VARCHAR, table_name VARCHAR, mode VARCHAR);
    CREATE TABLE IF NOT EXISTS _dds.columns (topic VARCHAR, ordinal INTEGER, field VARCHAR, column_name VARCHAR, sql_type VARCHAR);
    CREATE TABLE IF NOT EXISTS _dds.positions (topic VARCHAR, partition INTEGER, topic_id VARCHAR, next_offset BIGINT);
    CREATE TABLE IF NOT EXISTS _dds.sources
      (site VARCHAR, source_topic_id VARCHAR, topic VARCHAR, partition INTEGER, highest_offset BIGINT);
  `);
}
