import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { expect } from 'vitest';
import { type Workspace, workspace } from '../support/cli.ts';

export const docker = (...args: string[]): string =>
  execFileSync('docker', args, { encoding: 'utf8' }).trim();

/** The same, with something on stdin. */
export const dockerWith = (input: string, ...args: string[]): string =>
  execFileSync('docker', args, {
    encoding: 'utf8',
    input,
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
  }).trim();

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Names of all that Docker has of the stacks below a directory. */
export function leftOf({ directory }: Workspace): {
  containers: string[];
  networks: string[];
  volumes: string[];
} {
  const label = (of: string) => `{{.Label "io.dds-lab.stack"}}\t{{.${of}}}`;
  const own = (output: string) =>
    lines(output)
      .filter((line) => line.includes(`/${basename(directory)}/`))
      .map((line) => line.split('\t')[1]!);
  return {
    containers: own(docker('ps', '-a', '--format', label('Names'))),
    networks: own(docker('network', 'ls', '--format', label('Name'))),
    volumes: own(docker('volume', 'ls', '--format', label('Name'))),
  };
}

export const nothing = { containers: [], networks: [], volumes: [] };

/** A directory of a test's own. At its end the stack is taken down, and that nothing is left is part of every test. */
export function dockerWorkspace(): Workspace {
  const space = workspace();
  return {
    ...space,
    async [Symbol.asyncDispose]() {
      await space.dds(['down', '--purge'], { timeoutMs: 120_000 });
      const left = leftOf(space);
      await space[Symbol.asyncDispose]();
      expect(left).toEqual(nothing);
    },
  };
}
