import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import { formatType } from '../../types/index.ts';
import type { PostgresConnection, TextValue } from './connection.ts';
import type { TableName } from './options.ts';

/** A row as texts, in the order of the sink's columns. */
export type TextRow = readonly TextValue[];

/** Rows of one statement: their values travel as one array a column. */
const STATEMENT_ROWS_MAX = 5000;

interface TargetOptions {
  readonly name: TableName;
  readonly columns: readonly EdgeColumn[];
  /** Positions of the upsert key. */
  readonly key: readonly number[] | null;
}

/** The table a sink writes, with the statements that do it. */
export class TargetTable {
  readonly #connection: PostgresConnection;
  readonly #options: TargetOptions;
  /** Types of the table's columns, without lengths, which an assignment checks by itself. */
  readonly #types: readonly string[];

  private constructor(connection: PostgresConnection, options: TargetOptions, types: readonly string[]) {
    this.#connection = connection;
    this.#options = options;
    this.#types = types;
  }

  /** Errors: 42P01 for a table, 42703 for a column that is not there. */
  static async find(connection: PostgresConnection, options: TargetOptions): Promise<TargetTable> {
    const { name, columns } = options;
    const found = await connection.query(
      `SELECT a.attname, format_type(a.atttypid, NULL) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'f')`,
      [name.schema, name.table],
    );
    if (found.length === 0) {
      throw new SqlError({
        code: SqlState.undefinedTable,
        message: `table "${name.schema}.${name.table}" does not exist in PostgreSQL`,
        hint: `Create it there: ${createStatement(options)}`,
      });
    }
    const typeByName = new Map(found.map(([column, type]) => [column!, type!]));
    const types = columns.map((column) => {
      const type = typeByName.get(column.name);
      if (type !== undefined) return type;
      const nearest = nearestNames(column.name, typeByName.keys(), 1)[0];
      throw new SqlError({
        code: SqlState.undefinedColumn,
        message: `table "${name.schema}.${name.table}" in PostgreSQL has no column "${column.name}"`,
        hint: nearest === undefined ? `Its columns are: ${[...typeByName.keys()].join(', ')}.` : `Perhaps you meant "${nearest}": name it with AS.`,
      });
    });
    return new TargetTable(connection, options, types);
  }

  /** Has the server plan what will be run, with the types of the sink's columns: it knows what it takes and what this user may do. Errors: its own. */
  async check(): Promise<void> {
    const nulls = this.#options.columns.map(({ type }) => `CAST(NULL AS ${formatType(type)})`).join(', ');
    await this.#connection.query(`EXPLAIN ${this.#insertInto()} SELECT ${nulls} WHERE false${this.#onConflict()}`);
    if (this.#options.key !== null)
      await this.#connection.query(
        `EXPLAIN ${this.#deletion()}`,
        this.#options.key.map(() => []),
      );
  }

  /** Adds rows; with a key a row takes the place of the one that has it. No two rows have one key. */
  async insert(rows: readonly TextRow[]): Promise<void> {
    const statement = `${this.#insertInto()} SELECT ${this.#casts(this.#options.columns.keys())} FROM ${unnested(this.#types.length)}${this.#onConflict()}`;
    await this.#inPortions(rows, [...this.#types.keys()], statement);
  }

  /** Takes the rows with the keys of `rows` away. */
  async delete(rows: readonly TextRow[]): Promise<void> {
    await this.#inPortions(rows, this.#options.key!, this.#deletion());
  }

  async #inPortions(rows: readonly TextRow[], columns: readonly number[], statement: string): Promise<void> {
    for (let at = 0; at < rows.length; at += STATEMENT_ROWS_MAX) {
      const portion = rows.slice(at, at + STATEMENT_ROWS_MAX);
      await this.#connection.query(
        statement,
        columns.map((column) => portion.map((row) => row[column]!)),
      );
    }
  }

  #insertInto(): string {
    return `INSERT INTO ${this.#quotedName()} (${this.#options.columns.map(({ name }) => quoted(name)).join(', ')})`;
  }

  #onConflict(): string {
    const { key, columns } = this.#options;
    if (key === null) return '';
    const others = columns.filter((_, index) => !key.includes(index)).map(({ name }) => `${quoted(name)} = EXCLUDED.${quoted(name)}`);
    const action = others.length === 0 ? 'NOTHING' : `UPDATE SET ${others.join(', ')}`;
    return ` ON CONFLICT (${key.map((index) => quoted(columns[index]!.name)).join(', ')}) DO ${action}`;
  }

  #deletion(): string {
    const key = this.#options.key!;
    const conditions = key.map((column, at) => `t.${quoted(this.#options.columns[column]!.name)} = CAST(v.c${at} AS ${this.#types[column]})`);
    return `DELETE FROM ${this.#quotedName()} AS t USING ${unnested(key.length)} WHERE ${conditions.join(' AND ')}`;
  }

  #casts(columns: Iterable<number>): string {
    return Array.from(columns, (column) => `CAST(v.c${column} AS ${this.#types[column]})`).join(', ');
  }

  #quotedName(): string {
    const { schema, table } = this.#options.name;
    return `${quoted(schema)}.${quoted(table)}`;
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** One parameter a column. */
function unnested(count: number): string {
  const parameters = Array.from({ length: count }, (_, index) => `$${index + 1}::text[]`).join(', ');
  return `unnest(${parameters}) AS v (${Array.from({ length: count }, (_, index) => `c${index}`).join(', ')})`;
}

function createStatement({ name, columns, key }: TargetOptions): string {
  const definitions = columns.map((column) => `${quoted(column.name)} ${formatType(column.type)}`);
  const primaryKey = key === null ? [] : [`PRIMARY KEY (${key.map((index) => quoted(columns[index]!.name)).join(', ')})`];
  return `CREATE TABLE ${quoted(name.schema)}.${quoted(name.table)} (${[...definitions, ...primaryKey].join(', ')})`;
}
