import { SqlError, SqlState } from '../../base/index.ts';
import {
  Batch,
  BatchBuilder,
  type Column,
  columnFromDatums,
  compactBatch,
  concatBatches,
  FixedColumn,
  GroupIndex,
  gatherBatch,
  isNull,
  keyColumns,
  readDatum,
} from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import { boolType, float8Type, int4Type, type SqlType, textType } from '../../types/index.ts';
import { compactBytes, grownFloat64, TouchedGroups } from '../shared/index.ts';
import type { FoundRows } from './found-rows.ts';

interface RecordedRowsOptions {
  readonly left: readonly SqlType[];
  /** The first so many columns of a left row decide its key group. */
  readonly keyCount: number;
  readonly right: readonly SqlType[];
}

/** Columns of the state behind the right row's: is there a row, and what was wrong with it. */
const OUTCOME = [boolType, textType, textType] as const;

/**
 * Left rows that may be taken back, with what was found for each when it came: state, since the other side may have changed by then. In the state table a
 * left row is as many rows as were found for it, or one that says that none was.
 */
export class RecordedRows {
  readonly state: StateTable;
  readonly #options: RecordedRowsOptions;
  readonly #keys: readonly number[];
  readonly #index: GroupIndex;
  #counts: Float64Array<ArrayBuffer> = new Float64Array(64);
  readonly #found: (FoundRows | undefined)[] = [];
  #foundBytes = 0;
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];

  constructor(options: RecordedRowsOptions) {
    this.#options = options;
    const { left, right, keyCount } = options;
    this.#keys = Array.from({ length: keyCount }, (_, key) => key);
    this.#index = new GroupIndex(left);
    const keyTypes = [...left.slice(0, keyCount), ...left, int4Type];
    this.state = {
      declaration: {
        name: 'looked-up',
        columns: [...keyTypes, float8Type, ...right, ...OUTCOME],
        keyCount: keyTypes.length,
        partitionKeyCount: keyCount,
        exactKeys: true,
      },
      collectDirty: () => this.#collectDirty(keyTypes),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#index.sizeBytes + this.#index.groupEnd * 16 + this.#foundBytes,
      keyCount: () => this.#index.groupCount,
    };
  }

  /** The numbers of rows, known or new, until they are forgotten. */
  find({ columns, rowCount }: Batch): Int32Array {
    const numbers = new Int32Array(rowCount);
    this.#index.assign(columns, rowCount, numbers);
    this.#counts = grownFloat64(this.#counts, this.#index.groupEnd);
    this.#dirty.ensureCapacity(this.#index.groupEnd);
    return numbers;
  }

  /** What was found for a row; undefined for a new one. */
  foundFor(number: number): FoundRows | undefined {
    return this.#found[number];
  }

  record(number: number, found: FoundRows): void {
    const kept = { ...found, rows: compactBatch(found.rows) };
    this.#found[number] = kept;
    this.#foundBytes += compactBytes(kept.rows);
    this.#dirty.add(number);
  }

  /** Ends an epoch for the net change of rows. Errors: a row that is there a negative number of times, which no input may bring about. */
  settle(numbers: Int32Array, net: Batch): void {
    const gone: number[] = [];
    for (let row = 0; row < net.rowCount; row++) {
      const number = numbers[row]!;
      this.#counts[number]! += net.weights === null ? 1 : net.weights[row]!;
      const count = this.#counts[number]!;
      if (count < 0) throw new SqlError({ code: SqlState.internalError, message: 'a row of the left input of a lookup join has a negative count' });
      if (count === 0) gone.push(number);
      else this.#dirty.add(number);
    }
    if (gone.length === 0) return;
    this.#deleted.push(this.#stateKeys(gone));
    for (const number of gone) {
      this.#foundBytes -= compactBytes(this.#found[number]!.rows);
      this.#found[number] = undefined;
      this.#index.remove(number);
    }
  }

  /** A row for each right row of some left rows. */
  #stateKeys(numbers: readonly number[]): Batch {
    const repeated: number[] = [];
    const ordinals: number[] = [];
    for (const number of numbers) {
      for (let at = 0; at < stateRowCount(this.#found[number]!); at++) {
        repeated.push(number);
        ordinals.push(at);
      }
    }
    const left = this.#index.keyColumnsOf(Int32Array.from(repeated), repeated.length);
    const keys = keyColumns(new Batch(repeated.length, left), this.#keys);
    return new Batch(repeated.length, [...keys, ...left, columnFromDatums(int4Type, ordinals)]);
  }

  #collectDirty(keyTypes: readonly SqlType[]): { upserts: Batch; deletes: Batch } {
    const numbers = [...this.#dirty.list.subarray(0, this.#dirty.count)].filter((number) => this.#found[number] !== undefined);
    this.#dirty.clear();
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(keyTypes, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    const keys = this.#stateKeys(numbers);
    return { upserts: new Batch(keys.rowCount, [...keys.columns, ...this.#stateValues(numbers)]), deletes };
  }

  #stateValues(numbers: readonly number[]): Column[] {
    const found = numbers.map((number) => this.#found[number]!);
    const counts = numbers.flatMap((number, at) => new Array<number>(stateRowCount(found[at]!)).fill(this.#counts[number]!));
    const rightRows = new BatchBuilder(this.#options.right, 1).finish();
    const values = concatBatches([rightRows, ...found.map((one) => (one.rows.rowCount === 0 ? this.#nothing() : one.rows))]);
    const outcome = found.flatMap(({ rows, failure }) =>
      rows.rowCount === 0
        ? [[false, failure?.code ?? null, failure?.message ?? null]]
        : new Array<[true, null, null]>(rows.rowCount).fill([true, null, null]),
    );
    return [
      new FixedColumn(float8Type, Float64Array.from(counts), null),
      ...values.columns,
      ...OUTCOME.map((type, at) =>
        columnFromDatums(
          type,
          outcome.map((one) => one[at]!),
        ),
      ),
    ];
  }

  /** In the place of a right row. */
  #nothing(): Batch {
    return new Batch(
      1,
      this.#options.right.map((type) => columnFromDatums(type, [null])),
    );
  }

  #load(rows: Batch): void {
    const { left, right, keyCount } = this.#options;
    const countAt = keyCount + left.length + 1;
    const counts = (rows.columns[countAt] as FixedColumn).f64;
    const values = new Batch(rows.rowCount, rows.columns.slice(countAt + 1, countAt + 1 + right.length));
    const [isThere, code, message] = rows.columns.slice(countAt + 1 + right.length) as [Column, Column, Column];
    const numbers = this.find(new Batch(rows.rowCount, rows.columns.slice(keyCount, countAt - 1)));
    const byNumber = new Map<number, number[]>();
    for (let row = 0; row < rows.rowCount; row++) {
      const number = numbers[row]!;
      this.#counts[number] = counts[row]!;
      const same = byNumber.get(number);
      if (same === undefined) byNumber.set(number, [row]);
      else same.push(row);
    }
    for (const [number, own] of byNumber) {
      const first = own[0]!;
      const present = readDatum(isThere, first) === true;
      const loaded = gatherBatch(values, Int32Array.from(present ? own : []), present ? own.length : 0);
      const before = this.#found[number];
      const failure = isNull(code, first) ? null : failureOf(String(readDatum(code, first)), String(readDatum(message, first)));
      if (before !== undefined) this.#foundBytes -= compactBytes(before.rows);
      this.record(number, { rows: before === undefined ? loaded : concatBatches([before.rows, loaded]), failure });
    }
    this.#dirty.clear();
  }
}

function stateRowCount({ rows }: FoundRows): number {
  return Math.max(rows.rowCount, 1);
}

function failureOf(code: string, message: string): SqlError {
  return new SqlError({ code: code as SqlState, message });
}
