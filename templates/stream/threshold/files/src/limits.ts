import { DdsError } from 'dds-lab/kafka';

/** In degrees Celsius. */
export interface Limits {
  threshold: number;
  /** So far below the threshold a sensor has to fall to be back: without it, noise rings the bell. */
  hysteresis: number;
}

/** Reads THRESHOLD and HYSTERESIS. */
export function readLimits(env: NodeJS.ProcessEnv = process.env): Limits {
  return {
    threshold: degrees('THRESHOLD', env.THRESHOLD ?? '{{threshold}}'),
    hysteresis: degrees('HYSTERESIS', env.HYSTERESIS ?? '0.5'),
  };
}

function degrees(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new DdsError('DDS_USAGE', `${name} is "${text}", not a number`);
}
