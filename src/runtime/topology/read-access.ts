import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { SiteAccess } from '../../shared/access.ts';
import { type AccessFile, accessFile } from './access-schema.ts';
import { normaliseAccess } from './cluster.ts';
import { invalidTopology, type LocatedProblem, type Report } from './problems.ts';
import { readYaml } from './read-file.ts';

const help = 'docs/external.md has an example';

/** How to get into the clusters of sites, by their names. */
export type AccessBySite = Readonly<Record<string, SiteAccess>>;

/**
 * What `--access` or DDS_ACCESS says: the path of a file in YAML or JSON, or the JSON itself, as `dds up` passes it on.
 * Throws DDS_TOPOLOGY_INVALID with the place, DDS_FILE_UNREADABLE.
 */
export async function readAccess(given: string | undefined, cwd: string): Promise<AccessBySite> {
  if (given === undefined || given.trim() === '') return {};
  const isInline = given.trimStart().startsWith('{');
  const path = resolve(cwd, isInline ? '.' : given);
  const text = isInline ? given : await read(path, given);
  const { input, problems, locate } = readYaml<AccessFile>(text, accessFile);
  const shown = isInline ? '--access' : relative(cwd, path) || path;
  if (!input) throw invalidTopology(shown, problems, help);
  const located: LocatedProblem[] = [];
  const directory = isInline ? cwd : dirname(path);
  const report: Report = (at, message, part = 'value') =>
    located.push(locate({ path: at, at: part, message }));
  const bySite = Object.entries(input).map(([site, access]) => [
    site,
    normaliseAccess(access, [site], directory, report),
  ]);
  if (located.length > 0) throw invalidTopology(shown, located, help);
  return Object.fromEntries(bySite) as AccessBySite;
}

async function read(path: string, named: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new DdsError(
      'DDS_FILE_UNREADABLE',
      missing ? `there is no file ${named}` : `${named} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
}
