import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { splitCommand } from '../../src/runtime/topology/split-command.ts';
import { codeBlocks, pages, readPage, root } from './markdown.ts';

interface Manifest {
  commands: Record<
    string,
    {
      args: Record<string, { multiple?: boolean }>;
      flags: Record<string, { char?: string; allowNo?: boolean; type: string; options?: string[] }>;
      strict: boolean;
    }
  >;
}

const manifest = JSON.parse(readFileSync(`${root}/oclif.manifest.json`, 'utf8')) as Manifest;
const checked = pages.filter((page) => page === 'README.md' || /^docs\/[^/]+\.md$/.test(page));

describe('every dds command in the documentation exists, with its flags', () => {
  test.each(checked)('%s', (page) => {
    expect(problemsOf(readPage(page))).toEqual([]);
  });

  test('the pages have commands at all', () => {
    expect(checked.flatMap((page) => ddsCommands(readPage(page))).length).toBeGreaterThan(30);
  });

  test.each([
    ['dds upp --sites 2', 'there is no command dds upp'],
    ['npx dds up --sitez 2', 'dds up has no flag --sitez'],
    ['seq 3 | dds tail -x | head', 'dds tail has no flag -x'],
    ['dds up --ports many', 'dds up --ports does not take many'],
    ['dds status extra', 'dds status takes 0 arguments, not 1'],
    ["dds query 'SELECT 1", 'a quote is not closed'],
  ])('%s is found', (line, problem) => {
    expect(problemsOf(`\`\`\`sh\n${line}\n\`\`\``)).toEqual([expect.stringContaining(problem)]);
  });
});

/** Problems of a page, each with its command. */
function problemsOf(markdown: string): string[] {
  return ddsCommands(markdown).flatMap((words) => {
    const problem = words === null ? 'a quote is not closed' : problemOf(words.slice(1));
    return problem ? [`${words?.join(' ') ?? ''}: ${problem}`] : [];
  });
}

/** The words of each dds command in sh and console blocks, and of what a block of output shows behind a `$`. */
function ddsCommands(markdown: string): (string[] | null)[] {
  return codeBlocks(markdown).flatMap(({ language, text }) => {
    const isShell = language === 'sh';
    if (!isShell && language !== 'console' && language !== '') return [];
    const lines = text.replaceAll('\\\n', ' ').split('\n');
    const typed = isShell
      ? lines
      : lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
    return typed.flatMap(commandsOf).filter((words) => words === null || words[0] === 'dds');
  });
}

/** `a | npx dds b && c # d` → [a], [dds b], [c] as words; null where a quote is open. */
function commandsOf(line: string): (string[] | null)[] {
  const words = splitCommand(line.replace(/([|&;]+)(?=(?:[^'"]|'[^']*'|"[^"]*")*$)/g, ' $1 '));
  if (words === null) return /\bdds\b/.test(line) ? [null] : [];
  const commands: string[][] = [[]];
  for (const word of words) {
    if (word.startsWith('#')) break;
    if (/^[|&;]+$/.test(word)) commands.push([]);
    else if (!(word === 'npx' && commands.at(-1)!.length === 0)) commands.at(-1)!.push(word);
  }
  return commands.filter((command) => command.length > 0);
}

function problemOf(words: readonly string[]): string | null {
  // What stands behind -- is another program's.
  const end = words.findIndex((word) => /^[<>]|^--$/.test(word));
  const given = end < 0 ? words : words.slice(0, end);
  if (given.length === 1 && /^--(help|version)$/.test(given[0]!)) return null;
  const length = [2, 1].find((count) => given.slice(0, count).join(':') in manifest.commands);
  if (!length) return `there is no command dds ${given[0]}`;
  const id = given.slice(0, length).join(':');
  const command = manifest.commands[id]!;
  const name = `dds ${id.replaceAll(':', ' ')}`;
  let args = 0;
  for (let i = length; i < given.length; i++) {
    const word = given[i]!;
    if (!/^-{1,2}[a-z]/i.test(word)) {
      args++;
      continue;
    }
    const [shown = '', attached] = word.split(/=(.*)/s);
    const flag = Object.entries(command.flags).find(
      ([key, { char, allowNo }]) =>
        shown === `--${key}` || shown === `-${char}` || (allowNo && shown === `--no-${key}`),
    )?.[1];
    if (!flag) return `${name} has no flag ${shown}`;
    if (flag.type !== 'option') continue;
    const value = attached ?? given[++i];
    if (value === undefined) return `${name} ${shown} needs a value`;
    if (flag.options && !flag.options.includes(value)) return `${name} ${shown} does not take ${value}`;
  }
  const allowed = Object.values(command.args);
  const isOpen = !command.strict || allowed.some(({ multiple }) => multiple);
  return isOpen || args <= allowed.length ? null : `${name} takes ${allowed.length} arguments, not ${args}`;
}
