import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { docker, freePort, withoutImage } from './containers.ts';
import { eventually } from './lab.ts';

const image = process.env.DDS_IMAGE_REGISTRY ?? 'apicurio/apicurio-registry:3.3.3';

/** Why tests with Apicurio can't run here; null when they can. */
export const withoutApicurio: string | null = withoutImage(image);

/** A Schema Registry in a container that keeps its schemas in memory, and a door before it that lets one user in. */
export async function startGuardedApicurio(user: string, password: string) {
  const inside = await freePort();
  const { stdout } = await docker([
    ...['run', '-d', '--label', 'io.dds-lab.test=apicurio', '-p', `127.0.0.1:${inside}:8080`],
    ...['-e', 'JAVA_OPTS_APPEND=-Xmx256m -XX:TieredStopAtLevel=1', image],
  ]);
  const key = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const door = createServer((from, to) => {
    if (from.headers.authorization !== key) {
      to.writeHead(401).end();
      return;
    }
    const { method, url, headers } = from;
    const onward = request({ host: '127.0.0.1', port: inside, method, path: url, headers }, (answer) => {
      to.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(to);
    });
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  });
  const dispose = async () => {
    door.close();
    door.closeAllConnections();
    await docker(['rm', '-f', '-v', stdout.trim()]);
  };
  try {
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    const path = '/apis/ccompat/v7';
    const answers = () =>
      fetch(`http://127.0.0.1:${inside}${path}/subjects`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually('Apicurio answers', answers, 120_000);
    return {
      url: `http://127.0.0.1:${(door.address() as AddressInfo).port}${path}`,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
