import { textMatcher } from '../../../shared/topic-pattern.ts';
import { accepted } from './accepted-differences.ts';
import type { OperationDifference } from './run.ts';

const patterns = accepted.map(({ operation, field, reason }) => ({
  name: `${operation} | ${field}`,
  reason,
  matches: (difference: OperationDifference) =>
    textMatcher([operation])(difference.operation) && textMatcher([field])(difference.field),
}));

/** Each difference with the reason for which it is accepted, and the accepted ones that were not met. */
export function explain(differences: readonly OperationDifference[]) {
  const met = new Set<string>();
  const explained = differences.map((difference) => {
    const known = patterns.find(({ matches }) => matches(difference));
    if (known) met.add(known.name);
    return { ...difference, reason: known?.reason ?? null };
  });
  return { explained, stale: patterns.map(({ name }) => name).filter((name) => !met.has(name)) };
}
