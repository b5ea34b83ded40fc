import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { type EngineKind, engineKinds } from './engines.ts';
import { checkSiteCount, exampleTopology } from './example.ts';
import type { TopologyFile } from './file-schema.ts';
import type { ImageOverrides } from './images.ts';
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
  /** Images that go before the file's. */
  images?: ImageOverrides | undefined;
}

/**
 * The topology of a directory: its dds.yaml, else the thesis's example with two edge sites.
 * Throws DDS_TOPOLOGY_INVALID with file, line and column, DDS_TOPOLOGY_MISSING, or DDS_USAGE.
 */
export async function loadTopology(options: LoadTopologyOptions): Promise<Topology> {
  const { cwd, file, sites, engine, images } = options;
  if (!isEngine(engine)) {
    throw new DdsError(
      'DDS_USAGE',
      `there is no engine "${engine}"; this version has ${engineKinds.join(', ')}`,
      {
        hint: `Leave --engine and DDS_ENGINE away, or set them to ${engineKinds.join(' or ')}.`,
      },
    );
  }
  if (sites !== undefined) {
    checkSiteCount(sites);
    if (file !== undefined) {
      throw new DdsError('DDS_USAGE', '--sites builds an example and cannot be used with a topology file', {
        hint: `Leave one away; dds init topology --sites ${sites} writes the example as a file.`,
      });
    }
    return loadExample(sites, { cwd, engine, images });
  }
  const path = resolve(cwd, file ?? topologyFileName);
  const text = await readText(path, file);
  const place = { cwd, engine, images };
  return text === undefined ? loadExample(2, place) : topologyOf(text, path, place);
}

const isEngine = (engine: string | undefined): engine is EngineKind | undefined =>
  engine === undefined || engineKinds.some((kind) => kind === engine);

export interface Place {
  cwd: string;
  /** Of --engine: of every site that has none of its own. */
  engine?: EngineKind | undefined;
  images?: ImageOverrides | undefined;
}

function loadExample(edges: number, place: Place): Topology {
  if (place.engine === 'external') {
    throw new DdsError('DDS_USAGE', 'the engine external needs a dds.yaml that says where the clusters are', {
      hint: 'Run dds init topology, and give each site kafka and registry.',
    });
  }
  return build(exampleTopology(edges), null, place, (problem) => {
    throw new DdsError('DDS_BUG', `the built-in topology is wrong: ${problem.message}`);
  });
}

/** What the text of a dds.yaml means that is or will be at an absolute path. Throws DDS_TOPOLOGY_INVALID. */
export async function topologyOf(text: string, path: string, place: Place): Promise<Topology> {
  const shownPath = relative(place.cwd, path) || path;
  const { readTopologyText } = await import('./read-file.ts');
  const { input, problems, locate } = readTopologyText(text);
  if (!input) throw invalidTopology(shownPath, problems);
  const located: LocatedProblem[] = [];
  const topology = build(input, path, place, (problem) => located.push(locate(problem)));
  if (located.length) throw invalidTopology(shownPath, located);
  return topology;
}

function build(
  input: TopologyFile,
  file: string | null,
  { cwd, engine, images }: Place,
  add: (problem: Problem) => void,
): Topology {
  return normalise(input, {
    file,
    cwd,
    engine,
    images,
    report: (path, message, at = 'value') => add({ path, at, message }),
  });
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
