import { DdsError } from '../../../errors/index.ts';
import type { HoldReason } from './types.ts';

/** What a broker says of a record that it will never take, whoever sends it. */
const poison: ReadonlySet<unknown> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
]);

/** Why the target refused records, when it is about them or their topic; null for trouble of another kind. */
export function refusalOf(error: unknown): { reason: HoldReason; isPoison: boolean } | null {
  if (!(error instanceof DdsError)) return null;
  if (error.code === 'DDS_NOT_ALLOWED') return { reason: 'not-allowed', isPoison: false };
  return poison.has(error.details?.kafka) ? { reason: 'record-rejected', isPoison: true } : null;
}
