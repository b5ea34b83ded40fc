import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TemperatureData } from './records.ts';

/** A reading and where it came from: no two rows that mean the same record differ in that. */
export type Row = TemperatureData & { partition: number; offset: number };

export interface Archive extends AsyncDisposable {
  /** Resolves when the rows are on the disk. */
  append(rows: readonly Row[]): Promise<void>;
}

/** A file of JSON lines. Put your own database here. */
export async function openArchive(path: string): Promise<Archive> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a');
  return {
    async append(rows) {
      if (rows.length === 0) return;
      await file.appendFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      await file.datasync();
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}
