import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';

/** A line of the input that is not empty. */
export interface InputLine {
  text: string;
  /** From 1. */
  number: number;
}

/** The name of an input in messages. */
export const inputName = (file: string): string => (file === '-' ? 'stdin' : file);

/** Throws DDS_FILE_UNREADABLE before anything else is done. */
export async function openInput(
  file: string,
  { cwd }: Pick<RuntimeContext, 'cwd'>,
): Promise<AsyncIterable<string>> {
  if (file === '-') return process.stdin.setEncoding('utf8');
  try {
    const handle = await open(resolve(cwd, file));
    const isFile = !(await handle.stat()).isDirectory();
    await handle.close();
    if (!isFile) throw new Error('it is a directory');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new DdsError('DDS_FILE_UNREADABLE', `cannot read ${file}: ${reason}`, { cause });
  }
  return createReadStream(resolve(cwd, file), { encoding: 'utf8', highWaterMark: 256 * 1024 });
}

/** Lines a chunk at a time, so that a slow broker holds the reader back. */
export async function* lineBatches(
  chunks: AsyncIterable<string>,
): AsyncGenerator<InputLine[], void, undefined> {
  let [rest, number] = ['', 0];
  const take = (texts: string[]): InputLine[] => {
    const lines: InputLine[] = [];
    for (const text of texts) {
      number++;
      if (text.trim() !== '') lines.push({ text, number });
    }
    return lines;
  };
  for await (const chunk of chunks) {
    const texts = (rest + chunk).split('\n');
    rest = texts.pop() ?? '';
    if (texts.length > 0) yield take(texts);
  }
  if (rest !== '') yield take([rest]);
}
