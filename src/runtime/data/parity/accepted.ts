import { textMatcher } from '../../../shared/topic-pattern.ts';
import type { AcceptedDifference } from './accepted-difference.ts';
import { accepted } from './accepted-differences.ts';
import type { OperationDifference } from './run.ts';

const patterns = accepted.map((each) => ({
  ...each,
  name: `${each.operation} | ${each.field}`,
  matches: matcherOf(each),
}));

function matcherOf({ operation, field, isOursAlone }: AcceptedDifference) {
  const [isOperation, isField] = [textMatcher([operation]), textMatcher([field])];
  const nothing: unknown[] = [null, ''];
  return (difference: OperationDifference) =>
    isOperation(difference.operation) &&
    isField(difference.field) &&
    (!isOursAlone || nothing.includes(difference.other));
}

/** Each difference with the reason for which it is accepted, and the accepted ones that were not met. */
export function explain(differences: readonly OperationDifference[], isAtSites = false) {
  const known = patterns.filter((pattern) => isAtSites || !pattern.isAtSites);
  const met = new Set<string>();
  const explained = differences.map((difference) => {
    const found = known.find(({ matches }) => matches(difference));
    if (found) met.add(found.name);
    return { ...difference, reason: found?.reason ?? null };
  });
  const stale = known.filter(({ name, isByChance }) => !isByChance && !met.has(name)).map(({ name }) => name);
  return { explained, stale };
}
