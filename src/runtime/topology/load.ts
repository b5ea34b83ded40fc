import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { checkSiteCount, exampleTopology } from './example.ts';
import type { TopologyFile } from './file-schema.ts';
import { normalise } from './normalise.ts';
import { invalidTopology, type LocatedProblem, type Problem } from './problems.ts';
import type { Topology } from './types.ts';

export const topologyFileName = 'dds.yaml';

export interface LoadTopologyOptions {
  cwd: string;
  /** Path of the file; without one, dds.yaml in cwd. */
  file?: string | undefined;
  /** Takes the built-in example with so many edge sites, whatever files there are. */
  sites?: number | undefined;
  /** Overrides the file's engine. */
  engine?: string | undefined;
}

/**
 * The topology of a directory: its dds.yaml, else the thesis's example with two edge sites.
 * Throws DDS_TOPOLOGY_INVALID with file, line and column, DDS_TOPOLOGY_MISSING, or DDS_USAGE.
 */
export async function loadTopology({ cwd, file, sites, engine }: LoadTopologyOptions): Promise<Topology> {
  if (engine !== undefined && engine !== 'embedded') {
    throw new DdsError('DDS_USAGE', `there is no engine "${engine}"; this version has embedded`, {
      hint: 'Leave --engine and DDS_ENGINE away, or set them to embedded.',
    });
  }
  if (sites !== undefined) {
    checkSiteCount(sites);
    if (file !== undefined) {
      throw new DdsError('DDS_USAGE', '--sites builds an example and cannot be used with a topology file', {
        hint: `Leave one away; dds init topology --sites ${sites} writes the example as a file.`,
      });
    }
    return loadExample(cwd, sites);
  }
  const path = resolve(cwd, file ?? topologyFileName);
  const text = await readText(path, file);
  return text === undefined ? loadExample(cwd, 2) : topologyOf(text, path, cwd);
}

function loadExample(cwd: string, edges: number): Topology {
  return build(exampleTopology(edges), null, cwd, (problem) => {
    throw new DdsError('DDS_BUG', `the built-in topology is wrong: ${problem.message}`);
  });
}

/** What the text of a dds.yaml means that is or will be at an absolute path. Throws DDS_TOPOLOGY_INVALID. */
export async function topologyOf(text: string, path: string, cwd: string): Promise<Topology> {
  const shownPath = relative(cwd, path) || path;
  const { readTopologyText } = await import('./read-file.ts');
  const { input, problems, locate } = readTopologyText(text);
  if (!input) throw invalidTopology(shownPath, problems);
  const located: LocatedProblem[] = [];
  const topology = build(input, path, cwd, (problem) => located.push(locate(problem)));
  if (located.length) throw invalidTopology(shownPath, located);
  return topology;
}

function build(
  input: TopologyFile,
  file: string | null,
  cwd: string,
  add: (problem: Problem) => void,
): Topology {
  return normalise(input, { file, cwd, report: (path, message, at = 'value') => add({ path, at, message }) });
}

/** Undefined when the file is not there and nobody asked for it by name. */
async function readText(path: string, named: string | undefined): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing && named === undefined) return undefined;
    if (missing) throw new DdsError('DDS_TOPOLOGY_MISSING', `there is no file ${named}`, { cause });
    throw new DdsError('DDS_FILE_UNREADABLE', `${path} cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
