import { readFileSync } from 'node:fs';
import { systemClock } from '../../shared/clock.ts';
import { type Candidate, type Manifest, offer } from './words.ts';

/**
 * `dds complete -- <words before the cursor> <word at the cursor>`, which the shells' scripts call: a candidate and what
 * it is, with a tab between, on each line; `:file` where a file may stand. Says nothing when it fails: who presses Tab
 * wants no error.
 */
export async function complete(argv: readonly string[]): Promise<void> {
  const words = argv[0] === '--' ? argv.slice(1) : argv;
  try {
    process.stdout.write(await answer(words.slice(0, -1), words.at(-1) ?? ''));
  } catch {
    // Then there is nothing to offer.
  }
}

async function answer(words: readonly string[], current: string): Promise<string> {
  const { candidates, live, files, prefix } = offer(readManifest(), words, current);
  const all = [...candidates, ...(live === null ? [] : await liveCandidates(live, words))];
  const lines = all
    .map(({ text, description }): Candidate => ({ text: prefix + text, description }))
    .filter(({ text }) => text.startsWith(current))
    .map(({ text, description }) => (description ? `${text}\t${oneLine(description)}` : text));
  return [...new Set(lines), ...(files ? [':file'] : []), ''].join('\n');
}

async function liveCandidates(
  kind: Parameters<typeof import('../../runtime/data/completion/live-values.ts').liveValues>[0],
  words: readonly string[],
): Promise<Candidate[]> {
  const { liveValues } = await import('../../runtime/data/completion/live-values.ts');
  const value = (...names: string[]) => words[words.findIndex((word) => names.includes(word)) + 1];
  const stack = words.includes('--stack') ? value('--stack') : undefined;
  const sites = words.some((word) => word === '--site' || word === '-s') ? value('--site', '-s') : undefined;
  const context = {
    ...{ cwd: process.cwd(), env: process.env, clock: systemClock, report: () => undefined },
    signal: new AbortController().signal,
  };
  const names = await liveValues(kind, { stack, ...(sites && { sites: sites.split(',') }) }, context);
  if (kind === 'sites' && names.length > 1) names.push('all');
  return names.map((text) => ({ text, description: '' }));
}

/** Written by the build; reading it is ten times faster than loading every command. */
function readManifest(): Manifest {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8'));
  const { commands } = read('oclif.manifest.json') as Pick<Manifest, 'commands'>;
  const { oclif } = read('package.json') as { oclif: { topics: Record<string, { description: string }> } };
  const topics = Object.entries(oclif.topics).map(([name, { description }]) => [name, description]);
  return { commands, topics: Object.fromEntries(topics) };
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ').replace(/<%= .*? %>/g, '');
