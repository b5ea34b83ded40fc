import type { AvroType } from '../../serde/avro.ts';

/** A place in a schema: what the text says of it (logical types) and how its values look in JavaScript (unions). */
export interface AvroNode {
  kind: string;
  logical: string | null;
  /** Of a decimal: digits after the point, and digits in all. */
  scale: number;
  precision: number;
  size?: number;
  symbols?: readonly string[];
  fields?: readonly { name: string; node: AvroNode }[];
  /** Of an array or a map. */
  items?: AvroNode;
  /** Of a union; `wrapAs` is the only key of an object around the value where the branches look alike. */
  branches?: readonly { node: AvroNode; wrapAs: string | null }[];
}

/** What of avsc's types we look at. */
interface Shape {
  typeName: string;
  branchName?: string;
  fields?: readonly { name: string; type: Shape }[];
  itemsType?: Shape;
  valuesType?: Shape;
  types?: readonly Shape[];
  symbols?: readonly string[];
  size?: number;
}

type Json = string | Json[] | { [key: string]: unknown };

/** Nodes are made when they are looked at, once: a schema may contain itself. */
export function avroNode(schemaText: string, type: AvroType): AvroNode {
  const made = new Map<Shape, AvroNode>();
  const named = new Map<string, Json>();
  const enter = (json: Json, shape: Shape): AvroNode => {
    const known = made.get(shape);
    // Primitive types are shared between fields that differ in their logical type.
    if (known && (known.kind === 'record' || known.kind === 'enum')) return known;
    const own = typeof json === 'string' ? (named.get(json) ?? json) : json;
    const said = typeof own === 'object' && !Array.isArray(own) ? own : {};
    if (typeof said.name === 'string') {
      named.set(said.name, own);
      if (typeof said.namespace === 'string') named.set(`${said.namespace}.${said.name}`, own);
    }
    // {"type": {"type": "array", …}}
    if (typeof said.type === 'object' && said.type !== null) return enter(said.type as Json, shape);
    const kind = shape.typeName
      .replace(/^abstract:/, '')
      .replace(/^union:.*/, 'union')
      .replace(/^error$/, 'record');
    const node: AvroNode = {
      kind,
      logical: typeof said.logicalType === 'string' ? said.logicalType : null,
      scale: Number(said.scale ?? 0),
      precision: Number(said.precision ?? 18),
      ...(shape.size !== undefined && { size: shape.size }),
      ...(shape.symbols && { symbols: shape.symbols }),
    };
    made.set(shape, node);
    if (kind === 'record') {
      const texts = (said.fields ?? []) as readonly { name: string; type: Json }[];
      node.fields = (shape.fields ?? []).map(({ name, type: field }, i) => ({
        name,
        node: enter(texts[i]?.type ?? 'null', field),
      }));
    }
    if (kind === 'array') node.items = enter((said.items ?? 'null') as Json, shape.itemsType!);
    if (kind === 'map') node.items = enter((said.values ?? 'null') as Json, shape.valuesType!);
    if (kind === 'union') {
      const texts = Array.isArray(own) ? own : [];
      const wrapped = shape.typeName === 'union:wrapped';
      node.branches = shape.types!.map((branch, i) => ({
        node: enter(texts[i] ?? 'null', branch),
        wrapAs: wrapped && branch.typeName !== 'null' ? (branch.branchName ?? branch.typeName) : null,
      }));
    }
    return node;
  };
  return enter(JSON.parse(schemaText) as Json, type as unknown as Shape);
}
