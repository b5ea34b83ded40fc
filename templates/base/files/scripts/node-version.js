// Comes before what runs TypeScript: a Node that is too old calls types mistakes, and does not say what is wrong.
import { readFileSync } from 'node:fs';

const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
const { name, engines } = JSON.parse(manifest);
const wanted = engines.node.replace('>=', '');
if (process.versions.node.localeCompare(wanted, 'en', { numeric: true }) < 0) {
  console.error(`${name} needs Node ${wanted} or newer; this is ${process.versions.node}`);
  process.exitCode = 1;
}
