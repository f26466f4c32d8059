/**
 * What `import { open } from 'fsql'` gives, as types. Imports nothing: the build ships this text as the package's declarations.
 */

/** A value of SQL: bigint for int8, text for numeric, times, intervals and uuid (as psql shows them), what JSON says for jsonb, an object for a row, a Map for a map. */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | { readonly [name: string]: Value };

export interface OpenOptions {
  /** Where state is kept; absent: in memory, gone with `close`. */
  readonly dataDir?: string;
  /** Says that there shall be no data directory. */
  readonly memory?: boolean;
  /** Time stands still there until `advance` moves it; for tests, and only in memory, without threads. */
  readonly clock?: Date;
  /** With `clock` every other system is a topic in memory of the same name, but for these connectors and topics. */
  readonly real?: readonly string[];
  /** Subtasks of each job; default 1. */
  readonly slots?: number;
  /** A thread for each slot, instead of this one for all. */
  readonly threads?: boolean;
  /** Told of notices and warnings of statements. */
  readonly onNotice?: (notice: { readonly severity: string; readonly code: string; readonly message: string }) => void;
}

/** One net change of a row: it comes `diff` times, or goes as often when that is negative. */
export interface Change<Row> {
  readonly epoch: number;
  readonly diff: number;
  readonly row: Row;
}

/** What a statement of `test` gave. */
export interface TestedStatement {
  readonly line: number;
  readonly sql: string;
  /** As psql prints it: `INSERT 0 2`, `ASSERT ROWS`. */
  readonly tag: string;
  /** Null for a statement without rows. */
  readonly rows: readonly Record<string, Value>[] | null;
}

/** The TypeScript type of values of a SQL type that a function in JavaScript is called with. */
export type TypeOf<Name extends string> =
  Lowercase<Name> extends
    | 'int'
    | 'integer'
    | 'int2'
    | 'int4'
    | 'smallint'
    | 'real'
    | 'float4'
    | 'float8'
    | 'double precision'
    | 'double'
    | 'numeric'
    | 'decimal'
    ? number
    : Lowercase<Name> extends 'bigint' | 'int8'
      ? number | bigint
      : Lowercase<Name> extends 'bool' | 'boolean'
        ? boolean
        : Lowercase<Name> extends 'text' | 'varchar' | 'string' | 'uuid' | 'date' | 'timestamp' | 'timestamptz' | 'interval' | 'bytea'
          ? string
          : // Arrays, rows, maps and jsonb: no name says what is in them.
            unknown;

export type ArgumentsOf<Names extends readonly string[]> = { [Index in keyof Names]: TypeOf<Names[Index]> | null };

export interface Signature<Arguments extends readonly string[], Result extends string> {
  /** SQL types. */
  readonly arguments: Arguments;
  readonly returns: Result;
  /** NULL for a NULL argument, without a call. */
  readonly strict?: boolean;
}

export interface TableSignature<Arguments extends readonly string[], Columns extends Readonly<Record<string, string>>> {
  readonly arguments: Arguments;
  /** SQL types by name. */
  readonly columns: Columns;
  readonly strict?: boolean;
}

export interface Aggregate<Arguments extends readonly string[], Result extends string, State> {
  readonly create: () => State;
  readonly accumulate: (state: State, ...args: ArgumentsOf<Arguments>) => State;
  readonly finish: (state: State) => TypeOf<Result> | null;
}

/**
 * fsql in this process. Errors are those of PostgreSQL: objects with `code` (SQLSTATE), `message`, and where there are some `detail`, `hint` and `position`.
 *
 * Functions are kept in the catalog as the text of their code: it may use its arguments and the language, but no variable from around it, no clock and no chance.
 * Registered again with the same code, nothing happens; with other code it takes the other's place, which is refused while views call it (2BP01).
 */
export interface EmbeddedDatabase {
  /** The rows of the last statement that has rows. `params` are for $1, $2, … of a single statement. */
  query<Row extends object = Record<string, Value>>(sql: string, params?: readonly Value[]): Promise<Row[]>;
  /**
   * Runs the statements of a test (ASSERT ROWS, CHANGES, OUTPUT, …, ADVANCE CLOCK; `\i FILE` includes). The first that fails is an error whose message names the
   * line and shows the rows that differ, with `line`, `sql` and, of rows that were compared, `expected` and `actual`.
   */
  test(script: string): Promise<TestedStatement[]>;
  /** The content of a relation or a query, then every change of it, until the loop ends. */
  subscribe<Row extends object = Record<string, Value>>(sql: string): AsyncIterableIterator<Change<Row>>;
  function<const Arguments extends readonly string[], const Result extends string>(
    name: string,
    signature: Signature<Arguments, Result>,
    code: (...args: ArgumentsOf<Arguments>) => TypeOf<Result> | null,
  ): Promise<void>;
  /** `code` yields rows, or returns them; a row of one column may be its value alone. */
  tableFunction<const Arguments extends readonly string[], const Columns extends Readonly<Record<string, string>>>(
    name: string,
    signature: TableSignature<Arguments, Columns>,
    code: (...args: ArgumentsOf<Arguments>) => Iterable<{ readonly [Name in keyof Columns]: TypeOf<Columns[Name]> | null }>,
  ): Promise<void>;
  aggregate<const Arguments extends readonly string[], const Result extends string, State>(
    name: string,
    signature: Signature<Arguments, Result>,
    code: Aggregate<Arguments, Result, State>,
  ): Promise<void>;
  /**
   * Moves the clock that the database was opened with on by so many milliseconds. When it resolves, to the time it is then, everything that this has brought about is there to be read.
   */
  advance(milliseconds: number): Promise<Date>;
  /** Checkpoint, then stop. */
  close(): Promise<void>;
}

export type Open = (options?: OpenOptions) => Promise<EmbeddedDatabase>;
