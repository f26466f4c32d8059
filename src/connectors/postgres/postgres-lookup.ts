import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { type Batch, batchFromRows, readDatum } from '../../batch/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import type { LookupAnswer, LookupContext, LookupReader } from '../../spi/index.ts';
import { applyTypeModifier, type Datum, formatDatum, formatTypeKind, parseDatum, type SqlType } from '../../types/index.ts';
import { PostgresConnection, type TextValue } from './connection.ts';
import { serverOf, tableNameOf } from './options.ts';
import { quoted } from './target-table.ts';

/**
 * Fetches rows of a table by key: one statement for all keys of a question, which travel as one array a column, over one connection. An index of the key is
 * used where the types of both sides have operators for that.
 */
export class PostgresLookup implements LookupReader {
  readonly #context: LookupContext;
  #connection: PostgresConnection | null = null;
  #closed = false;

  constructor(context: LookupContext) {
    this.#context = context;
  }

  /** Has the server plan the statement: it knows whether the table is there, what it holds and what this user may see. Errors: its own, 08006. */
  async open(): Promise<void> {
    const nothing = this.#context.keys.map(() => []);
    await this.#asked((connection) => connection.query(`EXPLAIN ${this.#statement()}`, nothing));
  }

  async lookup(keys: Batch): Promise<LookupAnswer> {
    const parameters = keys.columns.map((column) =>
      Array.from({ length: keys.rowCount }, (_, row) => formatDatum(column.type, readDatum(column, row)!)),
    );
    return answerOf(await this.#asked((connection) => connection.query(this.#statement(), parameters)), this.#context.columns);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#leave();
  }

  async #asked<Result>(ask: (connection: PostgresConnection) => Promise<Result>): Promise<Result> {
    try {
      this.#connection ??= await PostgresConnection.open(serverOf(this.#context.options));
      if (this.#closed) throw new SqlError({ code: SqlState.connectionFailure, message: 'the connection has been closed', class: 'external' });
      return await ask(this.#connection);
    } catch (error) {
      // Of a connection that was lost nothing more can be had; one that is whole is made again quickly.
      await this.#leave();
      throw error;
    }
  }

  #statement(): string {
    const { keys, columns, options } = this.#context;
    const { schema, table } = tableNameOf(options);
    const parameters = keys.map((_, index) => `$${index + 1}::text[]`).join(', ');
    const names = keys.map((_, index) => `c${index}`).join(', ');
    const conditions = keys.map(({ name, type }, index) => `t.${quoted(name)} = CAST(k.c${index} AS ${comparedAs(type)})`);
    const values = columns.map(({ name }) => `, t.${quoted(name)}`).join('');
    return (
      `SELECT k.n${values} FROM unnest(${parameters}) WITH ORDINALITY AS k (${names}, n) ` +
      `JOIN ${quoted(schema)}.${quoted(table)} AS t ON ${conditions.join(' AND ')} ORDER BY k.n`
    );
  }

  async #leave(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }
}

/** A length or scale would change the value that is looked for. */
function comparedAs(type: SqlType): string {
  return type.kind === 'char' ? 'bpchar' : formatTypeKind(type);
}

/** Rows as texts, the number of the key from 1 in front. */
function answerOf(texts: readonly (readonly TextValue[])[], columns: readonly EdgeColumn[]): LookupAnswer {
  const rows: (readonly (Datum | null)[])[] = [];
  const keyOf: number[] = [];
  const failures = new Map<number, SqlError>();
  for (const [number, ...values] of texts) {
    const key = Number(number) - 1;
    try {
      rows.push(values.map((text, index) => datumOf(text, columns[index]!)));
      keyOf.push(key);
    } catch (error) {
      failures.set(key, toSqlError(error));
    }
  }
  const good = [...keyOf.keys()].filter((at) => !failures.has(keyOf[at]!));
  return {
    rows: batchFromRows(
      columns.map(({ type }) => type),
      good.map((at) => rows[at]!),
    ),
    keyOf: Int32Array.from(good, (at) => keyOf[at]!),
    failures,
  };
}

function datumOf(text: TextValue, { name, type }: EdgeColumn): Datum | null {
  if (text === null) return null;
  try {
    return applyTypeModifier(type, parseDatum(type, text), false);
  } catch (error) {
    const { code, message } = toSqlError(error);
    throw new SqlError({ code, message: `column "${name}" of the row looked up: ${message}`, cause: error });
  }
}
