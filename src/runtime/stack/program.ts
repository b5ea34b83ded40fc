import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeProgram, type Program } from '../engines/engine.ts';

/** Programs of our own are `.ts` when run from the sources and `.js` when built. */
export const supervisorEntry = fileURLToPath(
  new URL(`./supervisor-entry${extname(import.meta.url)}`, import.meta.url),
);

/** `dds <args>` as a child of the supervisor: the command a container would start. */
export function ddsProgram(args: string[]): Program {
  const launcher = join(packageRoot(), 'bin', 'dds.js');
  return nodeProgram([launcher, ...args]);
}

export function packageVersion(): string {
  const text = readFileSync(join(packageRoot(), 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    directory = parent;
  }
  return directory;
}
