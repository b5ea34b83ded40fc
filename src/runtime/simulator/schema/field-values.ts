import { DdsError } from '../../../errors/index.ts';
import { decimal } from '../quantities.ts';
import type { AvroNode } from './nodes.ts';

const dayMs = 86_400_000;

/** What a text of the user's is as a value of the field. Throws DDS_USAGE. */
export function fieldValue(node: AvroNode, text: string, path: string): unknown {
  const refuse = (expected: string) =>
    new DdsError('DDS_USAGE', `the field ${path} cannot be ${JSON.stringify(text)}: expected ${expected}`);
  switch (node.kind) {
    case 'string':
      return text;
    case 'enum':
      if (!node.symbols!.includes(text)) throw refuse(`one of ${node.symbols!.join(', ')}`);
      return text;
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw refuse('true or false');
      return text === 'true';
    case 'null':
      return null;
    case 'bytes':
    case 'fixed': {
      if (node.logical === 'decimal') break;
      const bytes = Buffer.from(text, 'utf8');
      if (node.kind === 'fixed' && bytes.length !== node.size) throw refuse(`${node.size} bytes`);
      return bytes;
    }
  }
  const number = decimal(text);
  if (number === null) throw refuse('a number');
  return numberOf(node, false, path)(number);
}

/** Puts a number (or a time in ms) into the form that the field's type wants. Throws DDS_USAGE when it has none. */
export function numberOf(node: AvroNode, isTime: boolean, path: string): (value: number) => unknown {
  if (isTime) return timeOf(node, path);
  switch (node.kind) {
    case 'int':
      return (value) => Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), Math.round(value)));
    case 'long':
      return Math.round;
    case 'float':
    case 'double':
      return (value) => Math.round(value * 1e6) / 1e6;
    case 'string':
      return String;
    case 'bytes':
    case 'fixed':
      if (node.logical === 'decimal') {
        const { scale, size } = node;
        return (value) => twosComplement(BigInt(Math.round(value * 10 ** scale)), size);
      }
  }
  throw new DdsError('DDS_USAGE', `the field ${path} is of type ${node.kind}, which takes no numbers`);
}

function timeOf(node: AvroNode, path: string): (timeMs: number) => unknown {
  if (node.kind === 'string') {
    return (timeMs) => new Date(timeMs).toISOString();
  }
  switch (node.logical) {
    case 'date':
      return (timeMs) => Math.floor(timeMs / dayMs);
    case 'time-millis':
      return (timeMs) => Math.floor(timeMs) % dayMs;
    case 'time-micros':
      return (timeMs) => Math.floor((timeMs % dayMs) * 1000);
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return (timeMs) => Math.floor(timeMs * 1000);
    case 'timestamp-nanos':
    case 'local-timestamp-nanos':
      return (timeMs) => BigInt(Math.floor(timeMs)) * 1_000_000n;
  }
  if (node.kind === 'long' || node.kind === 'double') return Math.floor;
  if (node.kind === 'int') return (timeMs) => Math.floor(timeMs / 1000);
  throw new DdsError('DDS_USAGE', `the field ${path} is of type ${node.kind}, which takes no time`);
}

/** Big-endian; as short as it can be unless a size is given. */
export function twosComplement(value: bigint, size?: number): Buffer {
  let length = size ?? 1;
  if (size === undefined) while (BigInt.asIntN(8 * length, value) !== value) length++;
  const bytes = Buffer.alloc(length);
  let rest = BigInt.asUintN(8 * length, value);
  for (let at = length - 1; at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
  return bytes;
}
