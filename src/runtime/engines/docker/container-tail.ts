import type { Docker } from './runtime.ts';

/** The last lines that a container wrote. */
export async function containerTail(docker: Docker, id: string, lines: number): Promise<string[]> {
  const raw = await docker
    .getContainer(id)
    .logs({ stdout: true, stderr: true, tail: lines, follow: false })
    .catch(() => Buffer.alloc(0));
  return unframed(raw as unknown as Buffer)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-lines);
}

/** Docker puts eight bytes before each piece of output: the stream, and its length. */
function unframed(raw: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString();
}
