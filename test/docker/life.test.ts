import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { portsOfStack } from '../../src/runtime/engines/docker/prepare.ts';
import type { StackStatus } from '../../src/runtime/stack/types.ts';
import type { Workspace } from '../support/cli.ts';
import { json, until } from '../support/stack.ts';
import { docker, dockerWorkspace, leftOf, nothing } from './docker.ts';

const patient = { timeoutMs: 360_000 };
const write = (space: Workspace, heap: number) =>
  writeFileSync(
    join(space.directory, 'dds.yaml'),
    `engine: docker
docker: { registry: embedded }
sites:
  edge-1: { store: duckdb, docker: { heap: { kafka: ${heap} } } }
  edge-2: { store: duckdb }
topics: { readings: { partitions: 2 } }
`,
  );
const ids = (space: Workspace) =>
  Object.fromEntries(
    leftOf(space).containers.map((name) => [
      name.replace(/^.*-(edge-\d-.*)$/, '$1'),
      docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name),
    ]),
  );

test('an up that is interrupted leaves nothing, not even a volume', async () => {
  await using space = dockerWorkspace();
  write(space, 320);
  const up = space.start(['up', '--ports', 'auto'], patient);
  await until(
    async () => leftOf(space).containers.length,
    (count) => count > 0,
  );
  up.kill('SIGINT');
  expect((await up.result).code).toBe(130);
  expect(leftOf(space)).toEqual(nothing);
});

test('a second up starts nothing, a changed site is replaced alone, a killed stack is taken over', async () => {
  await using space = dockerWorkspace();
  write(space, 320);
  expect(await space.dds(['up', '--ports', 'auto'], patient)).toMatchObject({ code: 0 });
  const first = ids(space);
  expect(Object.keys(first).sort()).toEqual(['edge-1-kafka-1', 'edge-2-kafka-1']);

  const again = await space.dds(['up', '--ports', 'auto'], patient);
  expect(again.stderr).toContain('is running already; nothing was changed');
  expect(ids(space)).toEqual(first);

  write(space, 352);
  expect(await space.dds(['up', '--ports', 'auto'], patient)).toMatchObject({ code: 0 });
  const changed = ids(space);
  expect(changed['edge-2-kafka-1']).toBe(first['edge-2-kafka-1']);
  expect(changed['edge-1-kafka-1']).not.toBe(first['edge-1-kafka-1']);

  const killAll = async () => {
    const { services, supervisorPid, directory } = await json<StackStatus>(space, ['status']);
    for (const pid of [supervisorPid, ...services.map((service) => service.pid!)])
      process.kill(pid, 'SIGKILL');
    return directory;
  };
  await killAll();
  expect(await space.dds(['up', '--ports', 'auto'], patient)).toMatchObject({ code: 0 });
  expect(ids(space)).toEqual(changed);

  // One that Docker is starting does not run yet, but is nobody else's: the site must not move to another port.
  const directory = await killAll();
  const held = await portsOfStack(directory, process.env);
  docker('kill', ...leftOf(space).containers);
  expect(held.length).toBeGreaterThan(0);
  expect(await portsOfStack(directory, process.env)).toEqual(held);

  expect(await space.dds(['down'], patient)).toMatchObject({ code: 0 });
  expect(leftOf(space)).toMatchObject({ containers: [], networks: [] });
  expect(leftOf(space).volumes).toHaveLength(2);
});

test('dds pull finds what is here, and doctor says so', async () => {
  await using space = dockerWorkspace();
  for (const args of [['pull'], ['pull', '--sites', '2']]) {
    const pulled = await space.dds(args);
    expect(pulled).toMatchObject({ code: 0 });
    expect(pulled.stderr).toContain('apache/kafka:4.4.0 is here');
  }
  const { stdout } = await space.dds(['doctor', '--engine', 'docker', '--sites', '1']);
  expect(stdout).toMatch(/ok +docker +engine \d/);
  expect(stdout).toMatch(/ok +images +all 3 are here/);
});
