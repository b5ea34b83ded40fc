import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Logger } from '../../../shared/logger.ts';
import type { Docker } from './runtime.ts';

/** Passes on what a container writes, until it ends or the signal aborts. `sinceMs`: nothing older, ms since the epoch. */
export async function followLog(
  docker: Docker,
  id: string,
  log: Logger,
  signal: AbortSignal,
  sinceMs = 0,
): Promise<void> {
  const stream = await docker
    .getContainer(id)
    .logs({
      follow: true,
      stdout: true,
      stderr: true,
      since: Math.floor(sinceMs / 1000),
      abortSignal: signal,
    })
    .catch(() => null);
  if (!stream) return;
  const plain = new PassThrough();
  stream.once('end', () => plain.end());
  stream.once('error', () => plain.end());
  docker.modem.demuxStream(stream, plain, plain);
  for await (const line of createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== '') log[levelOf(line)]({}, line.trimEnd());
  }
}

/** Kafka, Cassandra and Quarkus write the level among the first words. */
function levelOf(line: string): 'info' | 'warn' | 'error' {
  const word = /\b(WARN|ERROR|FATAL|SEVERE)\b/.exec(line.slice(0, 80))?.[1];
  return word === undefined ? 'info' : word === 'WARN' ? 'warn' : 'error';
}
