import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stateDirectory } from '../../../src/runtime/stack/state-directory.ts';
import { Supervisor } from '../../../src/runtime/stack/supervisor.ts';
import { loadTopology } from '../../../src/runtime/topology/index.ts';
import { aborted } from '../../../src/shared/aborted.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { temporaryDirectory } from '../../support/lab.ts';
import { recordingLogger } from '../../support/recording-logger.ts';

test('a log that cannot be moved away, as on a full disk, does not end the supervisor', async () => {
  using temporary = temporaryDirectory();
  const directory = stateDirectory(temporary.path, 'test');
  mkdirSync(directory.logs, { recursive: true });
  const file = directory.logFile('central/own');
  writeFileSync(file, '');
  truncateSync(file, 16 * 1024 * 1024);
  // Nothing can be copied to where a directory is.
  mkdirSync(`${file}.1`);
  const { log, lines } = recordingLogger();
  // The first look comes at once, no other.
  const looks = [Promise.resolve()];
  const clock = {
    ...systemClock,
    sleep: (_ms: number, signal?: AbortSignal) => looks.pop() ?? aborted(signal!),
  };
  const own = { name: 'own', site: 'central', command: ['true'], env: {}, cwd: temporary.path };
  // A cluster that dds does not start.
  const site = 'kafka: { brokers: ["127.0.0.1:1"] }, registry: { url: "http://127.0.0.1:1" }';
  writeFileSync(
    join(temporary.path, 'dds.yaml'),
    `engine: external\nsites:\n  central: { role: central, ${site} }\n`,
  );
  const topology = { ...(await loadTopology({ cwd: temporary.path })), jobs: [own] };
  const supervisor = new Supervisor({
    ...{ topology, directory, runDirectory: temporary.path, env: {}, clock, log, beganAt: 0 },
  });
  try {
    await supervisor.start();
    const said = () => lines.map(({ message }) => message);
    await expect.poll(said).toContain('cannot move the log of a service away');
  } finally {
    await supervisor.stop();
  }
});
