import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

const here = import.meta.dirname;
/** What is installed stays there; delete it to install anew. */
export const cache = join(here, '../../.cache/clients');

export interface Client {
  name: string;
  language: string;
  /** Installs within seconds, or is there already. */
  quick: boolean;
  /** Its version, once it is installed. Rejects with what is missing. */
  install(): Promise<string>;
  /** The command line of its program, to which brokers and a prefix are added. */
  command(): string[];
}

/** MirrorMaker of 4.4.0 is not on Maven Central. */
export const versions = { kafka: '4.4.0', kafka3: '3.9.2', mirrorMaker: '4.3.1' };

async function output(file: string, args: string[], cwd = here): Promise<string> {
  const { stdout, stderr } = await execa(file, args, { cwd, timeout: 600_000 });
  return stdout || stderr;
}

/** Makes a folder once: a run that is broken off leaves none behind. */
async function once(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  await make(unfinished);
  renameSync(unfinished, folder);
  return folder;
}

/** The folder with the jars that `<folder>/pom.xml` names, in the cache. */
export const jars = (folder: string, version = versions.kafka): Promise<string> =>
  once(`${folder}-${version}`, async (target) => {
    const flags = [`-Dkafka.version=${version}`, `-DoutputDirectory=${target}`];
    await output('mvn', [
      '-q',
      '-B',
      '-f',
      join(here, folder, 'pom.xml'),
      'dependency:copy-dependencies',
      ...flags,
    ]);
  });

const nodeClient = (name: string, folder: string): Client => ({
  ...{ name, language: 'TypeScript', quick: true },
  async install() {
    const { default: found } = (await import(join(here, '../../node_modules', name, 'package.json'), {
      with: { type: 'json' },
    })) as { default: { version: string } };
    return found.version;
  },
  command: () => [process.execPath, '--no-warnings', join(here, folder, 'script.ts')],
});

const javaClient = (version: string): Client => ({
  ...{ name: `Java ${version.split('.')[0]}`, language: 'Java', quick: false },
  async install() {
    await jars('java', version);
    return version;
  },
  command: () => [
    'java',
    '-Xmx256m',
    '-cp',
    `${cache}/java-${version}/*`,
    '-Xshare:auto',
    join(here, 'java/Script.java'),
  ],
});

export const clients: readonly Client[] = [
  nodeClient('kafkajs', 'kafkajs'),
  nodeClient('@platformatic/kafka', 'platformatic'),
  {
    ...{ name: 'kcat', language: 'shell', quick: true },
    install: async () =>
      /Version (\S+) .*librdkafka (\S+)/
        .exec(await output('kcat', ['-V']))!
        .slice(1)
        .join(', librdkafka '),
    command: () => ['bash', join(here, 'kcat/script.sh')],
  },
  {
    ...{ name: 'confluent-kafka', language: 'Python', quick: true },
    async install() {
      // Not renamed as other folders are: a virtual environment knows its own path.
      const python = join(cache, 'python/bin/python');
      const has = [
        '-c',
        'import confluent_kafka as it; print(f"{it.version()}, librdkafka {it.libversion()[0]}")',
      ];
      if (!existsSync(python)) await output('python3', ['-m', 'venv', join(cache, 'python')]);
      const requirements = join(here, 'confluent-kafka/requirements.txt');
      const flags = ['-q', '--disable-pip-version-check', '--retries', '1', '-r', requirements];
      await output(python, ['-m', 'pip', 'install', ...flags]).catch(({ stderr, message }) => {
        const why = /connection|resolve|timed out|unreachable/i.test(stderr)
          ? 'pip has no network: '
          : 'pip: ';
        throw new Error(why + (stderr || message).trim().split('\n').at(-1));
      });
      return await output(python, has);
    },
    command: () => [join(cache, 'python/bin/python'), join(here, 'confluent-kafka/script.py')],
  },
  {
    ...{ name: 'franz-go', language: 'Go', quick: false },
    async install() {
      const folder = join(here, 'franz-go');
      mkdirSync(cache, { recursive: true });
      await output('go', ['build', '-o', join(cache, 'franz-go'), '.'], folder);
      return (
        await output('go', ['list', '-m', '-f', '{{.Version}}', 'github.com/twmb/franz-go'], folder)
      ).slice(1);
    },
    command: () => [join(cache, 'franz-go')],
  },
  javaClient(versions.kafka),
  javaClient(versions.kafka3),
  {
    ...{ name: 'console tools', language: 'shell, Java', quick: false },
    async install() {
      await jars('console-tools');
      return versions.kafka;
    },
    command: () => ['bash', join(here, 'console-tools/script.sh')],
  },
];
