import type { Phase } from '../records/thesis-records.ts';

/** What is kept of a sensor: the record TemperatureThresholdAggregate. Temperatures are in the detector's unit, times in ms. */
export interface Interval {
  is_exceeding: boolean;
  /** Nothing but the sample that began it has come. */
  is_first: boolean;
  first_transgression: number;
  latest_transgression: number;
  latest_transgression_temperature: number;
  /** Weighted by time. */
  average_transgression_temperature: number;
  max_transgression_temperature: number;
}

export interface Limits {
  threshold: number;
  /** So far below the threshold a temperature has to fall until it counts as back. */
  hysteresis: number;
}

export interface Step {
  /** null: there is nothing to keep yet. */
  interval: Interval | null;
  phase: Phase | null;
  /** The sample is older than one that was seen before. */
  late: boolean;
}

const nothing: Step = { interval: null, phase: null, late: false };

/**
 * Takes one sample of a sensor. Above the threshold an interval begins; from there on everything down to `threshold −
 * hysteresis` belongs to it. A sample that is older than the latest of the interval can only raise the maximum: it neither
 * begins nor ends anything.
 */
export function takeSample(before: Interval | null, time: number, value: number, limits: Limits): Step {
  const { threshold, hysteresis } = limits;
  if (before !== null && time < before.latest_transgression)
    return lateSample(before, value, threshold - hysteresis);
  if (before === null || !before.is_exceeding) {
    if (!(value > threshold))
      return before === null ? nothing : { interval: before, phase: null, late: false };
    const interval: Interval = {
      is_exceeding: true,
      is_first: true,
      first_transgression: time,
      latest_transgression: time,
      latest_transgression_temperature: value,
      average_transgression_temperature: value,
      max_transgression_temperature: value,
    };
    return { interval, phase: 'START', late: false };
  }
  if (value < threshold - hysteresis)
    return { interval: { ...before, is_exceeding: false, is_first: false }, phase: 'END', late: false };
  return { interval: goOn(before, time, value), phase: 'EXCEEDING', late: false };
}

function goOn(before: Interval, time: number, value: number): Interval {
  const { first_transgression: first, latest_transgression: latest } = before;
  const area =
    ((before.latest_transgression_temperature + value) / 2) * (time - latest) +
    before.average_transgression_temperature * (latest - first);
  return {
    is_exceeding: true,
    is_first: false,
    first_transgression: first,
    latest_transgression: time,
    latest_transgression_temperature: value,
    // Two samples of one moment span no time.
    average_transgression_temperature:
      time === latest ? before.average_transgression_temperature : area / (time - first),
    max_transgression_temperature: Math.max(before.max_transgression_temperature, value),
  };
}

function lateSample(before: Interval, value: number, lower: number): Step {
  const max = before.max_transgression_temperature;
  if (!before.is_exceeding || value < lower) return { interval: before, phase: null, late: true };
  return {
    interval: value > max ? { ...before, max_transgression_temperature: value } : before,
    phase: 'EXCEEDING',
    late: true,
  };
}
