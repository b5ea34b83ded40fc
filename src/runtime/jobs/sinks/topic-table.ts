import type { WriterSchema } from '../../serde/index.ts';
import type { Convert, Dialect } from './dialect.ts';
import type { RecordSchema } from './record-schema.ts';
import { columnName } from './table-names.ts';

/** `append` keeps every record as a row; `latest` (compacted topics) the last of each key, and none after a tombstone. */
export type TableMode = 'append' | 'latest';

export interface TableColumn {
  /** Field of the records; null for the columns of dds. */
  field: string | null;
  name: string;
  sql: string;
}

/** A column to be added, or a wider one in the place of one that is there. */
export interface ColumnChange {
  /** Place in the table's columns; the length of the list for a new one. */
  place: number;
  isNew: boolean;
  column: TableColumn;
}

/** How records of one schema become rows: for every column the field, and how to convert it; null for the others. */
export interface RowPlan {
  writer: WriterSchema & { error: null };
  isRecord: boolean;
  fields: readonly (string | null)[];
  converts: readonly (Convert | null)[];
  /** The field with the time of the measurement, Unix ms. */
  timeField: string | null;
}

/** The table of a topic: its columns in order, and how the schemas seen so far fill them. It is made when the first schema
 * is learned, so that the fields of the records stand together. */
export class TopicTable {
  readonly topic: string;
  readonly name: string;
  readonly mode: TableMode;
  readonly columns: TableColumn[];
  /** By schema id; a text is the reason why records of that schema can't be stored. */
  readonly plans = new Map<number, RowPlan | string>();

  constructor(topic: string, name: string, mode: TableMode, columns: TableColumn[]) {
    this.topic = topic;
    this.name = name;
    this.mode = mode;
    this.columns = columns;
  }

  /** False until a schema is known. */
  get exists(): boolean {
    return this.columns.length > 0;
  }

  /** Where a column of our own is. */
  placeOf(name: string): number {
    return this.columns.findIndex((column) => column.field === null && column.name === name);
  }

  /**
   * Makes room for the fields of a schema: new ones become columns, widened ones wider columns. Commits by itself; must
   * not be called in a transaction.
   */
  async learn(dialect: Dialect, writer: WriterSchema, schema: RecordSchema): Promise<void> {
    if (writer.error !== null) {
      this.plans.set(writer.id, writer.error);
      return;
    }
    if (!this.exists) await this.#create(dialect, schema);
    const { changes, problem } = this.#missing(dialect, schema);
    if (problem !== null) {
      this.plans.set(writer.id, `schema id ${writer.id}: ${problem}`);
      return;
    }
    if (changes.length > 0) {
      await dialect.change(this, changes);
      for (const { place, column } of changes) this.columns[place] = column;
      // Older schemas have to fill, or leave out, the new columns.
      this.plans.clear();
    }
    this.plans.set(writer.id, this.#plan(dialect, writer, schema));
  }

  async #create(dialect: Dialect, schema: RecordSchema): Promise<void> {
    const { before, behind } = dialect.ownColumns(this);
    const own = (columns: typeof before) => columns.map((column) => ({ field: null, ...column }));
    const taken = new Set<string>([...before, ...behind].map((column) => column.name));
    const fields = schema.fields.map(({ name, kind }) => {
      const free = columnName(name, taken);
      taken.add(free.toLowerCase());
      return { field: name, name: free, sql: dialect.columnType(kind).sql };
    });
    const columns: TableColumn[] = [...own(before), ...fields, ...own(behind)];
    await dialect.create(this, columns, schema);
    this.columns.push(...columns);
  }

  #missing(dialect: Dialect, schema: RecordSchema): { changes: ColumnChange[]; problem: string | null } {
    const taken = new Set(this.columns.map((column) => column.name.toLowerCase()));
    const changes: ColumnChange[] = [];
    let next = this.columns.length;
    const add = (column: TableColumn) => {
      const name = columnName(column.name, taken);
      taken.add(name.toLowerCase());
      changes.push({ place: next++, isNew: true, column: { ...column, name } });
    };
    for (const { name, kind } of schema.fields) {
      const type = dialect.columnType(kind);
      const columns = this.columns.filter((column) => column.field === name);
      if (columns.some((column) => dialect.conversion(type, column.sql) !== null)) continue;
      const column = columns.at(-1);
      if (!column) {
        add({ field: name, name, sql: type.sql });
        continue;
      }
      const widened = dialect.widened(column, type);
      if (widened === null) {
        return { changes: [], problem: `field ${name} is ${type.sql}, but the column is ${column.sql}` };
      }
      if (widened.isNew) add(widened.column);
      else changes.push({ place: this.columns.indexOf(column), isNew: false, column: widened.column });
    }
    return { changes, problem: null };
  }

  #plan(dialect: Dialect, writer: WriterSchema & { error: null }, schema: RecordSchema): RowPlan {
    const byField = new Map(schema.fields.map((field) => [field.name, dialect.columnType(field.kind)]));
    const { columns } = this;
    const time = schema.fields.find(
      ({ name, kind }) => name === 'timestamp' && (kind === 'long' || kind === 'timestamp-millis'),
    );
    return {
      writer,
      isRecord: schema.isRecord,
      fields: columns.map(({ field }) => (field !== null && byField.has(field) ? field : null)),
      converts: columns.map(({ field, sql }) => {
        const type = field === null ? undefined : byField.get(field);
        return type ? dialect.conversion(type, sql) : null;
      }),
      timeField: schema.isRecord && time ? time.name : null,
    };
  }
}
