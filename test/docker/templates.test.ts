import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { Workspace } from '../support/cli.ts';
import { freePort } from '../support/containers.ts';
import { npm, npmRegistryAnswers, shareLock } from '../support/projects.ts';
import { until } from '../support/stack.ts';
import { dds, expectAllWork, plant, projectOf, registerSensor, templates } from '../support/templates.ts';
import { docker, dockerWorkspace, leftOf } from './docker.ts';
import { openProjectImages, type ProjectImages } from './project-images.ts';

const names = templates.map(({ name }) => name);
let space: Workspace;
let images: ProjectImages | null = null;
const tags = new Map<string, string>();
const containers: string[] = [];

/** As they come, but for the job: here their images run, and not their sources. */
beforeAll(async () => {
  space = dockerWorkspace();
  if (!(await npmRegistryAnswers())) return;
  const topology = join(space.directory, 'dds.yaml');
  writeFileSync(topology, `engine: docker\n${plant}`);
  const example = projectOf(space, names[0]!);
  for (const [at, { kind, template, name, flags }] of templates.entries()) {
    await dds(
      space,
      'init',
      kind,
      name,
      '--template',
      template,
      ...flags,
      '--yes',
      '--no-git',
      '--no-install',
    );
    if (at === 0) await npm(example, 'install', '--package-lock-only', '--prefer-offline');
    else shareLock(example, projectOf(space, name));
  }
  const withJobs = parseDocument(readFileSync(topology, 'utf8'));
  withJobs.delete('jobs');
  writeFileSync(topology, withJobs.toString());
  [images] = await Promise.all([
    openProjectImages(example, join(space.directory, 'scratch')),
    dds(space, 'up', '--ports', 'auto'),
  ]);
}, 180_000);
afterAll(async () => {
  if (containers.length > 0) docker('rm', '--force', ...containers);
  await images?.[Symbol.asyncDispose]();
  await space[Symbol.asyncDispose]();
}, 120_000);

test.for(names)('the image of %s builds, and is not root', { timeout: 300_000 }, async (name, context) => {
  if (!images) return context.skip();
  const tag = await images.build(projectOf(space, name), name);
  tags.set(name, tag);
  expect(docker('image', 'inspect', '--format', '{{.Config.User}}', tag)).toBe('1000:1000');
  // What is needed to develop is not in it.
  const tools = ['node_modules', '-name', 'tsc', '-o', '-name', 'biome'];
  expect(docker('run', '--rm', '--entrypoint', 'find', tag, ...tools)).toBe('');
});

test('with the docker engine they work on real records, are healthy on any port, and end with 0', async (context) => {
  if (!images) return context.skip();
  context.onTestFailed(() => {
    for (const container of containers) process.stderr.write(`${docker('logs', '--tail', '8', container)}\n`);
  });
  await registerSensor(space);
  const [network = ''] = leftOf(space).networks;
  const inNetwork = ['--network', network, '--env', 'DDS_SITE=edge-1'];
  inNetwork.push(
    '--env',
    'DDS_BROKERS=edge-1-kafka-1:9094',
    '--env',
    'DDS_REGISTRY=http://edge-1-registry:8080/apis/ccompat/v7',
  );
  const start = (name: string, ...options: string[]) =>
    containers.push(docker('run', '--detach', ...options, tags.get(name)!));

  // As the README says, on a port of this machine that is free; the others on ports of containers of their own.
  const byHand = 'basic-consumer';
  const dotenv = join(projectOf(space, byHand), '.env');
  writeFileSync(dotenv, await dds(space, 'env', '--site', 'edge-1', '--format', 'dotenv'));
  const port = await freePort();
  start(byHand, '--network', 'host', '--env-file', dotenv, '--env', `DDS_HTTP=127.0.0.1:${port}`);
  const [standard, other, ...rest] = names.filter((name) => name !== byHand);
  start(standard!, ...inNetwork);
  start(other!, ...inNetwork, '--env', 'DDS_HTTP=0.0.0.0:9000');
  for (const name of rest) start(name, ...inNetwork);

  const [consumer = ''] = containers;
  await expectAllWork(space, () => docker('exec', consumer, 'cat', 'data/edge-1.ndjson'));
  await until(
    async () =>
      containers.map((container) => docker('inspect', '--format', '{{.State.Health.Status}}', container)),
    (healths) => healths.every((health) => health === 'healthy'),
    60_000,
  );
  docker('stop', '--time', '20', ...containers);
  for (const container of containers) {
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0');
    expect(docker('logs', '--tail', '1', container)).toMatch(/ has stopped"/);
  }
}, 300_000);
