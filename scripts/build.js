// Compiles src/ to dist/, joins the programs there into few files, and writes the oclif manifest, so that `dds --help` loads no command.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const major = Number(process.versions.node.split('.')[0]);
if (major < 22) {
  process.stderr.write(`The build needs Node.js 22.22 or newer, this is ${process.versions.node}.\n`);
  process.exit(1);
}
for (const old of ['dist', 'oclif.manifest.json']) rmSync(old, { recursive: true, force: true });

const tsc = fileURLToPath(new URL('../node_modules/typescript/bin/tsc', import.meta.url));
const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

const { bundle } = await import('./bundle.js');
await bundle();

const { Plugin } = await import('@oclif/core/config');
const plugin = new Plugin({ root, type: 'core', ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
writeFileSync('oclif.manifest.json', JSON.stringify(plugin.manifest));
