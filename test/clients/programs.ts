import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { startBroker } from '../support/broker.ts';
import { cache, jars, versions } from './clients.ts';
import { mirror } from './mirror-maker/mirror.ts';
import { wordCount } from './streams/word-count.ts';

/** A program that is no client's script: what it did is told in one line, what it missed is thrown. */
export interface Program {
  name: string;
  /** Its version, once it is installed. Rejects with what is missing. */
  install(): Promise<string>;
  run(): Promise<string>;
}

const goModule = 'github.com/twmb/franz-go';
const goVersion = 'v1.22.3';

/** franz-go's own tests of its client come in its module; they need a broker, one replica, and as many records as we say. */
async function ownTests(): Promise<string> {
  await using running = await startBroker();
  const env = {
    KGO_SEEDS: running.brokers.join(','),
    ...{ KGO_TEST_RF: '1', KGO_TEST_RECORDS: '50000', KGO_TEST_UNSAFE: '1', KGO_LOG_LEVEL: 'none' },
  };
  const { stdout, exitCode } = await execa(join(cache, 'kgo.test'), ['-test.v', '-test.timeout', '9m'], {
    ...{ cwd: join(cache, 'franz-go-source/pkg/kgo'), env, reject: false, maxBuffer: 1 << 28 },
  });
  const count = (what: string) => stdout.match(new RegExp(`^--- ${what}`, 'gm'))?.length ?? 0;
  const told = `${count('PASS')} tests passed, ${count('FAIL')} failed, ${count('SKIP')} skipped`;
  if (exitCode !== 0) throw new Error(`${told}: ${stdout.match(/^--- FAIL: \S+/gm)?.join(' ')}`);
  return `${told} (share groups, SCRAM and OAuth, which need what is not there)`;
}

async function installOwnTests(): Promise<string> {
  const { stdout } = await execa('go', ['mod', 'download', '-json', `${goModule}@${goVersion}`], {
    cwd: cache,
  });
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  const source = join(cache, 'franz-go-source');
  cpSync(Dir, source, { recursive: true, force: true });
  await execa('chmod', ['-R', 'u+w', source]);
  await execa('go', ['test', '-c', '-o', join(cache, 'kgo.test'), './pkg/kgo'], { cwd: source });
  return goVersion.slice(1);
}

const streams: Program = {
  name: 'Kafka Streams',
  async install() {
    await jars('streams');
    return versions.kafka;
  },
  run: wordCount,
};

const mirrorMaker: Program = {
  name: 'MirrorMaker 2',
  async install() {
    await jars('mirror-maker', versions.mirrorMaker);
    return versions.mirrorMaker;
  },
  run: mirror,
};

export const programs: readonly Program[] = [
  streams,
  mirrorMaker,
  { name: "franz-go's own tests", install: installOwnTests, run: ownTests },
];
