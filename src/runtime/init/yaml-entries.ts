import { isDeepStrictEqual } from 'node:util';
import { Document, isMap, isNode, parseDocument, visit } from 'yaml';

/** Where a new entry goes: `jobs`, its name, its value. */
export interface YamlEntry {
  section: string;
  name: string;
  value: Readonly<Record<string, unknown>>;
}

/**
 * The text with an entry more. Everything else stays as it was written, comments and blanks included; where a section
 * is written in a way that lines cannot be added to, such as `{ a: … }`, the document is printed anew, with its comments.
 */
export function addEntry(text: string, entry: YamlEntry): string {
  const { section, name, value } = entry;
  const document = parseDocument(text);
  const at = document.hasIn([section]) && document.getIn([section]) !== null ? [section, name] : [section];
  document.setIn(at, document.createNode(at.length === 2 ? value : { [name]: value }));
  const wanted: unknown = document.toJS();
  const inserted = insertLines(text, entry);
  if (inserted !== null) {
    const parsed = parseDocument(inserted);
    if (parsed.errors.length === 0 && isDeepStrictEqual(parsed.toJS(), wanted)) return inserted;
  }
  return document.toString({ lineWidth: 0 });
}

/** Null where it is not a matter of lines. */
function insertLines(text: string, { section, name, value }: YamlEntry): string | null {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return null;
  const pair = contents.items.find(({ key }) => String(key) === section);
  if (!pair) return `${text.trimEnd()}\n\n${print({ [section]: { [name]: value } })}`;
  const { key, value: entries } = pair;
  if (!isMap(entries))
    return isNode(key) ? insertAfter(text, key.range![1], print({ [name]: value }), '  ') : null;
  const [first] = entries.items;
  const last = entries.items.at(-1);
  if (!first || !last || !isNode(first.key) || entries.flow) return null;
  const start = first.key.range![0];
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start);
  return insertAfter(text, endOf(last), print({ [name]: value }), indent);
}

function insertAfter(text: string, offset: number, lines: string, indent: string): string {
  // A block scalar ends behind its line break.
  const end = text.indexOf('\n', text[offset - 1] === '\n' ? offset - 1 : offset);
  const [before, after] = end < 0 ? [`${text}\n`, ''] : [text.slice(0, end + 1), text.slice(end + 1)];
  return before + lines.replace(/^(?=.)/gm, indent) + after;
}

/** Behind the last thing of an entry; null values have no length of their own. */
function endOf({ key, value }: { key: unknown; value: unknown }): number {
  if (isMap(value) && !value.flow && value.items.length > 0) return endOf(value.items.at(-1)!);
  if (isNode(value) && value.range && value.range[1] > value.range[0]) return value.range[1];
  return isNode(key) ? key.range![1] : 0;
}

/** Lists on one line each, as people write them. */
function print(value: Readonly<Record<string, unknown>>): string {
  const document = new Document(value);
  visit(document, {
    Seq(_key, node) {
      node.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}
