import { convertTemperature, type TemperatureUnit } from '../records/temperature-unit.ts';
import type { Phase, ThresholdEvent } from '../records/thesis-records.ts';

/** What one message says; the body of a webhook. Names are null for what is not registered. */
export interface Notification {
  /** The same for every attempt at this message, and for no other. */
  id: string;
  phase: 'START' | 'END';
  sensor: { id: string; name: string | null };
  device: { id: string | null; name: string | null; location: string | null };
  /** ms since the epoch: when exceeding began, and the last exceeding sample. */
  from: number;
  until: number;
  /** Temperatures are in `unit`. */
  unit: TemperatureUnit;
  threshold: number;
  average: number;
  maximum: number;
  durationMs: number;
  text: string;
}

/** What the tables know of a sensor. */
export interface Described {
  sensorName: string | null;
  deviceId: string | null;
  deviceName: string | null;
  location: string | null;
  /** As registered with the sensor's type: `°C`, `Fahrenheit`, `K` … */
  unit: string | null;
}

/** Begin of the interval that an event is of, ms. */
export const beginOf = ({ timestamp, exceeded_for_ms }: ThresholdEvent): number =>
  timestamp - exceeded_for_ms;

/** The message of an event, in the unit of the sensor where that is known. */
export function notification(
  sensorId: string,
  event: ThresholdEvent,
  phase: Exclude<Phase, 'EXCEEDING'>,
  known: Described,
): Notification {
  const from = event.unit ?? 'C';
  const unit = unitNamed(known.unit) ?? from;
  const inUnit = (value: number) => convertTemperature(value, from, unit);
  const facts = {
    id: `${sensorId}/${beginOf(event)}/${phase}`,
    phase,
    sensor: { id: sensorId, name: known.sensorName },
    device: { id: known.deviceId, name: known.deviceName, location: known.location },
    ...{ from: beginOf(event), until: event.timestamp, unit },
    threshold: inUnit(event.temperature_threshold),
    average: inUnit(event.average_transgression),
    maximum: inUnit(event.max_transgression),
    durationMs: event.exceeded_for_ms,
  };
  return { ...facts, text: textOf(facts) };
}

function textOf(facts: Omit<Notification, 'text'>): string {
  const { phase, sensor, device, from, until, unit } = facts;
  const degrees = (value: number) => `${Number(value.toFixed(2))} ${unit === 'K' ? 'K' : `°${unit}`}`;
  const location = device.location ? ` in ${device.location}` : '';
  const at = device.id === null ? '' : ` of ${named(device.id, device.name)}${location}`;
  const who = `${named(sensor.id, sensor.name)}${at}`;
  if (phase === 'START')
    return `START ${who}: ${degrees(facts.maximum)}, above ${degrees(facts.threshold)}, since ${moment(from)}`;
  return (
    `END ${who}: was above ${degrees(facts.threshold)} for ${duration(facts.durationMs)} until ${moment(until)}, ` +
    `average ${degrees(facts.average)}, maximum ${degrees(facts.maximum)}`
  );
}

const named = (id: string, name: string | null) => (name && name !== id ? `${name} (${id})` : id);
const moment = (ms: number) => `${new Date(ms).toISOString().replace('T', ' ').slice(0, 19)} UTC`;

/** `850 ms`, `12.5 s`, `3 min 20 s`, `2 h 5 min`. */
function duration(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  if (ms < 60_000) return `${ms / 1000} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

/** null for what is no unit of temperature. */
function unitNamed(text: string | null): TemperatureUnit | null {
  const first = /^(?:°|deg(?:rees?)?\s*)?(c|f|k)(?:elsius|ahrenheit|elvins?)?$/i.exec(
    text?.trim() ?? '',
  )?.[1];
  return first ? (first.toUpperCase() as TemperatureUnit) : null;
}
