import { DdsError } from 'dds-lab/kafka';

export interface Window {
  sizeMs: number;
  /** A window takes readings that come so late, and is told after that. */
  graceMs: number;
}

/** Reads WINDOW_SECONDS and GRACE_SECONDS. */
export function readWindow(env: NodeJS.ProcessEnv = process.env): Window {
  return {
    sizeMs: 1000 * seconds('WINDOW_SECONDS', env.WINDOW_SECONDS ?? '{{seconds}}', 1),
    graceMs: 1000 * seconds('GRACE_SECONDS', env.GRACE_SECONDS ?? '2', 0),
  };
}

function seconds(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least) return value;
  throw new DdsError('DDS_USAGE', `${name} is "${text}", not a whole number from ${least}`);
}
