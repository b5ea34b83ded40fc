import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** The builder that needs no plugin. */
const env = { DOCKER_BUILDKIT: '0' };

export interface ProjectImages extends AsyncDisposable {
  /** Builds a project as its README says; resolves with the tag. */
  build(directory: string, name: string): Promise<string>;
}

/**
 * Images of projects that have the dependencies of `example`, on Node's image with what this machine needs to reach npm's
 * registry: its address, its certificates, and a cache that is filled once. Null, with a line on stderr, when a build can't
 * reach it.
 */
export async function openProjectImages(example: string, scratch: string): Promise<ProjectImages | null> {
  const prefix = `dds-test-${randomUUID().slice(0, 8)}`;
  const tags: string[] = [];
  const build = async (directory: string, tag: string, ...options: string[]) => {
    const args = ['build', '--quiet', '--network', 'host', ...options, '--tag', tag, directory];
    const { exitCode, all } = await execa('docker', args, { env, all: true, reject: false });
    if (exitCode !== 0) throw new Error(`docker ${args.join(' ')} → ${exitCode}\n${all}`);
    tags.push(tag);
    return tag;
  };
  const images: ProjectImages = {
    async build(directory, name) {
      const options = ['--build-arg', `NODE_IMAGE=${prefix}/node`];
      // By name, so that the first stage can be removed.
      await build(directory, `${prefix}/${name}-build`, ...options, '--target', 'build');
      return build(directory, `${prefix}/${name}`, ...options);
    },
    async [Symbol.asyncDispose]() {
      const { exitCode, stderr } = await execa('docker', ['rmi', ...tags.reverse()], { reject: false });
      if (exitCode !== 0) throw new Error(stderr);
    },
  };
  await build(machineContext(scratch, example), `${prefix}/machine`);
  const view = ['npm', 'view', 'typescript', 'version', '--prefer-online', '--fetch-retries=0'];
  if (spawnSync('docker', ['run', '--rm', '--network', 'host', `${prefix}/machine`, ...view]).status !== 0) {
    process.stderr.write('a docker build does not reach the npm registry: images of projects are skipped\n');
    await images[Symbol.asyncDispose]();
    return null;
  }
  writeFileSync(
    join(scratch, 'Dockerfile'),
    `FROM ${prefix}/machine\nWORKDIR /example\nCOPY example .\nRUN npm ci --ignore-scripts && rm -r /example\n`,
  );
  await build(scratch, `${prefix}/node`);
  return images;
}

/** Fills a directory with what an image of this machine is built from. */
function machineContext(scratch: string, example: string): string {
  mkdirSync(join(scratch, 'example'), { recursive: true });
  for (const name of ['package.json', 'package-lock.json', 'vendor'])
    cpSync(join(example, name), join(scratch, 'example', name), { recursive: true });
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
  const lines = [
    'FROM node:24-slim',
    `ENV npm_config_registry=${registry} npm_config_prefer_offline=true npm_config_audit=false`,
  ];
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  if (certificates) {
    copyFileSync(certificates, join(scratch, 'machine.pem'));
    lines.push('COPY machine.pem /etc/ssl/machine.pem', 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/machine.pem');
  }
  writeFileSync(join(scratch, 'Dockerfile'), `${lines.join('\n')}\n`);
  return scratch;
}
