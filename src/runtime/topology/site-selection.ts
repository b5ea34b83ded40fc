import { nearNames } from '../../shared/near-names.ts';
import { isTopicPattern, topicMatcher } from '../../shared/topic-pattern.ts';
import type { Report, YamlPath } from './problems.ts';

/** Sites in the topology's order. Names that do not exist are reported, patterns that match nothing too. */
export function selectSites(
  selection: string | readonly string[],
  names: readonly string[],
  path: YamlPath,
  report: Report,
): string[] {
  const parts = typeof selection === 'string' ? [selection] : selection;
  const chosen = new Set<string>();
  for (const [i, part] of parts.entries()) {
    const matches =
      part === 'all' ? names : isTopicPattern(part) ? names.filter(topicMatcher([part])) : [part];
    const at = typeof selection === 'string' ? path : [...path, i];
    if (matches.length === 0) report(at, `no site matches ${part}; there are ${names.join(', ')}`);
    for (const match of matches) if (knownSite(match, names, at, report)) chosen.add(match);
  }
  return names.filter((name) => chosen.has(name));
}

export function knownSite(site: string, names: readonly string[], path: YamlPath, report: Report): boolean {
  if (names.includes(site)) return true;
  const [guess] = nearNames(site, names, 1);
  report(
    path,
    `there is no site "${site}"; ${guess ? `did you mean "${guess}"? ` : ''}there are ${names.join(', ')}`,
  );
  return false;
}
