import { join } from 'node:path';
import Dockerode from 'dockerode';
import { expect, it } from 'vitest';
import { WatchedContainer } from '../../../src/runtime/engines/docker/watched-container.ts';
import { eventually, temporaryDirectory } from '../../support/lab.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

it('tries again and again while Docker itself is away', async () => {
  using directory = temporaryDirectory();
  const { log, lines } = recordingLogger();
  const spec = {
    ...{ part: 'kafka-1', name: 'dds-kafka-1', alias: 'kafka-1', image: 'apache/kafka', memoryMib: 1 },
    ...{ ports: [], volume: null, command: null, env: {} },
  };
  const docker = new Dockerode({ socketPath: join(directory.path, 'docker.sock') });
  const watched = new WatchedContainer({ id: 'one', spec, site: 'edge-1', docker, log });
  try {
    watched.keepRunning();
    const failed = () => lines.filter(({ level }) => level === 'error');
    await eventually('two attempts', () => failed().length >= 2);
    expect(failed()[0]!.message).toMatch(/^kafka-1 cannot be started again: connect ENOENT /);
    expect(watched.info()).toMatchObject({ state: 'restarting', restarts: 0 });
  } finally {
    watched.release();
  }
});
