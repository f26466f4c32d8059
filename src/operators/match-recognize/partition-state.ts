import { type Batch, batchFromRows, MAX_WATERMARK, rowsOf } from '../../batch/index.ts';
import type { CompiledRecognition, Row } from '../../pattern/index.ts';
import type { StateTable } from '../../spi/index.ts';
import { canonicalDatum, type Datum, float8Type, rowKey, type SqlType } from '../../types/index.ts';
import { type NumberedRow, OpenPartition, type PartitionMemo } from './open-partition.ts';

/** The table of rows. */
export const ROWS = 'rows';

/** Due when the input ends at the latest, whose watermark is later than any time. */
const END_MICROS = Number(MAX_WATERMARK) / 2;

interface StateShape {
  readonly types: readonly SqlType[];
  readonly partitionBy: readonly number[];
  readonly partitionKeyCount: number;
  /** Told of a row that a load has brought. */
  readonly loaded: (partition: OpenPartition, row: Row) => void;
}

/**
 * The open partitions and their two state tables: `rows` has each row that is still needed by partition and number, `partitions` what a search has to
 * know beside them. Both go as soon as nothing needs them.
 */
export class PartitionState {
  readonly rows: StateTable;
  readonly memos: StateTable;
  readonly #shape: StateShape;
  readonly #compiled: CompiledRecognition;
  readonly #keyTypes: readonly SqlType[];
  readonly #partitions = new Map<string, OpenPartition>();
  /** Partitions with rows that no checkpoint has. */
  readonly #grown = new Set<OpenPartition>();
  #removed: Row[] = [];
  /** Partitions searched since the last checkpoint, by key. */
  readonly #touched = new Map<string, OpenPartition>();
  /** Partitions whose memo is in state. */
  readonly #memorized = new Set<string>();
  #nextNumber = 0;
  #rowCount = 0;

