import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The pages that are checked, relative to the repository. */
export const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...globSync('docs/**/*.md', { cwd: root }).sort(),
];

export interface CodeBlock {
  /** `sh`, `console`, `yaml` … */
  language: string;
  text: string;
  /** Line of the page on which the text begins, from 1. */
  line: number;
}

export function readPage(page: string): string {
  return readFileSync(`${root}/${page}`, 'utf8');
}

export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { language: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^\s*```\s*(\S*)/.exec(line);
    if (fence && open) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
      open = null;
    } else if (fence) open = { language: fence[1]!, line: index + 2, lines: [] };
    else open?.lines.push(line);
  }
  if (open) throw new Error(`the code block of line ${open.line - 1} is not closed`);
  return blocks;
}

/** The page without its code, which may hold brackets that are no links. */
export function prose(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Anchors of the headings, as GitHub makes them. */
export function anchors(markdown: string): Set<string> {
  const headings = markdown.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
