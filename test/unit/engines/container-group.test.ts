import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import Dockerode from 'dockerode';
import { expect, test } from 'vitest';
import { ContainerGroup } from '../../../src/runtime/engines/docker/container-group.ts';
import { hashOf } from '../../../src/runtime/engines/docker/container-spec.ts';
import { dockerStack, labels } from '../../../src/runtime/engines/docker/docker-stack.ts';
import { siteContainers } from '../../../src/runtime/engines/docker/site-containers.ts';
import { loadTopology } from '../../../src/runtime/topology/index.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

test('a start that fails is over when no container is being started any more: none is left behind', async () => {
  const cwd = temporaryDirectory();
  const text = 'engine: docker\ndocker: { brokers: 3 }\nsites: { edge-1: { store: duckdb } }\n';
  writeFileSync(join(cwd, 'dds.yaml'), text);
  const [site] = (await loadTopology({ cwd })).sites;
  const stack = dockerStack('/somewhere/.dds/default');
  const specs = siteContainers(site!, stack).filter(({ part }) => part.startsWith('kafka'));
  const present = specs.map((spec) => ({
    ...{ Id: spec.part, Names: [`/${spec.name}`], State: 'exited', Ports: [] },
    Labels: { [labels.site]: 'edge-1', [labels.part]: spec.part, [labels.hash]: hashOf(spec) },
  }));
  const done: string[] = [];
  // A Docker with containers of before, of which one can't be started, and another takes its time.
  const daemon = createServer((request, response) => {
    const asked = `${request.method} ${request.url!.split('?')[0]}`;
    const answer = (status: number, body?: unknown) => {
      done.push(asked);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body && JSON.stringify(body));
    };
    if (asked === 'GET /containers/json') answer(200, present);
    else if (asked === 'GET /networks') answer(200, [{ Id: 'n', Created: '1' }]);
    else if (asked === 'POST /containers/kafka-1/start') answer(500, { message: 'no' });
    else if (asked === 'POST /containers/kafka-3/start') setTimeout(answer, 100, 204);
    else if (request.method === 'GET') answer(404, { message: 'none' });
    else answer(204);
  });
  const socketPath = join(cwd, 'docker.sock');
  daemon.listen(socketPath);
  await once(daemon, 'listening');
  const runtime = { docker: new Dockerode({ socketPath }), client: null as never };
  const group = new ContainerGroup({ site: site!, stack, runtime, log: silentLogger, note: () => undefined });
  try {
    await expect(group.start(new AbortController().signal)).rejects.toThrow('no');
    await group.stop();
    const removed = done.indexOf('DELETE /containers/kafka-3');
    expect(removed).toBeGreaterThan(0);
    expect(done.slice(0, removed)).toContain('POST /containers/kafka-3/start');
  } finally {
    daemon.closeAllConnections();
    daemon.close();
  }
});
