import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import { DdsError } from '../../errors/index.ts';
import { tar } from './tar.ts';

/** Three levels up both from `src/` and from `dist/`. */
const root = new URL('../../../', import.meta.url);

export interface Library {
  /** Of the archive inside a project: vendor/dds-lab-<version>-<hash of the contents>.tgz. */
  readonly path: string;
  readonly version: string;
  readonly archive: Uint8Array;
}

interface Package {
  name: string;
  version: string;
  license: string;
  engines: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
}

/**
 * What a project needs of dds as a library, packed for npm: the modules that its exports reach, and of the dependencies
 * those that these modules name. DuckDB, the terminal and the containers stay behind.
 */
export async function packLibrary(): Promise<Library> {
  const manifest = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as Package;
  const entries = Object.values(manifest.exports).filter((target) => typeof target !== 'string');
  const files = await reach(entries.flatMap(({ types, default: code }) => [types, code]));
  const all = [...files.values()].join('\n');
  const { name, version, license, engines, exports } = manifest;
  const dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([dependency]) =>
      new RegExp(`['"]${dependency}(/[^'"]*)?['"]`).test(all),
    ),
  );
  const description = 'The library of dds: stream jobs and Kafka clients in TypeScript';
  const trimmed = { name, version, description, license, type: 'module', engines, exports, dependencies };
  files.set('package.json', `${JSON.stringify(trimmed, null, 2)}\n`);
  for (const path of ['LICENSE', ...(await schemas())])
    files.set(path, await readFile(new URL(path, root), 'utf8'));
  const contents = tar(
    [...files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, text]) => [`package/${path}`, Buffer.from(text)]),
  );
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8);
  const archive = gzipSync(contents, { level: constants.Z_BEST_COMPRESSION });
  // The byte that names the operating system.
  archive[9] = 255;
  return { path: `vendor/${name}-${version}-${hash}.tgz`, version, archive };
}

/** The compiled modules and declarations that these lead to, by path inside the package. */
async function reach(entries: readonly string[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const queue = entries.map((entry) => new URL(entry, root));
  for (let url = queue.pop(); url; url = queue.pop()) {
    const path = fileURLToPath(url).slice(fileURLToPath(root).length).replaceAll('\\', '/');
    if (files.has(path)) continue;
    const text = await readModule(url, path);
    files.set(path, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
    for (const [, target = ''] of text.matchAll(/(?:from|import|import\()\s*['"](\.[^'"]+)['"]/g)) {
      const found = new URL(target, url);
      if (path.endsWith('.d.ts')) queue.push(declarationOf(found));
      else queue.push(found);
    }
  }
  return files;
}

async function readModule(url: URL, path: string): Promise<string> {
  try {
    return await readFile(url, 'utf8');
  } catch (cause) {
    const hint = existsSync(new URL('src', root)) ? { hint: 'Run npm run build.' } : {};
    throw new DdsError('DDS_FAILED', `dds is not complete: ${path} is missing`, { ...hint, cause });
  }
}

/** TypeScript leaves `./x.ts` in declarations; what is meant is beside it. */
const declarationOf = (url: URL) => new URL(url.pathname.replace(/(\.d)?\.[jt]s$/, '.d.ts'), url);

/** Read at run time by whoever asks for a record of the thesis. */
const schemas = async () => (await readdir(new URL('schemas', root))).map((name) => `schemas/${name}`);
