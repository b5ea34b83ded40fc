import { DdsError } from '../../../errors/index.ts';
import { type TemperatureUnit, temperatureUnits } from '../records/temperature-unit.ts';

export interface DetectorOptions {
  /** In `unit`. */
  threshold: number;
  unit: TemperatureUnit;
  /** How far below the threshold a temperature has to fall until the interval ends; in `unit`. */
  hysteresis: number;
  /** `every`: an event for each exceeding sample too, not only where an interval begins or ends. */
  emit: 'transitions' | 'every';
  /** Thresholds of single sensors, by id. */
  sensors: ReadonlyMap<string, number>;
  /** Thresholds of sensor types, by id; for sensors that have none of their own. */
  types: ReadonlyMap<string, number>;
}

/** What flags and environment say. */
export interface DetectorSettings {
  threshold: string;
  unit: string;
  hysteresis: string;
  emit: DetectorOptions['emit'];
  /** `boiler-1=120`, separated by commas. */
  sensors: string;
  types: string;
}

export const defaultDetector: DetectorSettings = {
  threshold: '100',
  unit: 'C',
  hysteresis: '0.5',
  emit: 'transitions',
  sensors: '',
  types: '',
};

/** Throws DDS_USAGE with the flag and the value. */
export function detectorOptions(settings: DetectorSettings): DetectorOptions {
  const hysteresis = numberOf('--hysteresis', settings.hysteresis);
  if (hysteresis < 0) throw usage(`--hysteresis ${settings.hysteresis} is negative`);
  const unit = temperatureUnits.find((one) => one === settings.unit.toUpperCase());
  if (!unit) throw usage(`--unit ${settings.unit} is none of ${temperatureUnits.join(', ')}`);
  return {
    ...{ threshold: numberOf('--threshold', settings.threshold), unit, hysteresis, emit: settings.emit },
    sensors: thresholds('--sensor-thresholds', settings.sensors),
    types: thresholds('--type-thresholds', settings.types),
  };
}

function thresholds(flag: string, text: string): Map<string, number> {
  const entries = text.split(',').filter((part) => part.trim() !== '');
  return new Map(
    entries.map((entry) => {
      const at = entry.lastIndexOf('=');
      if (at <= 0) throw usage(`${flag} ${entry} is not ID=THRESHOLD`);
      return [entry.slice(0, at).trim(), numberOf(flag, entry.slice(at + 1))];
    }),
  );
}

function numberOf(flag: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw usage(`${flag} ${text} is not a number`);
  return value;
}

const usage = (message: string) =>
  new DdsError('DDS_USAGE', message, { hint: 'See dds run detector --help.' });
