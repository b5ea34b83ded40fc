import { DdsError } from '../../errors/index.ts';

export type YamlPath = readonly (string | number)[];

/** One thing that is wrong with a file, and where. */
export interface Problem {
  path: YamlPath;
  /** Whether the key at the path is meant, or its value. */
  at: 'key' | 'value';
  message: string;
}

/** Collects problems, so that all of them can be told at once. */
export type Report = (path: YamlPath, message: string, at?: Problem['at']) => void;

export interface LocatedProblem {
  line: number;
  column: number;
  message: string;
}

/** The first problem as the error's one line; all of them in the details. `help`: what shows how such a file is written. */
export function invalidTopology(
  shownFile: string,
  problems: readonly LocatedProblem[],
  help = 'dds init topology writes a working example',
): DdsError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const first = sorted[0]!;
  const more = sorted.length - 1;
  const where = `${shownFile}:${first.line}:${first.column}`;
  return new DdsError('DDS_TOPOLOGY_INVALID', `${where}: ${first.message}`, {
    hint: more
      ? `Correct it there; ${more} more after it: ${sorted
          .slice(1, 4)
          .map(({ line, column, message }) => `${line}:${column} ${message}`)
          .join('; ')}${more > 3 ? '; …' : ''}`
      : `Correct it there; ${help}.`,
    details: { file: shownFile, line: first.line, column: first.column, problems: sorted },
  });
}
