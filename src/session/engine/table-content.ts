import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { canonicalKeyText, type Datum, formatDatum } from '../../types/index.ts';

export type Row = readonly (Datum | null)[];

/** Rows one statement or transaction takes out of a stored table and puts into it. */
export interface TableChanges {
  readonly relation: Relation;
  readonly removed: readonly Row[];
  readonly added: readonly Row[];
}

interface StoredRow {
  readonly row: Row;
  count: number;
}

/** When a key was last changed; the epoch is known once the log has taken the commit. */
export interface CommitStamp {
  epoch: number;
}

/**
 * The committed rows of one stored table as its writers see them: by primary key, or whole rows with multiplicity where there is none. It exists
 * so that uniqueness and read-modify-write are decided at once and in one order; readers never use it.
 */
export class TableContent {
  readonly relation: Relation;
  readonly #rows = new Map<string, StoredRow>();
  readonly #stamps = new Map<string, CommitStamp>();

  constructor(relation: Relation, rows: Iterable<Row>) {
    this.relation = relation;
    for (const row of rows) this.#put(row);
  }

  /** All rows, multiplicity expanded. */
  *rows(): Iterable<Row> {
    for (const { row, count } of this.#rows.values()) for (let i = 0; i < count; i++) yield row;
  }

  find(row: Row): Row | null {
    return this.#rows.get(this.keyOf(row))?.row ?? null;
  }

  keyOf(row: Row): string {
    return rowKey(this.relation, row);
  }

  /**
   * Checks changes against what is committed. Errors: 40001 when a row to remove is gone or changed since `readEpoch` (null: checked under
   * the table's lock, only presence counts), 23505 for a second row of one key.
   */
  check(changes: TableChanges, readEpoch: number | null): void {
    const removed = new Map<string, number>();
    for (const row of changes.removed) {
      const key = this.keyOf(row);
      this.#checkUnchanged(key, readEpoch);
      const taken = (removed.get(key) ?? 0) + 1;
      if ((this.#rows.get(key)?.count ?? 0) < taken) throw concurrentUpdate();
      removed.set(key, taken);
    }
    if (this.relation.primaryKey === null) return;
    const added = new Set<string>();
    for (const row of changes.added) {
      const key = this.keyOf(row);
      const present = (this.#rows.has(key) && !removed.has(key)) || added.has(key);
      if (present) throw this.uniqueViolation(row);
      this.#checkUnchanged(key, readEpoch);
      added.add(key);
    }
  }

  /** Applies checked changes. */
  apply(changes: TableChanges, stamp: CommitStamp): void {
    for (const row of changes.removed) {
      const key = this.keyOf(row);
      const stored = this.#rows.get(key)!;
      stored.count--;
      if (stored.count === 0) this.#rows.delete(key);
      this.#stamps.set(key, stamp);
    }
    for (const row of changes.added) {
      this.#put(row);
      this.#stamps.set(this.keyOf(row), stamp);
    }
  }

  /** Stamps not newer than `epoch` can conflict with nobody any more. */
  forgetStamps(epoch: number): void {
    for (const [key, stamp] of this.#stamps) if (stamp.epoch <= epoch) this.#stamps.delete(key);
  }

  uniqueViolation(row: Row): SqlError {
    const { name, schema, primaryKey, columns } = this.relation;
    const names = primaryKey!.map((position) => columns[position]!.name).join(', ');
    const values = primaryKey!.map((position) => shown(row[position] ?? null, this.relation, position)).join(', ');
    return new SqlError({
      code: SqlState.uniqueViolation,
      message: `duplicate key value violates unique constraint "${name}_pkey"`,
      detail: `Key (${names})=(${values}) already exists.`,
      schema,
      table: name,
      constraint: `${name}_pkey`,
    });
  }

  #checkUnchanged(key: string, readEpoch: number | null): void {
    if (readEpoch === null) return;
    const stamp = this.#stamps.get(key);
    if (stamp !== undefined && stamp.epoch > readEpoch) throw concurrentUpdate();
  }

  #put(row: Row): void {
    const key = this.keyOf(row);
    const stored = this.#rows.get(key);
    if (stored === undefined) this.#rows.set(key, { row, count: 1 });
    else stored.count++;
  }
}

/** Identity of a row among the rows of its table: the primary key, or all columns. Equal values give equal text. */
export function rowKey(relation: Relation, row: Row): string {
  const positions = relation.primaryKey ?? relation.columns.map((_, index) => index);
  return canonicalKeyText(
    positions.map((position) => relation.columns[position]!.type),
    positions.map((position) => row[position] ?? null),
  );
}

function shown(value: Datum | null, relation: Relation, position: number): string {
  return value === null ? 'null' : formatDatum(relation.columns[position]!.type, value);
}

function concurrentUpdate(): SqlError {
  return new SqlError({
    code: SqlState.serializationFailure,
    message: 'could not serialize access due to concurrent update',
    hint: 'Run the transaction again.',
  });
}
