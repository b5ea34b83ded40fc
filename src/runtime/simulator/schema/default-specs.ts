import type { FieldSpec } from './field-spec.ts';

/** What a number of this name usually is: bounds of a walk, and its step. The first that matches counts. */
const quantities: readonly [RegExp, min: number, max: number, step: number][] = [
  [/temp/, -10, 40, 0.2],
  [/humid/, 20, 95, 0.5],
  [/press/, 980, 1040, 0.3],
  [/batt|charge/, 5, 100, 0.1],
  [/^lat|latitude/, 48.6, 48.9, 0.0005],
  [/^(lon|lng)|longitude/, 9, 9.4, 0.0005],
  [/alt|elevation/, 200, 600, 1],
  [/speed|velocity/, 0, 130, 2],
  [/volt/, 220, 240, 0.5],
  [/current|amp/, 0, 16, 0.2],
  [/power|watt|load/, 0, 3000, 25],
  [/energy|kwh/, 0, 10_000, 1],
  [/co2|ppm/, 400, 1600, 8],
  [/noise|sound|decibel/, 30, 90, 1],
  [/light|lux|bright/, 0, 1000, 10],
  [/rssi|signal|dbm/, -90, -40, 1],
  [/percent|ratio|share/, 0, 100, 1],
];

const timeName = /^(ts|time|timestamp|date_?time|.*_(at|time|timestamp|ts)|.*(Time|Timestamp|At))$/;
const idName = /^(id|key|.*_id|.*Id|.*_key|sensor|device)$/;
const sequenceName = /^(seq|sequence|counter|count|number|.*_(seq|sequence|count|number))$/;

export const isTimeName = (name: string) => timeName.test(name);
export const isIdName = (name: string) => idName.test(name);

/** The generator of a field that nobody described, by its Avro type and name; null where the type alone decides. */
export function defaultSpec(name: string, type: string, logical: string | null): FieldSpec | null {
  const isNumber = type === 'int' || type === 'long' || type === 'float' || type === 'double';
  if (logical !== null) {
    const isTime = /^(local-)?timestamp-|^time-|^date$/.test(logical);
    return isTime ? { kind: 'time' } : null;
  }
  if (type === 'string')
    return isIdName(name) ? { kind: 'sensor' } : isTimeName(name) ? { kind: 'time' } : null;
  if (!isNumber) return null;
  if (type !== 'int' && isTimeName(name)) return { kind: 'time' };
  if (sequenceName.test(name)) return { kind: 'sequence', start: 0, step: 1 };
  const lower = name.toLowerCase();
  const [, min, max, step] = quantities.find(([pattern]) => pattern.test(lower)) ?? [null, 0, 100, 1];
  return { kind: 'walk', min, max, step, start: null };
}
