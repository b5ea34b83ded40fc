// Joins each program of dds with the modules it loads, those of its dependencies too: to find and open some 500 files
// costs a process more than to run them. The other files of dist/ stay as they are, for who imports dds-lab as a library.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { rolldown } from 'rolldown';

const programs = [
  'cli/start.ts',
  ...globSync('commands/**/*.ts', { cwd: 'src' }),
  'runtime/stack/supervisor-entry.ts',
  'runtime/engines/embedded-site.ts',
  'runtime/engines/docker/docker-site.ts',
];

/** What brings binaries, is large and seldom loaded, or is not there. */
const apart =
  /^(@duckdb\/node-bindings|snappy|lz4-napi|testcontainers|cassandra-driver|typescript|react-devtools-core)($|\/)/;

/** A module may end up in any file; what it finds beside itself stays where it is. */
const places = {
  name: 'places',
  transform: {
    filter: { id: /\/src\/.*\.tsx?$/, code: 'import.meta.url' },
    handler(code, id) {
      const compiled = `dist/${relative('src', id).replace(/tsx?$/, 'js')}`;
      return {
        code: code.replaceAll('import.meta.url', `new URL('${compiled}', packageRoot$).href`),
        map: null,
      };
    },
  },
  renderChunk(code, { fileName }) {
    if (!code.includes('packageRoot$')) return null;
    const root = `new URL('${'../'.repeat(fileName.split('/').length)}', import.meta.url)`;
    return { code: code.replaceAll('packageRoot$', root), map: null };
  },
};

/** To import these reads all they export, also what they would load on demand: undici with node:http, for 50 ms. */
const builtins = {
  name: 'builtins',
  resolveId: {
    filter: { id: /^(node:)?(http|https|crypto)$/ },
    handler: (id, _importer, { kind }) => (kind === 'require-call' ? null : `\0${id.replace('node:', '')}`),
  },
  load: {
    filter: { id: /^\0(http|https|crypto)$/ },
    handler(id) {
      const name = `node:${id.slice(1)}`;
      const exported = Object.getOwnPropertyDescriptors(process.getBuiltinModule(name));
      const constants = Object.keys(exported).filter((key) => 'value' in exported[key]);
      return `const builtin = process.getBuiltinModule('${name}');
        ${constants.map((key) => `export const ${key} = builtin.${key};`).join('\n')}
        export default builtin;`;
    },
  },
};

export async function bundle() {
  const programsJoined = await rolldown({
    input: Object.fromEntries(programs.map((path) => [path.replace(/\.ts$/, ''), `src/${path}`])),
    platform: 'node',
    external: apart,
    plugins: [places, builtins],
    checks: { eval: false },
  });
  const { output } = await programsJoined.write({
    dir: 'dist',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  writeFileSync('dist/chunks/LICENSES.txt', licences(output.flatMap(({ moduleIds = [] }) => moduleIds)));
}

/** The licences ask to be passed on with the code. */
function licences(moduleIds) {
  const folders = new Set(moduleIds.map((id) => /^.*\/node_modules\/(@[^/]+\/)?[^/]+/.exec(id)?.[0]));
  folders.delete(undefined);
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const [file] = globSync('{licen[cs]e,LICEN[CS]E,License,copying,COPYING}*', { cwd: folder });
    return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, 'utf8') : ''}`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n`);
}
