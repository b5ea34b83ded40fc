import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { nearNames } from '../../shared/near-names.ts';

/** `schemas/` is three levels up both from `src/` and from `dist/`. */
const builtInFolder = new URL('../../../schemas/', import.meta.url);

/**
 * Reads what `schema:` names: a built-in record (TemperatureData) or the path of a file. The answer is the schema as
 * one line of JSON, or what is wrong.
 */
export function readValueSchema(
  reference: string,
  directory: string,
): { text: string } | { problem: string } {
  if (isBuiltInRecord(reference)) return readBuiltIn(reference);
  let text: string;
  try {
    text = readFileSync(resolve(directory, reference), 'utf8');
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    return { problem: `schema ${reference} cannot be read: ${reason}` };
  }
  try {
    const schema: unknown = JSON.parse(text);
    checkAvro(schema);
    return { text: JSON.stringify(schema) };
  } catch (error) {
    return { problem: `schema ${reference} is not valid Avro: ${(error as Error).message.split('\n')[0]}` };
  }
}

/** Whether a reference is the name of a built-in record and not a path. */
export const isBuiltInRecord = (reference: string): boolean => /^[A-Za-z][A-Za-z0-9]*$/.test(reference);

function readBuiltIn(record: string): { text: string } | { problem: string } {
  try {
    const file = `${record.replace(/(?<=.)[A-Z]/g, '-$&').toLowerCase()}.avsc`;
    return { text: JSON.stringify(JSON.parse(readFileSync(new URL(file, builtInFolder), 'utf8'))) };
  } catch {
    const known = readdirSync(builtInFolder).map(recordName);
    const [guess] = nearNames(record, known, 1);
    return {
      problem: `no built-in record is named ${record}; ${guess ? `did you mean ${guess}?` : `there are ${known.join(', ')}, or give a path`}`,
    };
  }
}

/** `temperature-data.avsc` → `TemperatureData` */
function recordName(file: string): string {
  return file.replace(/\.avsc$/, '').replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Throws what avsc says of a schema. Loaded here because a topology of built-in records never needs it. */
function checkAvro(schema: unknown): void {
  const avro = createRequire(import.meta.url)('avsc') as typeof import('avsc');
  avro.Type.forSchema(schema as Parameters<typeof avro.Type.forSchema>[0], { registry: {} });
}
