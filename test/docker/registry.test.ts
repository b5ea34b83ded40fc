import { GenericContainer, Wait } from 'testcontainers';
import { expect, test } from 'vitest';
import { connectDocker } from '../../src/runtime/engines/docker/runtime.ts';
import { textMatcher } from '../../src/shared/topic-pattern.ts';
import { startRegistry } from '../support/registry.ts';
import { AskedRegistry } from './registry/compare.ts';
import { differences } from './registry/differences.ts';
import { registryRequests } from './registry/requests.ts';

test('the embedded registry answers as Apicurio does, but for what is listed with its reason', async () => {
  // Without the reaper of testcontainers, whose image may not be there.
  await connectDocker();
  await using container = await new GenericContainer('apicurio/apicurio-registry:3.3.3')
    .withEnvironment({ JAVA_OPTS_APPEND: '-Xmx256m' })
    .withExposedPorts({ container: 8080, host: 0 } as never)
    .withWaitStrategy(Wait.forHttp('/apis/ccompat/v7/subjects', 8080))
    .start();
  await using embedded = await startRegistry();
  const url = `http://${container.getHost()}:${container.getMappedPort(8080)}/apis/ccompat/v7`;
  const [ours, theirs] = [new AskedRegistry(embedded.url), new AskedRegistry(url)];
  const unused = new Set(differences);
  const unexplained: unknown[] = [];
  for (const request of registryRequests) {
    const answers = { ours: await ours.ask(request), theirs: await theirs.ask(request) };
    if (JSON.stringify(answers.ours) === JSON.stringify(answers.theirs)) continue;
    const { method, path, body } = request;
    const line = [method, path, typeof body === 'string' ? body : JSON.stringify(body)]
      .filter(Boolean)
      .join(' ');
    const known = differences.find((difference) => textMatcher([difference.request])(line));
    if (known) unused.delete(known);
    else unexplained.push({ line, ...answers });
  }
  expect(unexplained).toEqual([]);
  expect([...unused]).toEqual([]);
}, 300_000);
