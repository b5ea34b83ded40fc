import { DdsError } from 'dds-lab/kafka';

export interface Options {
  sensors: number;
  intervalMs: number;
}

/** Reads SENSORS and INTERVAL_MS. */
export function readOptions(env: NodeJS.ProcessEnv = process.env): Options {
  return {
    sensors: positive('SENSORS', env.SENSORS ?? '3'),
    intervalMs: positive('INTERVAL_MS', env.INTERVAL_MS ?? '1000'),
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new DdsError('DDS_USAGE', `${name} is "${text}", not a whole number above 0`);
}
