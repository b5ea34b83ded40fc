import type { z } from 'zod';
import { topologyFile } from './file-schema.ts';
import { allowed } from './schema-words.ts';

/** The parts of Zod's own description of a schema that lead to the schemas inside it. */
interface Described {
  def: {
    type: string;
    innerType?: Described;
    shape?: Record<string, Described>;
    valueType?: Described;
    options?: Described[];
  };
}

const begin = '<!-- reference: node scripts/topology-page.ts renews it -->';
const end = '<!-- end of the reference -->';

/** A page with the reference between its two marks renewed. */
export function withReference(page: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from)}${begin}\n\n${topologyReference()}\n${page.slice(to)}`;
}

/** Every key of dds.yaml with what it takes, as Markdown: a table for each place that has keys. */
export function topologyReference(): string {
  return tablesOf(topologyFile as unknown as Described, '').join('\n');
}

function tablesOf(schema: Described, path: string): string[] {
  const shape = inside(schema).def.shape ?? {};
  const rows: string[] = [];
  const deeper: string[] = [];
  for (const [key, value] of Object.entries(shape)) {
    const { takes, description, optional } = wordsOf(value);
    const about = [optional ? null : 'Required.', description].filter((part) => part !== null).join(' ');
    rows.push(`| \`${key}\` | ${cell(takes)} | ${cell(about)} |`);
    const at = path === '' ? key : `${path}.${key}`;
    const type = inside(value).def;
    const entry = type.type === 'record' && type.valueType ? inside(type.valueType) : null;
    if (entry?.def.shape) deeper.push(...tablesOf(entry, `${at}.NAME`));
    else if (type.shape) deeper.push(...tablesOf(inside(value), at));
  }
  const title = path === '' ? 'At the top' : `\`${path}\``;
  return [`### ${title}\n\n| key | takes | |\n|---|---|---|\n${rows.join('\n')}\n`, ...deeper];
}

/** Without what makes it optional or nullable; of a word or a map, the map. */
function inside(schema: Described): Described {
  const { innerType, options } = schema.def;
  if (innerType) return inside(innerType);
  return options?.find(({ def }) => def.shape) ?? schema;
}

function wordsOf(schema: Described): { takes: string; description: string | null; optional: boolean } {
  let takes = '';
  let description: string | null = null;
  let optional = false;
  for (let at: Described | undefined = schema; at; at = at.def.innerType) {
    const type = at as unknown as z.ZodType;
    if (at.def.type === 'optional') optional = true;
    takes ||= allowed.get(type)?.allowed ?? '';
    description ??= type.meta()?.description ?? null;
  }
  // The keys have a table of their own.
  return { takes: takes.replace(/ \([^)]*, [^)]*\)$/, ''), description, optional };
}

const cell = (text: string) => text.replaceAll('|', '\\|');
