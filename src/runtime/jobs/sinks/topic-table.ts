import { type DuckDBConnection, type DuckDBType, INTEGER, VARCHAR } from '@duckdb/node-api';
import type { WriterSchema } from '../../serde/index.ts';
import { type Convert, canWiden, chunkType, conversion } from './column-types.ts';
import type { RecordSchema } from './record-schema.ts';
import { columnName, ownColumns, quoted } from './table-names.ts';

/** `append` keeps every record as a row; `latest` (compacted topics) the last of each key, and none after a tombstone. */
export type TableMode = 'append' | 'latest';

export interface TableColumn {
  /** Field of the records; null for the columns of dds. */
  field: string | null;
  name: string;
  sql: string;
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
  /** Places of `ownColumns`, in their order. */
  ownPlaces: number[];
  /** By schema id; a text is the reason why records of that schema can't be stored. */
  readonly plans = new Map<number, RowPlan | string>();
  #types: DuckDBType[] | null = null;

  constructor(topic: string, name: string, mode: TableMode, columns: TableColumn[]) {
    this.topic = topic;
    this.name = name;
    this.mode = mode;
    this.columns = columns;
    this.ownPlaces = placesOfOwn(columns);
  }

  /** False until a schema is known. */
  get exists(): boolean {
    return this.columns.length > 0;
  }

  get types(): DuckDBType[] {
    this.#types ??= this.columns.map((column) => chunkType(column.sql));
    return this.#types;
  }

  /**
   * Makes room for the fields of a schema: new ones become columns, widened ones wider columns. Commits by itself; must
   * not be called in a transaction.
   */
  async learn(connection: DuckDBConnection, writer: WriterSchema, schema: RecordSchema): Promise<void> {
    if (writer.error !== null) {
      this.plans.set(writer.id, writer.error);
      return;
    }
    if (!this.exists) await this.#create(connection, schema);
    const changes = this.#missing(schema);
    const bad = changes.find((change) => change.problem !== null);
    if (bad) {
      this.plans.set(writer.id, `schema id ${writer.id}: ${bad.problem}`);
      return;
    }
    if (changes.length > 0) {
      await connection.run('BEGIN');
      for (const change of changes) await this.#apply(connection, change);
      await connection.run('COMMIT');
      this.#types = null;
      // Older schemas have to fill, or leave out, the new columns.
      this.plans.clear();
    }
    this.plans.set(writer.id, this.#plan(writer, schema));
  }

  async #create(connection: DuckDBConnection, schema: RecordSchema): Promise<void> {
    const taken = new Set<string>(ownColumns.map((column) => column.name));
    const [key, ...behind] = ownColumns.map((column) => ({ field: null, ...column }));
    const fields = schema.fields.map(({ name, type }) => {
      const free = columnName(name, taken);
      taken.add(free.toLowerCase());
      return { field: name, name: free, sql: type.sql };
    });
    const columns: TableColumn[] = [key!, ...fields, ...behind];
    const definitions = columns.map((column) => `${quoted(column.name)} ${column.sql}`);
    await connection.run('BEGIN');
    await connection.run(`CREATE TABLE ${quoted(this.name)} (${definitions.join(', ')})`);
    await connection.run('INSERT INTO _dds.tables VALUES ($1, $2, $3)', [this.topic, this.name, this.mode]);
    for (const [ordinal, column] of columns.entries()) await this.#note(connection, column, ordinal);
    await connection.run('COMMIT');
    this.columns.push(...columns);
    this.ownPlaces = placesOfOwn(columns);
    this.#types = null;
  }

  async #note(
    connection: DuckDBConnection,
    { field, name, sql }: TableColumn,
    ordinal: number,
  ): Promise<void> {
    await connection.run(
      'INSERT INTO _dds.columns VALUES ($1, $2, $3, $4, $5)',
      [this.topic, ordinal, field, name, sql],
      [VARCHAR, INTEGER, VARCHAR, VARCHAR, VARCHAR],
    );
  }

  #missing(schema: RecordSchema): Change[] {
    const taken = new Set(this.columns.map((column) => column.name.toLowerCase()));
    const changes: Change[] = [];
    for (const { name, type } of schema.fields) {
      const index = this.columns.findIndex((column) => column.field === name);
      const column = this.columns[index];
      if (!column) {
        const free = columnName(name, taken);
        taken.add(free.toLowerCase());
        changes.push({ index: -1, column: { field: name, name: free, sql: type.sql }, problem: null });
      } else if (conversion(type, column.sql) === null) {
        const problem = canWiden(column.sql, type.sql)
          ? null
          : `field ${name} is ${type.sql}, but the column is ${column.sql}`;
        changes.push({ index, column: { ...column, sql: type.sql }, problem });
      }
    }
    return changes;
  }

  async #apply(connection: DuckDBConnection, { index, column }: Change): Promise<void> {
    const table = quoted(this.name);
    const name = quoted(column.name);
    if (index >= 0) {
      await connection.run(`ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${column.sql}`);
      await connection.run('UPDATE _dds.columns SET sql_type = $1 WHERE topic = $2 AND column_name = $3', [
        column.sql,
        this.topic,
        column.name,
      ]);
      this.columns[index] = column;
      return;
    }
    await connection.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${column.sql}`);
    await this.#note(connection, column, this.columns.length);
    this.columns.push(column);
  }

  #plan(writer: WriterSchema & { error: null }, schema: RecordSchema): RowPlan {
    const byField = new Map(schema.fields.map((field) => [field.name, field.type]));
    const { columns } = this;
    const time = schema.fields.find((field) => field.name === 'timestamp' && field.type.sql === 'BIGINT');
    return {
      writer,
      isRecord: schema.isRecord,
      fields: columns.map(({ field }) => (field !== null && byField.has(field) ? field : null)),
      converts: columns.map(({ field, sql }) => {
        const type = field === null ? undefined : byField.get(field);
        return type ? conversion(type, sql) : null;
      }),
      timeField: schema.isRecord && time ? time.name : null,
    };
  }
}

interface Change {
  index: number;
  column: TableColumn;
  problem: string | null;
}

function placesOfOwn(columns: readonly TableColumn[]): number[] {
  return ownColumns.map((own) => columns.findIndex(({ field, name }) => field === null && name === own.name));
}
