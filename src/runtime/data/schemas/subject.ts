import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';

export interface SubjectRef {
  subject: string;
  /** null: the latest one, or for a deletion all of them. */
  version: number | null;
}

/** `temperature-data-value:3` → subject and version; without a number, or with `:latest`, the version is null. */
export function parseSubject(text: string): SubjectRef {
  const match = /^(.+):(\d{1,9}|latest)$/.exec(text);
  if (!match) return { subject: text, version: null };
  return { subject: match[1]!, version: match[2] === 'latest' ? null : Number(match[2]) };
}

export function unknownSubject({ subject, version }: SubjectRef, known: readonly string[]): DdsError {
  if (known.includes(subject)) {
    return new DdsError('DDS_UNKNOWN_SUBJECT', `subject ${subject} has no version ${version}`, {
      hint: 'Run dds schemas list to see the versions of each subject.',
      details: { subject, version },
    });
  }
  const near = nearNames(subject, known);
  return new DdsError('DDS_UNKNOWN_SUBJECT', `there is no subject ${subject}`, {
    ...(near.length > 0 && { hint: `Did you mean ${near.join(' or ')}?` }),
    details: { subject, near },
  });
}
