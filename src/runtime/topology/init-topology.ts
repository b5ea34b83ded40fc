import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DdsError } from '../../errors/index.ts';
import { checkSiteCount } from './example.ts';
import { topologyFileName } from './load.ts';

/** These are three levels up both from `src/` and from `dist/`. */
const template = new URL('../../../templates/topology/dds.yaml', import.meta.url);
const jsonSchema = fileURLToPath(new URL('../../../docs/dds.schema.json', import.meta.url));

export interface InitTopologyOptions {
  cwd: string;
  /** Default dds.yaml. */
  file?: string | undefined;
  /** Number of edge sites. Default 2. */
  sites?: number | undefined;
  /** Overwrites a file that is there. */
  force?: boolean | undefined;
}

export interface InitTopologyResult {
  /** Absolute path of what was written. */
  file: string;
  sites: string[];
}

/** Writes the thesis's example as a commented dds.yaml. Throws DDS_FILE_EXISTS, DDS_USAGE, DDS_FILE_UNREADABLE. */
export async function initTopology(options: InitTopologyOptions): Promise<InitTopologyResult> {
  const { cwd, file = topologyFileName, sites = 2, force = false } = options;
  checkSiteCount(sites);
  const path = resolve(cwd, file);
  const edges = Array.from({ length: sites }, (_, i) => `edge-${i + 1}`);
  const text = (await readFile(template, 'utf8'))
    .replace('{{schema}}', () => schemaSeenFrom(dirname(path)))
    .replace('{{edges}}', edges.map((name) => `  ${name}:`).join('\n'));
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') {
      throw new DdsError('DDS_FILE_EXISTS', `${file} is there already`, { cause });
    }
    throw new DdsError('DDS_FILE_UNREADABLE', `${file} cannot be written: ${(cause as Error).message}`, {
      cause,
    });
  }
  return { file: path, sites: [...edges, 'central'] };
}

/** Relative when dds is installed below the file, so that the line holds on other machines too. */
function schemaSeenFrom(directory: string): string {
  const path = relative(directory, jsonSchema);
  return path.startsWith('..') || isAbsolute(path) ? jsonSchema : `./${path.replaceAll('\\', '/')}`;
}
