import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as listenAt } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectError } from '../support/honesty.ts';
import { docker, dockerWith, dockerWorkspace, leftOf, nothing } from './docker.ts';

const topology = (docker: string) =>
  `engine: docker\ndocker: ${docker}\nsites: { edge-1: { store: duckdb } }\n`;
const small = '{ registry: embedded }';

/** `dds up` with a topology; whatever it says, nothing of it may be left. */
async function upWith(text: string, env: Record<string, string> = {}) {
  await using space = dockerWorkspace();
  writeFileSync(join(space.directory, 'dds.yaml'), text);
  const result = await space.dds(['up', '--ports', 'auto'], { env, timeoutMs: 400_000 });
  expect(leftOf(space)).toEqual(nothing);
  // Progress and the container's last lines may stand before the error.
  const at = result.stderr.split('\n').findIndex((line) => line.startsWith('error: '));
  return { ...result, stderr: result.stderr.split('\n').slice(at).join('\n'), before: result.stderr };
}

test('no Docker: what to install, or which engine needs none', async () => {
  const result = await upWith(topology(small), { DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  expectError(
    result,
    'DDS_DOCKER',
    /there is no Docker at unix:\/\/\/nowhere\/docker\.sock[\s\S]*Install Docker[\s\S]*embedded/,
  );
});

test('a daemon that refuses', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  server.close();
  const result = await upWith(topology(small), { DOCKER_HOST: `tcp://127.0.0.1:${port}` });
  expectError(result, 'DDS_DOCKER', /refuses: the daemon is not running[\s\S]*Start the daemon/);
});

test('an image that cannot be pulled: which, why, and how to name another', async () => {
  const image = 'localhost:1/nobody/kafka:0';
  const result = await upWith(topology(`{ registry: embedded, images: { kafka: '${image}' } }`));
  expectError(result, 'DDS_IMAGE', new RegExp(`the image ${image} is not here and cannot be pulled: \\S.*`));
  expect(result.stderr).toMatch(/DDS_IMAGE_KAFKA=/);
});

test('more memory than Docker has', async () => {
  const result = await upWith(topology('{ registry: embedded, heap: { kafka: 900000 } }'));
  expectError(
    result,
    'DDS_MEMORY',
    /the 1 containers need about 879\.\d GiB of memory, Docker has \d+\.\d GiB/,
  );
});

test('a container that exits: its last lines', async () => {
  const image = 'dds-test/exits:1';
  const says = 'FROM apache/kafka:4.4.0\nCMD ["sh", "-c", "echo starting; echo the disk is full; exit 7"]\n';
  dockerWith(says, 'build', '-q', '-t', image, '-');
  try {
    const result = await upWith(topology(small), { DDS_IMAGE_KAFKA: image });
    expectError(
      result,
      'DDS_CONTAINER',
      `error: edge-1/kafka-1 (${image}) ended with code 7: the disk is full\n`,
    );
    expect(result.before).toContain('  starting\n  the disk is full\n');
  } finally {
    docker('image', 'rm', '-f', image);
  }
});

test('a port that is taken', async () => {
  await using space = dockerWorkspace();
  const server = listenAt();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const text = `engine: docker\ndocker: ${small}\nsites: { edge-1: { store: duckdb, ports: { kafka: ${port} } } }\n`;
  writeFileSync(join(space.directory, 'dds.yaml'), text);
  try {
    expectError(await space.dds(['up']), 'DDS_PORT_TAKEN', `port ${port}, for Kafka of edge-1, is taken`);
  } finally {
    server.close();
  }
  expect(leftOf(space)).toEqual(nothing);
});
