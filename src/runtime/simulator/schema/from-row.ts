import { decimal } from '../quantities.ts';
import { parseRecordedTime } from '../replay/recorded-time.ts';
import { numberOf } from './field-values.ts';
import type { AvroNode } from './nodes.ts';

/** A value that does not fit its field; the message names the field and what was expected. */
export class MisfitError extends Error {
  readonly value: unknown;
  constructor(path: string, value: unknown, expected: string) {
    super(`${path || 'the row'} is ${JSON.stringify(value) ?? 'missing'}, not ${expected}`);
    this.value = value;
  }
}

/**
 * A value of JSON (or a text of CSV) as the schema's: numbers also as texts, times as ISO 8601 or numbers, bytes in
 * base64, decimals as numbers. Throws MisfitError.
 */
export function fromRow(node: AvroNode, value: unknown, path: string): unknown {
  const misfit = (expected: string) => new MisfitError(path, value, expected);
  switch (node.kind) {
    case 'union':
      return unionValue(node, value, path);
    case 'null':
      if (value === null || value === undefined || value === '') return null;
      throw misfit('null');
    case 'record': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit('an object');
      const given = value as Record<string, unknown>;
      const at = (name: string) => (path === '' ? name : `${path}.${name}`);
      return Object.fromEntries(
        node.fields!.map(({ name, node: field }) => [name, fromRow(field, given[name], at(name))]),
      );
    }
    case 'array':
      if (!Array.isArray(value)) throw misfit('a list');
      return value.map((item, i) => fromRow(node.items!, item, `${path}[${i}]`));
    case 'map':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit('an object');
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, fromRow(node.items!, item, `${path}.${key}`)]),
      );
    case 'boolean':
      if (value === true || value === 'true') return true;
      if (value === false || value === 'false') return false;
      throw misfit('true or false');
    case 'string':
      if (typeof value === 'string') return value;
      if (typeof value === 'number') return String(value);
      throw misfit('a text');
    case 'enum':
      if (node.symbols!.includes(value as string)) return value;
      throw misfit(`one of ${node.symbols!.join(', ')}`);
    case 'bytes':
    case 'fixed': {
      if (node.logical === 'decimal') break;
      const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : null;
      if (!bytes || (node.kind === 'fixed' && bytes.length !== node.size)) throw misfit('bytes in base64');
      return bytes;
    }
  }
  if (node.logical !== null && /^(local-)?timestamp-|^date$/.test(node.logical)) {
    if (typeof value === 'number') return value;
    const timeMs = typeof value === 'string' ? parseRecordedTime(value) : null;
    if (timeMs === null) throw misfit('a time');
    return numberOf(node, true, path)(timeMs);
  }
  const number = typeof value === 'number' ? value : typeof value === 'string' ? decimal(value) : null;
  if (number === null) throw misfit('a number');
  if (node.kind === 'long' && typeof value === 'string' && /^-?\d+$/.test(value)) {
    return Number.isSafeInteger(number) ? number : BigInt(value);
  }
  if ((node.kind === 'int' || node.kind === 'long') && !Number.isInteger(number))
    throw misfit('a whole number');
  if (node.kind === 'int' && Math.abs(number) > 2 ** 31 - 1) throw misfit('a number of 32 bits');
  return node.kind === 'float' || node.kind === 'double' ? number : numberOf(node, false, path)(number);
}

/** The first branch that the value fits. */
function unionValue(node: AvroNode, value: unknown, path: string): unknown {
  const branches = node.branches!;
  if ((value === null || value === undefined) && branches.some((one) => one.node.kind === 'null'))
    return null;
  let first: unknown;
  for (const { node: branch, wrapAs } of branches) {
    if (branch.kind === 'null' && value !== '') continue;
    try {
      const fitting = fromRow(branch, value, path);
      return wrapAs === null ? fitting : { [wrapAs]: fitting };
    } catch (error) {
      first ??= error;
    }
  }
  throw first ?? new MisfitError(path, value, 'null');
}