  constructor(shape: StateShape, compiled: CompiledRecognition) {
    this.#shape = shape;
    this.#compiled = compiled;
    this.#keyTypes = shape.partitionBy.map((column) => shape.types[column]!);
    const { partitionKeyCount, types } = shape;
    const keyCount = this.#keyTypes.length;
    this.rows = {
      declaration: { name: ROWS, columns: [...this.#keyTypes, float8Type, ...types], keyCount: keyCount + 1, partitionKeyCount },
      collectDirty: () => this.#dirtyRows(),
      load: (rows) => this.#loadRows(rows),
      all: () =>
        batchFromRows(
          this.rows.declaration.columns,
          [...this.#partitions.values()].flatMap((one) => stateRows(one, one.rows)),
        ),
      dueTimes: () => Float64Array.from([...this.#partitions.values()].flatMap((one) => one.rows.map(() => dueMicros(one)))),
      sizeBytes: () => this.#rowCount * (64 + 24 * types.length),
      keyCount: () => this.#rowCount,
    };
    const counts = [float8Type, float8Type, float8Type, float8Type];
    this.memos = {
      // A table has a key: without PARTITION BY a constant.
      declaration: { name: 'partitions', columns: [...this.#keyTypes, float8Type, ...counts], keyCount: keyCount + 1, partitionKeyCount },
      collectDirty: () => this.#dirtyMemos(),
      load: (rows) => this.#loadMemos(rows),
      all: () => this.#allMemos(),
      sizeBytes: () => this.#partitions.size * 128,
      keyCount: () => this.#partitions.size,
    };
  }

  get all(): Iterable<OpenPartition> {
    return this.#partitions.values();
  }

  /** Keeps a row; returns its partition. */
  add(values: Row): OpenPartition {
    const partition = this.#partitionOf(this.#shape.partitionBy.map((column) => values[column] ?? null));
    const row: NumberedRow = { values, number: this.#nextNumber++ };
    partition.addPending(row);
    partition.added.set(row.number, values);
    this.#grown.add(partition);
    this.#rowCount++;
    return partition;
  }

  /** After a search: rows that are not needed go, and the partition with them when nothing is left. */
  settled(partition: OpenPartition, forgotten: readonly number[]): void {
    for (const number of forgotten) {
      this.#rowCount--;
      if (!partition.added.delete(number)) this.#removed.push([...partition.key, number]);
    }
    const text = this.#keyText(partition.key);
    this.#touched.set(text, partition);
    if (partition.isEmpty && isEmptyMemo(partition.memoOf(this.#compiled))) this.#partitions.delete(text);
  }

  #partitionOf(key: Row): OpenPartition {
    const text = this.#keyText(key);
    let partition = this.#partitions.get(text);
    if (partition === undefined) {
      partition = new OpenPartition(key.map((value, index) => (value === null ? null : canonicalDatum(this.#keyTypes[index]!, value))));
      this.#partitions.set(text, partition);
    }
    return partition;
  }

  #keyText(key: Row): string {
    return rowKey(this.#keyTypes, key);
  }

  #dirtyRows(): { upserts: Batch; deletes: Batch } {
    const { columns, keyCount } = this.rows.declaration;
    const added = [...this.#grown].flatMap((one) =>
      stateRows(
        one,
        Array.from(one.added, ([number, values]) => ({ number, values })),
      ),
    );
    const upserts = batchFromRows(columns, added);
    const deletes = batchFromRows(columns.slice(0, keyCount), this.#removed);
    for (const partition of this.#grown) partition.added.clear();
    this.#grown.clear();
    this.#removed = [];
    return { upserts, deletes };
  }

  #loadRows(rows: Batch): void {
    const width = this.#keyTypes.length;
    for (const row of rowsOf(rows)) {
      const number = row[width] as number;
      this.#nextNumber = Math.max(this.#nextNumber, number + 1);
      const partition = this.#partitionOf(row.slice(0, width));
      const values = row.slice(width + 1);
      partition.addPending({ number, values });
      this.#rowCount++;
      this.#shape.loaded(partition, values);
    }
  }

  #dirtyMemos(): { upserts: Batch; deletes: Batch } {
    const { columns, keyCount } = this.memos.declaration;
    const upserts: Row[] = [];
    const deletes: (Datum | null)[][] = [];
    for (const [text, partition] of this.#touched) {
      // A partition that went and came back is another one by now.
      const memo = (this.#partitions.get(text) ?? partition).memoOf(this.#compiled);
      const key = [...partition.key, 0];
      if (!isEmptyMemo(memo)) {
        upserts.push(memoRow(partition, memo));
        this.#memorized.add(text);
      } else if (this.#memorized.delete(text)) deletes.push(key);
    }
    this.#touched.clear();
    return { upserts: batchFromRows(columns, upserts), deletes: batchFromRows(columns.slice(0, keyCount), deletes) };
  }

  #allMemos(): Batch {
    const memos = [...this.#partitions.values()].map((one) => ({ one, memo: one.memoOf(this.#compiled) }));
    return batchFromRows(
      this.memos.declaration.columns,
      memos.filter(({ memo }) => !isEmptyMemo(memo)).map(({ one, memo }) => memoRow(one, memo)),
    );
  }

  #loadMemos(rows: Batch): void {
    const width = this.#keyTypes.length;
    for (const row of rowsOf(rows)) {
      const key = row.slice(0, width);
      const [history, forgotten, matches, matchedAhead] = row.slice(width + 1) as [number, number, number, number];
      this.#partitionOf(key).remember({ history, forgotten, matches, matchedAhead });
      this.#memorized.add(this.#keyText(key));
    }
  }
}

/** A partition's rows as they are in the state. */
function stateRows({ key }: OpenPartition, rows: readonly NumberedRow[]): Row[] {
  return rows.map(({ number, values }) => [...key, number, ...values]);
}

function memoRow({ key }: OpenPartition, { history, forgotten, matches, matchedAhead }: PartitionMemo): Row {
  return [...key, 0, history, forgotten, matches, matchedAhead];
}

/** From when on the watermark alone lets a search of the partition find something: it looks for what is due before the watermark. */
function dueMicros({ scheduledMicros }: OpenPartition): number {
  return scheduledMicros === null ? END_MICROS : Number(scheduledMicros) + 1;
}

function isEmptyMemo(memo: PartitionMemo): boolean {
  return Object.values(memo).every((count) => count === 0);
}
