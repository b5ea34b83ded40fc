import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const images = ['apache/kafka:4.4.0', 'cassandra:5.0.9', 'apicurio/apicurio-registry:3.3.3', 'node:24-slim'];
const script = fileURLToPath(new URL('./images/build.sh', import.meta.url));

const works = (program: string, ...args: string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Before the first test: an engine that answers, and the images, built when they are not there. */
export function setup(): void {
  if (!works('docker', 'version')) {
    throw new Error('npm run test:docker needs a Docker that answers: install docker.io and run dockerd');
  }
  if (images.every((image) => works('docker', 'image', 'inspect', image))) return;
  const { status } = spawnSync(script, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} could not build the images: see above for what is missing`);
}
