import { type ColumnKind, columnKind } from './column-kind.ts';

/** One field of a topic's records, in the order of the schema. */
export interface RecordField {
  name: string;
  kind: ColumnKind;
}

export interface RecordSchema {
  fields: RecordField[];
  /** False when the schema is not a record: then the one field is called `value` and is the value itself. */
  isRecord: boolean;
}

/** The fields of an Avro schema (JSON text), each with what it holds. */
export function recordSchema(schemaText: string, references: readonly string[] = []): RecordSchema {
  const named = new Map<string, unknown>();
  for (const text of references) collectNamed(JSON.parse(text), '', named);
  const schema: unknown = JSON.parse(schemaText);
  collectNamed(schema, '', named);
  const resolved = typeof schema === 'string' ? (named.get(schema) ?? schema) : schema;
  const { type, fields } = resolved as { type?: unknown; fields?: { name: string; type: unknown }[] };
  if (type !== 'record' || !fields) {
    return { isRecord: false, fields: [{ name: 'value', kind: columnKind(resolved, named) }] };
  }
  return {
    isRecord: true,
    fields: fields.map((field) => ({ name: field.name, kind: columnKind(field.type, named) })),
  };
}

/** Enums, fixed and records by full name and by short name: a field may refer to what was defined before it. */
function collectNamed(schema: unknown, namespace: string, named: Map<string, unknown>): void {
  if (Array.isArray(schema)) {
    for (const branch of schema) collectNamed(branch, namespace, named);
    return;
  }
  if (typeof schema !== 'object' || schema === null) return;
  const node = schema as Record<string, unknown>;
  let inner = namespace;
  if (typeof node.name === 'string' && typeof node.type === 'string') {
    const dot = node.name.lastIndexOf('.');
    if (dot >= 0) inner = node.name.slice(0, dot);
    else if (typeof node.namespace === 'string') inner = node.namespace;
    const short = node.name.slice(dot + 1);
    named.set(short, node);
    if (inner) named.set(`${inner}.${short}`, node);
  }
  for (const child of [node.type, node.items, node.values]) collectNamed(child, inner, named);
  if (Array.isArray(node.fields)) {
    for (const field of node.fields as { type: unknown }[]) collectNamed(field.type, inner, named);
  }
}
