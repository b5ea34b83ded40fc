import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes files below a directory, by path. */
export function writeTree(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

/** All files below a directory, by path, but for what git and npm keep there. */
export function readTree(directory: string): Record<string, string> {
  const paths = (readdirSync(directory, { recursive: true }) as string[]).filter(
    (path) => !/(^|\/)(\.git|node_modules)(\/|$)/.test(path) && statSync(join(directory, path)).isFile(),
  );
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(directory, path), 'utf8')]));
}

/** Everything in a directory by name, hidden things too: what a command may have left behind. */
export const everything = (directory: string): string[] =>
  existsSync(directory) ? (readdirSync(directory, { recursive: true }) as string[]).sort() : [];

/** A template of a stream that asks one thing. */
export const smallTemplate = {
  'template.yaml': `name: small
kind: stream
description: As little as there can be
questions:
  - { name: limit, description: Values above it are told, default: '100', pattern: '\\d+', expects: a number }
  - { name: unit, description: Unit of the limit, default: C, choices: [C, F] }
job:
  sites: edge-*
  command: [node, src/main.js]
  env: { LIMIT: '{{limit}}' }
  topics:
    '{{name}}-output': { partitions: 2, schema: schemas/alert.avsc }
next: [dds up, 'dds tail {{name}}-output']
`,
  'files/_package.json': `{
  "name": "{{name}}",
  "type": "module",
  "scripts": {
    "start": "node src/main.js"
  },
  "dependencies": {
    "dds-lab": "{{library}}"
  }
}
`,
  'files/_gitignore': 'node_modules/\n',
  'files/README.md':
    '# {{name}}\n\nTells values above {{limit}} °{{unit}}.\n\nStart it:\n\n    {{pm.run}} start\n',
  'files/src/main.js':
    "console.log('{{name}}', process.env.LIMIT ?? {{limit}});\nsetInterval(() => {}, 1000);\n",
  'files/schemas/alert.avsc': '{ "type": "record", "name": "{{Name}}Alert", "fields": [] }\n',
};

/** Writes a program to a directory that can stand in PATH. */
export function writeProgram(directory: string, name: string, script: string): void {
  writeTree(directory, { [name]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(directory, name), 0o755);
}
