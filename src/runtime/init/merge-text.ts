import { isDeepStrictEqual } from 'node:util';
import { diffComm, merge } from 'node-diff3';

export interface Merged {
  text: string;
  /** There are marks in it. */
  conflict: boolean;
}

const label = { a: 'yours', b: 'template' };

/** A text with a mark that a merge left in it. */
export const hasMarks = (text: string): boolean =>
  text.includes(`<<<<<<< ${label.a}`) && text.includes(`>>>>>>> ${label.b}`);

/**
 * What the template changed from `base` to `theirs`, done to `mine`; null when both made the file. Line breaks stay
 * those of `mine`.
 */
export function mergeText(path: string, mine: string, base: string | null, theirs: string): Merged {
  if (path === 'package.json' && base !== null) {
    const text = mergeManifest(mine, base, theirs);
    if (text !== null) return { text, conflict: false };
  }
  const lines = (text: string) => text.replaceAll('\r\n', '\n').split('\n');
  const [own, other] = [lines(mine), lines(theirs)];
  const origin = base === null ? diffComm(own, other).flatMap(({ common = [] }) => common) : lines(base);
  const { conflict, result } = merge(own, origin, other, { excludeFalseConflicts: true, label });
  return { text: result.join(mine.includes('\r\n') ? '\r\n' : '\n'), conflict };
}

/** Key by key, because npm writes lines between those of the template; null where both changed one key. */
function mergeManifest(mine: string, base: string, theirs: string): string | null {
  const clash = Symbol('clash');
  const keyByKey = (own: unknown, old: unknown, other: unknown): unknown => {
    if (isDeepStrictEqual(own, other) || isDeepStrictEqual(old, other)) return own;
    if (isDeepStrictEqual(own, old)) return other;
    if (!isObject(own) || !isObject(old) || !isObject(other)) throw clash;
    const keys = new Set([...Object.keys(own), ...Object.keys(other)]);
    const merged = [...keys].map((key) => [key, keyByKey(own[key], old[key], other[key])] as const);
    return Object.fromEntries(merged.filter(([, value]) => value !== undefined));
  };
  try {
    const merged = keyByKey(JSON.parse(mine), JSON.parse(base), JSON.parse(theirs));
    return `${JSON.stringify(merged, null, 2)}\n`;
  } catch (error) {
    if (error === clash || error instanceof SyntaxError) return null;
    throw error;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
