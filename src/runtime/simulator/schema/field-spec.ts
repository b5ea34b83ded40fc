import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';
import { decimal, parseDuration } from '../quantities.ts';

/** How the values of one field come about. Lengths of time are in ms. */
export type FieldSpec =
  | { kind: 'constant'; value: string }
  | { kind: 'enum'; weights: readonly { value: string; weight: number }[] }
  | { kind: 'uniform'; min: number; max: number }
  | { kind: 'walk'; min: number; max: number; step: number; start: number | null }
  | { kind: 'sine'; min: number; max: number; periodMs: number; noise: number }
  | { kind: 'correlated'; field: string; factor: number; offset: number; noise: number }
  | { kind: 'sequence'; start: number; step: number }
  | { kind: 'sensor' }
  | { kind: 'time' };

/** Specs by field; a field of a nested record is `position.lat`. */
export type FieldSpecs = Readonly<Record<string, FieldSpec>>;

const arguments_: Record<FieldSpec['kind'], readonly string[]> = {
  constant: [],
  enum: [],
  uniform: ['min', 'max'],
  walk: ['min', 'max', 'step', 'start'],
  sine: ['min', 'max', 'period', 'noise'],
  correlated: ['field', 'factor', 'offset', 'noise'],
  sequence: ['start', 'step'],
  sensor: [],
  time: [],
};
const kinds = Object.keys(arguments_) as FieldSpec['kind'][];

/** `temperature=walk(min=0,max=40,step=0.5)`, as `--field` takes it. Throws DDS_USAGE. */
export function parseFieldFlags(texts: readonly string[]): FieldSpecs {
  const specs: Record<string, FieldSpec> = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, at).trim();
    if (at < 1 || name === '') {
      throw refuse(
        `--field ${text} is not allowed: give FIELD=GENERATOR, such as humidity=walk(min=0,max=100)`,
      );
    }
    if (specs[name]) throw refuse(`--field names ${name} twice`);
    specs[name] = parseFieldSpec(text.slice(at + 1), `--field ${name}`);
  }
  return specs;
}

/** `walk(min=0,max=40)`. `place` begins the message. Throws DDS_USAGE. */
export function parseFieldSpec(text: string, place: string): FieldSpec {
  const match = /^([a-z]+)(?:\((.*)\))?$/s.exec(text.trim());
  const kind = kinds.find((known) => known === match?.[1]);
  if (!match || !kind) {
    const [guess] = nearNames(match?.[1] ?? text, kinds, 1);
    throw refuse(
      `${place}: there is no generator ${JSON.stringify(text)}`,
      `${guess ? `Did you mean ${guess}? ` : ''}The generators are ${kinds.join(', ')}, such as walk(min=0,max=40,step=0.5).`,
    );
  }
  const inside = match[2]?.trim() ?? '';
  if (kind === 'constant') {
    if (inside === '') throw refuse(`${place}: constant needs a value, such as constant(7)`);
    return { kind, value: inside };
  }
  const given = new Map<string, string>();
  for (const part of inside === '' ? [] : inside.split(',')) {
    const [name = '', ...rest] = part.split('=');
    const value = rest.join('=').trim();
    if (kind !== 'enum' && (value === '' || !arguments_[kind].includes(name.trim()))) {
      const known = arguments_[kind].join(', ') || 'nothing';
      throw refuse(`${place}: ${kind} does not take ${JSON.stringify(part.trim())}; it takes ${known}`);
    }
    given.set(name.trim(), value);
  }
  return new Arguments(given, `${place}: ${kind}`).spec(kind);
}

/** Reads the arguments of one generator. */
class Arguments {
  readonly #given: ReadonlyMap<string, string>;
  readonly #place: string;

  constructor(given: ReadonlyMap<string, string>, place: string) {
    this.#given = given;
    this.#place = place;
  }

  spec(kind: Exclude<FieldSpec['kind'], 'constant'>): FieldSpec {
    switch (kind) {
      case 'sensor':
      case 'time':
        return { kind };
      case 'enum':
        return { kind, weights: this.#weights() };
      case 'sequence':
        return { kind, start: this.#number('start', 0), step: this.#number('step', 1) };
      case 'uniform':
        return { kind, ...this.#bounds() };
      case 'walk': {
        const { min, max } = this.#bounds();
        const start = this.#given.has('start') ? this.#number('start') : null;
        if (start !== null && (start < min || start > max)) {
          throw refuse(`${this.#place}: start ${start} is not from ${min} to ${max}`);
        }
        return { kind, min, max, step: this.#number('step', (max - min) / 100), start };
      }
      case 'sine': {
        const period = this.#given.get('period') ?? '24h';
        const periodMs = parseDuration(period, `${this.#place}: period`);
        return { kind, ...this.#bounds(), periodMs, noise: this.#number('noise', 0) };
      }
      case 'correlated': {
        const field = this.#given.get('field');
        if (field === undefined) throw refuse(`${this.#place} needs field=, the field that it follows`);
        const [factor, offset] = [this.#number('factor', 1), this.#number('offset', 0)];
        return { kind, field, factor, offset, noise: this.#number('noise', 0) };
      }
    }
  }

  #bounds(): { min: number; max: number } {
    const [min, max] = [this.#number('min', 0), this.#number('max', 100)];
    if (min >= max) throw refuse(`${this.#place}: min ${min} is not below max ${max}`);
    return { min, max };
  }

  #weights(): { value: string; weight: number }[] {
    if (this.#given.size === 0) throw refuse(`${this.#place} needs values, such as enum(OK=98,FAILED=2)`);
    return [...this.#given].map(([value, text]) => {
      const weight = text === '' ? 1 : decimal(text);
      if (weight === null || !(weight > 0)) {
        throw refuse(`${this.#place}: ${value}=${text} is no weight; give a number above 0`);
      }
      return { value, weight };
    });
  }

  #number(name: string, otherwise?: number): number {
    const text = this.#given.get(name);
    if (text === undefined && otherwise !== undefined) return otherwise;
    const value = decimal(text ?? '');
    if (value === null)
      throw refuse(`${this.#place}: ${name} is ${JSON.stringify(text ?? '')}, not a number`);
    return value;
  }
}

function refuse(message: string, hint?: string): DdsError {
  return new DdsError('DDS_USAGE', message, hint ? { hint } : {});
}
