/** oclif's ways to say what is wrong with a command line, in the words that all our errors use. */
const rewritings: readonly [RegExp, string | ((...groups: string[]) => string)][] = [
  [/^Nonexistent flags?: (.+)$/, (_all, flags) => `unknown flag ${flags}`],
  [/^Unexpected arguments?: (.+)$/, (_all, args) => `one argument too many: ${args}`],
  [/^Flag (--\S+) expects a value$/, '$1 needs a value'],
  [/^Flag (--\S+) can only be specified once$/, '$1 is given more than once'],
  [/^Parsing (--\S+) Expected an integer but received: (.*)$/, '$1 takes a whole number, not $2'],
  [
    /^Parsing (--\S+) Expected an integer greater than or equal to (\S+) but received: (.*)$/,
    '$1 takes a whole number of at least $2, not $3',
  ],
  [
    /^Parsing (--\S+) Expected an integer less than or equal to (\S+) but received: (.*)$/,
    '$1 takes a whole number of at most $2, not $3',
  ],
  [/^Expected (--[^=]+)=(.*) to be one of: (.+)$/, '$1 takes one of $3, not $2'],
  [/^Expected (.*) to be one of: (.+)$/, 'expected one of $2, not $1'],
  [/^(--[^= ]+)(?:=.*)? cannot also be provided when using (--\S+)$/, '$1 and $2 exclude each other'],
];

interface ParseError {
  readonly message: string;
  /** Of a missing argument. */
  readonly args?: unknown;
}

/** What was wrong with a command line, in one line. */
export function usageMessage({ message, args }: ParseError): string {
  const lines = message
    .replace(/\nSee more help with --help$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^(Parsing --\S+)\s+/, '$1 ')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  if (/^Missing \d+ required arg/.test(message) && Array.isArray(args)) {
    return missing(args.map(({ name }: { name: string }) => name.toUpperCase()));
  }
  const flags = lines.map((line) => /^Missing required flag (\S+)$/.exec(line)?.[1]);
  if (flags.every((flag) => flag !== undefined)) return missing(flags.map((flag) => `--${flag}`));
  return [...new Set(lines.length === 0 ? ['not understood'] : lines)]
    .map((line) => {
      const found = rewritings.find(([pattern]) => pattern.test(line));
      return found ? line.replace(found[0], found[1] as string) : line;
    })
    .join('; ');
}

/** `--device and --type are missing`. */
function missing(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  if (names.length === 1) return `${last} is missing`;
  return `${names.slice(0, -1).join(', ')} and ${last} are missing`;
}
