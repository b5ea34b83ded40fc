import type { LiveKind } from '../../runtime/data/completion/live-values.ts';

/** What completion needs of oclif's manifest. */
export interface Manifest {
  commands: Readonly<Record<string, ManifestCommand>>;
  /** What groups of commands are for. */
  topics: Readonly<Record<string, string>>;
}
export interface ManifestCommand {
  hidden?: boolean;
  summary?: string;
  flags: Readonly<Record<string, ManifestFlag>>;
  args: Readonly<Record<string, { name: string; multiple?: boolean; options?: readonly string[] }>>;
}
export interface ManifestFlag {
  name: string;
  char?: string;
  type: 'boolean' | 'option';
  description?: string;
  hidden?: boolean;
  multiple?: boolean;
  allowNo?: boolean;
  options?: readonly string[];
}

export interface Candidate {
  text: string;
  description: string;
}

/** What may stand at the cursor. */
export interface Offer {
  candidates: Candidate[];
  /** To be asked of the running stack. */
  live: LiveKind | null;
  files: boolean;
  /** Stands before each value of a comma list, or before the value of `--flag=value`. */
  prefix: string;
}

/** Flags and arguments by name whose values only the running stack knows. */
const liveNames: Readonly<Record<string, LiveKind>> = {
  ...{ site: 'sites', stack: 'stacks', topic: 'topics', topics: 'topics' },
  ...{ group: 'groups', groups: 'groups', subject: 'subjects' },
};
const fileNames = new Set(['file', 'replay', 'schema', 'schemas', 'parquet', 'map']);
/** Commands that take names of services, as many as are wanted. */
const serviceCommands = new Set(['logs', 'restart', 'start', 'stop']);

/** What fits after the words that stand before the cursor. */
export function offer(manifest: Manifest, words: readonly string[], current: string): Offer {
  const before = words.filter((word) => word !== '=');
  if (before.includes('--')) return { ...nothing, files: true };
  const { id, rest } = findCommand(manifest, before);
  const command = id === null ? undefined : manifest.commands[id];
  const inline = /^--([a-z-]+)=(.*)$/s.exec(current);
  const flag = command && (inline ? command.flags[inline[1]!] : openFlag(command, before));
  if (flag?.type === 'option')
    return valuesOf(
      flag,
      inline ? inline[2]! : current === '=' ? '' : current,
      inline ? `--${flag.name}=` : '',
    );
  if (command && current.startsWith('-')) return { ...nothing, candidates: flagsOf(command, before) };
  const names = nextWords(manifest, rest.length === 0 ? (id?.split(':') ?? before) : null);
  if (!command || id === null) return { ...nothing, candidates: names };
  const values = argument(command, id, positionals(command, rest), current);
  return { ...values, candidates: [...names, ...values.candidates] };
}

const nothing: Offer = { candidates: [], live: null, files: false, prefix: '' };

/** The longest command that the words name, and what comes after it. */
function findCommand(manifest: Manifest, words: readonly string[]): { id: string | null; rest: string[] } {
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const id = words.slice(0, length).join(':');
    if (manifest.commands[id]) return { id, rest: words.slice(length) };
  }
  return { id: null, rest: [] };
}

/** Commands and groups that go on from here. */
function nextWords(manifest: Manifest, said: readonly string[] | null): Candidate[] {
  if (said === null) return [];
  const found = new Map<string, string>();
  for (const [id, { hidden, summary = '' }] of Object.entries(manifest.commands)) {
    const parts = id.split(':');
    const next = parts[said.length];
    if (hidden || next === undefined || said.some((word, at) => parts[at] !== word)) continue;
    const whole = parts.slice(0, said.length + 1).join(':');
    found.set(next, manifest.commands[whole]?.summary ?? manifest.topics[whole] ?? summary);
  }
  return [...found].map(([text, description]) => ({ text, description }));
}

/** The option flag that the last word leaves open. */
function openFlag(command: ManifestCommand, words: readonly string[]): ManifestFlag | undefined {
  const last = words.at(-1) ?? '';
  return Object.values(command.flags).find(
    ({ type, name, char }) => type === 'option' && (last === `--${name}` || (char && last === `-${char}`)),
  );
}

function flagsOf(command: ManifestCommand, words: readonly string[]): Candidate[] {
  return Object.values(command.flags)
    .filter(({ hidden, name, char, multiple }) => {
      const used = words.includes(`--${name}`) || (char && words.includes(`-${char}`));
      return !hidden && (multiple || !used);
    })
    .flatMap(({ name, allowNo, description = '' }) => [
      { text: `--${name}`, description },
      ...(allowNo ? [{ text: `--no-${name}`, description }] : []),
    ]);
}

/** Words that are neither flags nor their values. */
function positionals(command: ManifestCommand, rest: readonly string[]): number {
  return rest.filter((word, at) => !word.startsWith('-') && !openFlag(command, rest.slice(0, at))).length;
}

function argument(command: ManifestCommand, id: string, index: number, current: string): Offer {
  if (serviceCommands.has(id)) return { ...nothing, live: 'services' };
  const args = Object.values(command.args);
  const arg = args[index] ?? (args.at(-1)?.multiple ? args.at(-1) : undefined);
  return arg ? valuesOf(arg, current, '') : nothing;
}

function valuesOf(
  { name, options }: { name: string; options?: readonly string[] },
  current: string,
  start: string,
): Offer {
  if (options) {
    const candidates = options.map((text) => ({ text, description: '' }));
    return { ...nothing, candidates, prefix: start };
  }
  const live = liveNames[name] ?? null;
  const comma = name === 'site' ? current.lastIndexOf(',') + 1 : 0;
  return { ...nothing, live, files: fileNames.has(name), prefix: start + current.slice(0, comma) };
}
