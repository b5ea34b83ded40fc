import { execFile, execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Why tests with this image can't run here; null when they can. */
export function withoutImage(image: string): string | null {
  try {
    execFileSync('docker', ['image', 'inspect', image], { stdio: 'pipe' });
    return null;
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error);
    return `skipped: Docker has no image ${image} (${said.trim().split('\n').at(-1)}); test/docker/images/build.sh builds one`;
  }
}

/** Runs the docker command; rejects with what it said. */
export const docker = (args: readonly string[]) => run('docker', [...args]);

/** Resolves when the container has logged the text so often; fails when it ends before. */
export function logged(container: string, text: string, times: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const logs = spawn('docker', ['logs', '-f', container], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    const deadline = setTimeout(() => logs.kill(), 170_000);
    const read = (part: Buffer) => {
      said += part;
      if (said.split(text).length - 1 < times) return;
      logs.removeAllListeners('exit');
      logs.kill();
      clearTimeout(deadline);
      resolve();
    };
    logs.stdout.on('data', read);
    logs.stderr.on('data', read);
    logs.on('exit', () => {
      clearTimeout(deadline);
      reject(new Error(`the container did not start:\n${said.split('\n').slice(-15).join('\n')}`));
    });
  });
}

/** A port of 127.0.0.1 that is free now: what a broker advertises is to be known before it starts. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
