import { z } from 'zod';
import { nearNames } from '../../shared/near-names.ts';

/** In words what may stand at a place, for error messages. */
export const allowed = z.registry<{ allowed: string }>();

export function says<T extends z.ZodType>(schema: T, words: string, description?: string): T {
  const said = description ? schema.meta({ description }) : schema;
  allowed.add(said as z.ZodType, { allowed: words });
  return said;
}

/** The same rule at another place. */
export function again<T extends z.ZodType>(schema: T, description: string): T {
  return says(schema, allowed.get(schema as z.ZodType)!.allowed, description);
}

/** An object that knows its keys, so that a mistyped one can be answered with the right one. */
export function strict<T extends z.ZodRawShape>(shape: T, words: string) {
  const known = Object.keys(shape);
  const schema = z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKey(issue.keys[0] ?? '', known) : undefined,
  });
  return says(schema, `${words} (${known.join(', ')})`);
}

function unknownKey(key: string, known: readonly string[]): string {
  const [guess] = nearNames(key, known, 1);
  return guess
    ? `unknown key "${key}"; did you mean "${guess}"?`
    : `unknown key "${key}"; allowed: ${known.join(', ')}`;
}

/** Of a place where a value must not be shown, should somebody have written it there. */
export const secretWords =
  'where the secret is: { env: NAME } or { file: PATH }; it is never written into this file itself';

const nameWords =
  'a name of lower-case letters, digits and dashes that begins with a letter, at most 40 characters';
export const name = says(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), nameWords);
export const topicName = says(
  z.string().regex(/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/),
  'the name of a topic: letters, digits, ".", "_" and "-", at most 249 characters',
);
export const port = says(z.int().min(1).max(65535), 'a port from 1 to 65535');
export const scalar = says(z.union([z.string(), z.number(), z.boolean()]), 'a string, a number or a boolean');
export const siteSelection = says(
  z.union([z.string(), z.array(z.string()).min(1)]),
  'a site, a list of sites, a pattern such as "edge-*", or "all"',
);
export const topicPatterns = says(
  z.array(z.string().min(1)),
  'a list of topics: names, globs such as "temperature-*", or /regular expressions/',
);
