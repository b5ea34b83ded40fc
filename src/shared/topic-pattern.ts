import { DdsError } from '../errors/index.ts';

/** Topics that a pattern never takes: the registry's, Kafka's own and the relay's positions. Named exactly, they are. */
export function isInternalTopic(name: string): boolean {
  return name.startsWith('_') || name.startsWith('dds.relay.');
}

/** True for a glob (`*`, `?`) or a `/regular expression/`; false for the exact name of a topic. */
export function isTopicPattern(text: string): boolean {
  return isRegex(text) || /[*?]/.test(text);
}

const isRegex = (text: string) => text.length > 2 && text.startsWith('/') && text.endsWith('/');

/**
 * Compiles what a relay, a sink or `dds tail` is told about topics. A name is taken when a pattern takes it and no
 * exclude does. A pattern is an exact name, a glob over the whole name, or a `/regex/` that is searched in the name.
 * Patterns skip internal topics, excludes don't. Throws DDS_USAGE for a broken regular expression.
 */
export function topicMatcher(
  patterns: readonly string[],
  excludes: readonly string[] = [],
): (name: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !isTopicPattern(pattern)));
  const wanted = patterns.filter(isTopicPattern).map(compile);
  const unwanted = excludes.map(compile);
  return (name) =>
    (exact.has(name) || (!isInternalTopic(name) && wanted.some((regex) => regex.test(name)))) &&
    !unwanted.some((regex) => regex.test(name));
}

/** True for a text that one of the patterns takes: an exact text, a glob over all of it, or a `/regex/`. */
export function textMatcher(patterns: readonly string[]): (text: string) => boolean {
  const wanted = patterns.map(compile);
  return (text) => wanted.some((regex) => regex.test(text));
}

function compile(pattern: string): RegExp {
  if (!isRegex(pattern)) return globRegex(pattern);
  try {
    return new RegExp(pattern.slice(1, -1), 'u');
  } catch (cause) {
    throw new DdsError('DDS_USAGE', `${pattern} is not a valid regular expression`, {
      hint: 'Write /regex/ as in JavaScript, or a glob such as temperature-*.',
      details: { pattern },
      cause,
    });
  }
}

function globRegex(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'u');
}
