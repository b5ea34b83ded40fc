import { DdsError } from '../../../errors/index.ts';
import { parseTime } from '../../../shared/parse-time.ts';
import type { FaultAction, FaultRule } from '../../broker/index.ts';

/** A fault as flags give it. */
export interface FaultFlags {
  api?: string | undefined;
  topic?: string | undefined;
  partition?: number | undefined;
  client?: string | undefined;
  nth?: number | undefined;
  probability?: string | undefined;
  seed?: number | undefined;
  times?: number | undefined;
  delay?: string | undefined;
  error?: string | undefined;
  drop?: 'request' | 'answer' | undefined;
}

/** Throws DDS_USAGE without an action, and for a share or a time that is none. */
export function faultRule({ delay, error, drop, probability, ...flags }: FaultFlags): FaultRule {
  const { api, topic, partition, client, nth, seed, times } = flags;
  const conditions = { api, topic, partition, client, nth, seed, times };
  return {
    ...Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== undefined)),
    ...(probability !== undefined && { probability: shareOf(probability) }),
    action: actionOf(delay, error, drop),
  };
}

function actionOf(
  delay: string | undefined,
  error: string | undefined,
  drop: 'request' | 'answer' | undefined,
): FaultAction {
  if (delay !== undefined) return { kind: 'delay', ms: parseTime(delay, '--delay') };
  // The broker knows which errors there are.
  if (error !== undefined) return { kind: 'error', error: error.toUpperCase() } as FaultAction;
  if (drop !== undefined) return { kind: 'drop', when: drop };
  throw new DdsError('DDS_USAGE', 'a fault needs --delay, --error or --drop', {
    hint: 'For example --delay 200ms.',
  });
}

function shareOf(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text.trim()) ?? [];
  const share = Number(number) / (percent ? 100 : 1);
  if (share > 0 && share <= 1) return share;
  throw new DdsError('DDS_USAGE', `--probability ${text} is not a share`, {
    hint: 'Write it like 10% or 0.1.',
  });
}
