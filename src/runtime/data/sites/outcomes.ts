import { DdsError, type DdsErrorBody } from '../../../errors/index.ts';

/** What came of one site: its result, or why it has none. */
export type SiteOutcome<T> = { site: string } & (T | { error: DdsErrorBody });

/** The first site's failure, as the error that the command ends with. */
export function firstFailure(outcomes: readonly SiteOutcome<object>[]): DdsError | null {
  for (const outcome of outcomes) if ('error' in outcome) return DdsError.fromBody(outcome.error);
  return null;
}

/** The sites that gave a result. */
export function succeeded<T extends object>(outcomes: readonly SiteOutcome<T>[]): ({ site: string } & T)[] {
  return outcomes.filter((outcome): outcome is { site: string } & T => !('error' in outcome));
}

/** Messages of the sites that gave none, but for the first, which the command ends with. */
export function furtherFailures(outcomes: readonly SiteOutcome<object>[]): string[] {
  return outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error.message] : [])).slice(1);
}
