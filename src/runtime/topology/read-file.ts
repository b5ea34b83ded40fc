import { type Document, isMap, isNode, isPair, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import type { z } from 'zod';
import { withoutUserInfo } from '../../shared/without-user-info.ts';
import { type TopologyFile, topologyFile } from './file-schema.ts';
import type { LocatedProblem, Problem, YamlPath } from './problems.ts';
import { allowed, secretWords } from './schema-words.ts';

export interface ReadYaml<T> {
  /** Undefined when there are problems. */
  input: T | undefined;
  problems: LocatedProblem[];
  locate(problem: Problem): LocatedProblem;
}

/** Reads the text of a dds.yaml and checks its shape; what names refer to is checked later. */
export const readTopologyText = (text: string) => readYaml<TopologyFile>(text, topologyFile);

/** Reads YAML or JSON and checks its shape. */
export function readYaml<T>(text: string, schema: z.ZodType): ReadYaml<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const locate = ({ path, at: part, message }: Problem) => ({
    ...at(offsetOf(document, path, part)),
    message,
  });
  // One slip of the pen leads the parser to several complaints; the first is the true one.
  const syntax = document.errors.slice(0, 1).map(({ code, pos, message }) => {
    const offset = pos[0] + /^(?:\s|#.*\n)*/.exec(text.slice(pos[0]))![0].length;
    if (code === 'DUPLICATE_KEY') return { ...at(offset), message: duplicateKey(text, offset) };
    if (code === 'MULTIPLE_DOCS') return { ...at(pos[0]), message: 'found a second document, expected one' };
    return { ...at(pos[0]), message: firstLine(message) };
  });
  if (syntax.length) return { input: undefined, problems: syntax, locate };
  // Anchors that expand without end throw here.
  let value: unknown;
  try {
    value = document.toJS();
  } catch (error) {
    return {
      input: undefined,
      problems: [{ line: 1, column: 1, message: (error as Error).message }],
      locate,
    };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { input: parsed.data as T, problems: [], locate };
  const problems = parsed.error.issues.map((issue) => locate(describe(issue, value, schema)));
  return { input: undefined, problems, locate };
}

const firstLine = (text: string) => text.split('\n')[0]!.replace(/:$/, '');

function duplicateKey(text: string, offset: number): string {
  const key = /^[^\s:]+/.exec(text.slice(offset))?.[0] ?? '';
  return `"${key}" is there twice; every name may be used once`;
}

function describe(issue: z.core.$ZodIssue, root: unknown, schema: z.ZodType): Problem {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code === 'unrecognized_keys') {
    return { path: [...path, issue.keys[0] ?? ''], at: 'key', message: issue.message };
  }
  const last = path.at(-1);
  if (issue.code === 'invalid_key') {
    const words = allowedAt(schema, path.slice(0, -1), 'key');
    return { path, at: 'key', message: `"${last}" is not allowed here; expected ${words}` };
  }
  const found = valueAt(root, path);
  if (issue.code === 'invalid_union' && typeof found === 'object') {
    // One of the two is a word, the other a map: what is wrong inside the map says more.
    const inside = issue.errors.find(
      ([first]) => first && (first.path.length > 0 || first.code === 'unrecognized_keys'),
    );
    if (inside) return describe({ ...inside[0]!, path: [...issue.path, ...inside[0]!.path] }, root, schema);
  }
  const words = allowedAt(schema, path, 'value');
  if (found === undefined) {
    return { path: path.slice(0, -1), at: 'key', message: `"${last}" is missing; expected ${words}` };
  }
  return {
    path,
    at: 'value',
    message: `${last === undefined ? '' : `${last}: `}found ${words === secretWords ? 'a value' : show(found)}, expected ${words}`,
  };
}

function valueAt(root: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Record<string | number, unknown> | null | undefined)?.[step],
    root,
  );
}

function show(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  const text = withoutUserInfo(JSON.stringify(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** What the schema says may stand at a path; for a map, what its keys may be. */
function allowedAt(root: z.ZodType, path: YamlPath, of: 'key' | 'value'): string {
  let schema: Wrapper | undefined = root as unknown as Wrapper;
  let words = '';
  const enter = (next: Wrapper | undefined) => {
    for (schema = next; schema; schema = schema.def.innerType) {
      words = allowed.get(schema as unknown as z.ZodType)?.allowed ?? words;
      if (!schema.def.innerType) return;
    }
  };
  enter(schema);
  for (const step of path) {
    const map: Wrapper | undefined = schema?.def.options?.find(({ def }) => def.shape) ?? schema;
    enter(map?.def.shape?.[step] ?? map?.def.valueType ?? map?.def.element);
  }
  if (of === 'key') enter(schema?.def.keyType);
  return words;
}

/** The parts of Zod's own description of a schema that lead to the schemas inside it. */
interface Wrapper {
  def: {
    innerType?: Wrapper;
    shape?: Record<string | number, Wrapper>;
    keyType?: Wrapper;
    valueType?: Wrapper;
    element?: Wrapper;
    options?: Wrapper[];
  };
}

/** Offset in the text of what a path leads to; of the nearest thing around it where it leads nowhere. */
function offsetOf(document: Document, path: YamlPath, part: Problem['at']): number {
  for (let length = path.length; length > 0; length--) {
    const pair = pairAt(document, path.slice(0, length));
    const exact = length === path.length;
    const node = pair && (exact && part === 'value' && hasRange(pair.value) ? pair.value : pair.key);
    if (hasRange(node)) return node.range[0];
    const item = document.getIn(path.slice(0, length), true);
    if (hasRange(item)) return item.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function pairAt(document: Document, path: YamlPath): Pair | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (!isMap(parent)) return undefined;
  return parent.items.find(
    (item) => isPair(item) && String((item.key as { value?: unknown }).value) === String(path.at(-1)),
  );
}

function hasRange(node: unknown): node is Node & { range: [number, number, number] } {
  return isNode(node) && !!node.range;
}
