import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { Random } from '../../../shared/random.ts';
import type { AvroType } from '../../serde/avro.ts';
import { defaultSpec } from './default-specs.ts';
import type { FieldSpec, FieldSpecs } from './field-spec.ts';
import { fieldValue, numberOf } from './field-values.ts';
import { type AvroNode, avroNode } from './nodes.ts';

/** What one message is made from. */
export interface Moment {
  /** ms after the start, and the same as wall-clock time. */
  elapsedMs: number;
  timeMs: number;
  /** Numbers are put beyond their bounds. */
  anomaly: boolean;
  /** Numbers of the message so far, by field: what others follow. */
  numbers: Map<string, number>;
}

export type Generator = (moment: Moment) => unknown;

/** A recursive record ends at this depth. */
const deepest = 4;
/** Share of nulls where a union has one. */
const nullShare = 0.1;
const words =
  'amber basin cedar delta ember fjord grove harbor inlet jetty kiln ledge meadow north orchard pier quarry ridge slope tower'.split(
    ' ',
  );

interface Scope {
  sensorId: string;
  /** A stream of its own for each field, so that one more field leaves the others as they are. */
  random(path: string): Random;
  specs: FieldSpecs;
  used: Set<string>;
}

/**
 * The generator of one sensor's records.
 * @throws DDS_USAGE when a field that is described does not exist or cannot have such values
 */
export function recordGenerator(
  schemaText: string,
  type: AvroType,
  specs: FieldSpecs,
  sensor: { id: string; seed: number; index: number },
): Generator {
  const root = avroNode(schemaText, type);
  if (root.kind !== 'record') {
    throw new DdsError('DDS_USAGE', `the schema is of type ${root.kind}; expected a record`);
  }
  const scope: Scope = {
    sensorId: sensor.id,
    random: (path) => new Random(sensor.seed, sensor.index, 3, hashOf(path)),
    specs,
    used: new Set(),
  };
  const generate = generatorOf(root, '', '', 0, scope);
  const unknown = Object.keys(specs).find((name) => !scope.used.has(name));
  if (unknown !== undefined) {
    const names = fieldPaths(root);
    const [guess] = nearNames(unknown, names, 1);
    throw new DdsError('DDS_USAGE', `the schema has no field ${unknown}`, {
      hint: `${guess ? `Did you mean ${guess}? ` : ''}Its fields are ${names.join(', ')}.`,
    });
  }
  return generate;
}

function generatorOf(node: AvroNode, path: string, name: string, depth: number, scope: Scope): Generator {
  const given = path === '' ? undefined : scope.specs[path];
  if (given) scope.used.add(path);
  if (node.kind === 'union') return unionGenerator(node, path, name, depth, scope);
  if (node.kind === 'record') return recordOf(node, path, depth, scope);
  if (given) return specified(node, given, path, scope);
  switch (node.kind) {
    case 'array': {
      const random = scope.random(path);
      const items = generatorOf(node.items!, `${path}[]`, name, depth + 1, scope);
      return (moment) =>
        depth >= deepest ? [] : Array.from({ length: 1 + (random.next() % 3) }, () => items(moment));
    }
    case 'map': {
      const random = scope.random(path);
      const values = generatorOf(node.items!, `${path}{}`, name, depth + 1, scope);
      return (moment) => {
        if (depth >= deepest) return {};
        const keys = words.slice(0, 1 + (random.next() % 3));
        return Object.fromEntries(keys.map((key) => [key, values(moment)]));
      };
    }
    default: {
      const spec = defaultSpec(name, node.kind, node.logical);
      return spec ? specified(node, spec, path, scope) : byType(node, path, scope);
    }
  }
}

function recordOf(node: AvroNode, path: string, depth: number, scope: Scope): Generator {
  // Fields that follow another come after it; the value has the schema's order all the same.
  const fields = node.fields!.map(({ name, node: field }) => {
    const at = path === '' ? name : `${path}.${name}`;
    const follows = scope.specs[at]?.kind === 'correlated' ? 1 : 0;
    return { name, follows, generate: generatorOf(field, at, name, depth + 1, scope) };
  });
  const order = fields.toSorted((a, b) => a.follows - b.follows);
  return (moment) => {
    const record: Record<string, unknown> = {};
    for (const { name } of fields) record[name] = undefined;
    for (const { name, generate } of order) record[name] = generate(moment);
    return record;
  };
}

function unionGenerator(node: AvroNode, path: string, name: string, depth: number, scope: Scope): Generator {
  const branches = node.branches!;
  const nothing = branches.find(({ node: branch }) => branch.kind === 'null');
  const rest = branches.filter((branch) => branch !== nothing);
  const [first] = rest;
  if (!first || (nothing && depth >= deepest)) return () => null;
  const random = scope.random(`${path}?`);
  const described = scope.specs[path] !== undefined;
  const inner = (described ? [first] : rest).map((branch) => {
    const generate = generatorOf(branch.node, path, name, depth + 1, scope);
    return branch.wrapAs === null ? generate : (moment: Moment) => ({ [branch.wrapAs!]: generate(moment) });
  });
  return (moment) => {
    // Drawn in any case, so that the values that follow do not depend on it.
    const draw = random.uniform(0, 1);
    const value = inner[inner.length === 1 ? 0 : random.next() % inner.length]!(moment);
    return nothing && !described && draw < nullShare ? null : value;
  };
}

