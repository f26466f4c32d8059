import { SqlError, SqlState } from '../../base/index.ts';
import { type Relation, type RelationKey, relationKeys } from '../../catalog/index.ts';
import type { Datum } from '../../types/index.ts';
import { keyText, uniqueViolation } from './unique-violation.ts';
import { rowText, valuesText } from './values-text.ts';

export type Row = readonly (Datum | null)[];

/**
 * Of at least so many keys, those changed last, is remembered when they were. Of others only their rows tell: who has read before, and finds the same row,
 * takes it.
 */
const STAMPS_KEPT = 100_000;

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
  #stamps = new Map<string, CommitStamp>();
  #olderStamps: ReadonlyMap<string, CommitStamp> = new Map();
  readonly #keys: readonly RelationKey[];
  /** The holders of each key's values; of the primary key, the first, the rows themselves tell. */
  readonly #holders: readonly Map<string, Row>[];

  constructor(relation: Relation, rows: Iterable<Row>) {
    this.relation = relation;
    this.#keys = relationKeys(relation);
    this.#holders = this.#keys.map(() => new Map());
    for (const row of rows) this.#put(row);
  }

  /** All rows, multiplicity expanded. */
  *rows(): Iterable<Row> {
    for (const { row, count } of this.#rows.values()) for (let i = 0; i < count; i++) yield row;
  }

  /** The row with this text in the key of this index (in the order of `relationKeys`). */
  holder(key: number, text: string): Row | null {
    if (key === 0 && this.relation.primaryKey !== null) return this.#rows.get(text)?.row ?? null;
    return this.#holders[key]!.get(text) ?? null;
  }

  keyOf(row: Row): string {
    return rowKey(this.relation, row);
  }

  /**
   * Checks changes against what is committed. Errors: 40001 when a row to remove is not there as it is, or a key was changed since `readEpoch` (null: nothing
   * but the rows counts), 23505 for a second row of one key. What is removed has to be what is stored in any case: the log would hold a row that was never
   * there otherwise, and no view over it would run again.
   */
  check(changes: TableChanges, readEpoch: number | null): void {
    const removed = new Map<string, number>();
    for (const row of changes.removed) {
      const key = this.keyOf(row);
      this.#checkUnchanged(key, readEpoch);
      const taken = (removed.get(key) ?? 0) + 1;
      const stored = this.#rows.get(key);
      if (stored === undefined || stored.count < taken || !this.#isSame(stored.row, row)) throw concurrentUpdate();
      removed.set(key, taken);
    }
    this.#checkKeys(changes);
    if (this.relation.primaryKey !== null) for (const row of changes.added) this.#checkUnchanged(this.keyOf(row), readEpoch);
  }

  #checkKeys({ removed, added }: TableChanges): void {
    const texts = (index: number, rows: readonly Row[]) => rows.map((row) => keyText(this.relation, this.#keys[index]!, row));
    const freed = this.#keys.map((_, index) => new Set(texts(index, removed)));
    const taken = this.#keys.map(() => new Set<string>());
    for (const row of added) {
      this.#keys.forEach((key, index) => {
        const text = keyText(this.relation, key, row);
        if (text === null) return;
        const held = this.holder(index, text) !== null && !freed[index]!.has(text);
        if (held || taken[index]!.has(text)) throw uniqueViolation(this.relation, key, row);
        taken[index]!.add(text);
      });
    }
  }

  /** Applies checked changes. */
  apply(changes: TableChanges, stamp: CommitStamp): void {
    for (const row of changes.removed) {
      const key = this.keyOf(row);
      const stored = this.#rows.get(key)!;
      stored.count--;
      if (stored.count === 0) this.#rows.delete(key);
      this.#eachKey(row, (holders, text) => holders.delete(text));
      this.#note(key, stamp);
    }
    for (const row of changes.added) {
      this.#put(row);
      this.#note(this.keyOf(row), stamp);
    }
  }

  #note(key: string, stamp: CommitStamp): void {
    this.#stamps.set(key, stamp);
    if (this.#stamps.size < STAMPS_KEPT) return;
    this.#olderStamps = this.#stamps;
    this.#stamps = new Map();
  }

  #isSame(stored: Row, row: Row): boolean {
    const textAt = (values: Row, index: number): string => valuesText(this.relation, [index], values);
    return stored.every((value, index) => value === row[index] || textAt(stored, index) === textAt(row, index));
  }

  #checkUnchanged(key: string, readEpoch: number | null): void {
    if (readEpoch === null) return;
    const stamp = this.#stamps.get(key) ?? this.#olderStamps.get(key);
    if (stamp !== undefined && stamp.epoch > readEpoch) throw concurrentUpdate();
  }

  #put(row: Row): void {
    const key = this.keyOf(row);
    const stored = this.#rows.get(key);
    if (stored === undefined) this.#rows.set(key, { row, count: 1 });
    else stored.count++;
    this.#eachKey(row, (holders, text) => holders.set(text, row));
  }

  #eachKey(row: Row, change: (holders: Map<string, Row>, text: string) => void): void {
    this.#keys.forEach((key, index) => {
      if (index === 0 && this.relation.primaryKey !== null) return;
      const text = keyText(this.relation, key, row);
      if (text !== null) change(this.#holders[index]!, text);
    });
  }
}

/** Identity of a row among the rows of its table: the primary key, or all columns. Equal values give equal text. */
export function rowKey(relation: Relation, row: Row): string {
  return relation.primaryKey === null ? rowText(relation, row) : valuesText(relation, relation.primaryKey, row);
}

function concurrentUpdate(): SqlError {
  return new SqlError({
    code: SqlState.serializationFailure,
    message: 'could not serialize access due to concurrent update',
    hint: 'Run the transaction again.',
  });
}
