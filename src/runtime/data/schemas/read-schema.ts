import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';

/** The text of an Avro schema file; `-` stands for standard input. Throws DDS_FILE_UNREADABLE, and DDS_INPUT_INVALID when it is not JSON. */
export async function readSchemaFile(
  path: string,
  context: Pick<RuntimeContext, 'cwd' | 'signal'>,
): Promise<string> {
  let text: string;
  try {
    text =
      path === '-'
        ? await readText(process.stdin)
        : await readFile(resolve(context.cwd, path), { encoding: 'utf8', signal: context.signal });
  } catch (cause) {
    throw new DdsError('DDS_FILE_UNREADABLE', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
  try {
    JSON.parse(text);
  } catch (cause) {
    throw new DdsError('DDS_INPUT_INVALID', `${path} is not an Avro schema: ${(cause as Error).message}`, {
      hint: 'A schema file is JSON, such as {"type": "record", "name": "Reading", "fields": [...]}.',
      cause,
    });
  }
  return text;
}