/** Values as a spec describes them, in the form that the field's type wants. */
function specified(node: AvroNode, spec: FieldSpec, path: string, scope: Scope): Generator {
  const random = scope.random(path);
  if (spec.kind === 'constant' || spec.kind === 'enum') {
    const texts = spec.kind === 'constant' ? [{ value: spec.value, weight: 1 }] : spec.weights;
    const values = texts.map(({ value, weight }) => ({ value: fieldValue(node, value, path), weight }));
    const total = values.reduce((sum, { weight }) => sum + weight, 0);
    return () => {
      let at = random.uniform(0, total);
      for (const { value, weight } of values) {
        at -= weight;
        if (at < 0) return value;
      }
      return values.at(-1)!.value;
    };
  }
  if (spec.kind === 'sensor') {
    const value = fieldValue(node, scope.sensorId, path);
    return () => value;
  }
  const number = numberSource(spec, random, scope.sensorId, path);
  const shape = numberOf(node, spec.kind === 'time', path);
  return (moment) => {
    const value = number(moment);
    moment.numbers.set(path, value);
    return shape(value);
  };
}

function numberSource(
  spec: Exclude<FieldSpec, { kind: 'constant' | 'enum' | 'sensor' }>,
  random: Random,
  sensorId: string,
  path: string,
): (moment: Moment) => number {
  switch (spec.kind) {
    case 'time':
      return ({ timeMs }) => timeMs;
    case 'sequence': {
      let next = spec.start - spec.step;
      return () => {
        next += spec.step;
        return next;
      };
    }
    case 'correlated':
      return ({ numbers }) => {
        const followed = numbers.get(spec.field);
        if (followed === undefined) {
          throw new DdsError('DDS_USAGE', `${path} follows ${spec.field}, which is no number before it`);
        }
        return followed * spec.factor + spec.offset + random.uniform(-spec.noise, spec.noise);
      };
    case 'uniform': {
      const { min, max } = spec;
      return (moment) => beyond(moment, random.uniform(min, max), min, max, random);
    }
    case 'sine': {
      const { min, max, periodMs, noise } = spec;
      const phase = (hashOf(sensorId) / 2 ** 32) * 0.1;
      return (moment) => {
        const swing = Math.sin(2 * Math.PI * (moment.timeMs / periodMs + phase));
        const value = (min + max) / 2 + (swing * (max - min)) / 2 + random.uniform(-noise, noise);
        return beyond(moment, value, min, max, random);
      };
    }
    case 'walk': {
      const { min, max, step } = spec;
      let at = spec.start ?? random.uniform(min, max);
      let first = true;
      return (moment) => {
        const by = random.uniform(-step, step);
        if (!first) at = reflected(at + by, min, max);
        first = false;
        return beyond(moment, at, min, max, random);
      };
    }
  }
}

/** A walk turns round at its bounds. */
function reflected(value: number, min: number, max: number): number {
  const back = value > max ? 2 * max - value : value < min ? 2 * min - value : value;
  return Math.min(max, Math.max(min, back));
}

/** An anomaly lies above the upper bound by one to two spans. */
function beyond({ anomaly }: Moment, value: number, min: number, max: number, random: Random): number {
  return anomaly ? max + (max - min) * random.uniform(1, 2) : value;
}

/** Types that no name gives a meaning. */
function byType(node: AvroNode, path: string, scope: Scope): Generator {
  const random = scope.random(path);
  const bytes = (length: number) => Buffer.from(Uint8Array.from({ length }, () => random.next() & 255));
  const uuid = () => {
    const b = bytes(16);
    b[6] = (b[6]! & 15) | 64;
    b[8] = (b[8]! & 63) | 128;
    return b;
  };
  if (node.logical === 'decimal' || (node.logical !== null && node.kind === 'double')) {
    return specified(node, { kind: 'walk', min: 0, max: 100, step: 1, start: null }, path, scope);
  }
  switch (node.kind) {
    case 'null':
      return () => null;
    case 'boolean':
      return () => (random.next() & 1) === 1;
    case 'string':
      if (node.logical === 'uuid') {
        return () =>
          uuid()
            .toString('hex')
            .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      }
      return () => words[random.next() % words.length]!;
    case 'enum':
      return () => node.symbols![random.next() % node.symbols!.length]!;
    case 'fixed':
      return node.logical === 'uuid' ? uuid : () => bytes(node.size!);
    case 'bytes':
      return () => bytes(8);
    default:
      return specified(node, { kind: 'walk', min: 0, max: 100, step: 1, start: null }, path, scope);
  }
}

export function fieldPaths(node: AvroNode, prefix = '', depth = 0): string[] {
  if (node.kind === 'union')
    return node.branches!.flatMap(({ node: branch }) => fieldPaths(branch, prefix, depth));
  if (node.kind !== 'record' || depth >= deepest) return [];
  return node.fields!.flatMap(({ name, node: field }) => {
    const nested = fieldPaths(field, `${prefix}${name}.`, depth + 1);
    return nested.length > 0 ? nested : [`${prefix}${name}`];
  });
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
