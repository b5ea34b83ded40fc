/** Who has to act: the person at the keyboard, the machine around us, or the authors of dds. */
export type ErrorKind = 'user' | 'environment' | 'bug';

export interface ErrorEntry {
  readonly kind: ErrorKind;
  /** Process exit code: 1 failed, 2 usage, 3 missing or unreachable, 4 target missed, 5 undecodable. */
  readonly exitCode: 1 | 2 | 3 | 4 | 5;
  /** True when the same call may succeed later without anything being changed. */
  readonly retriable: boolean;
  /** One line for docs/errors.md: when it happens. */
  readonly when: string;
  /** What to type or change next; a thrower may give a more exact one. */
  readonly hint: string;
}
