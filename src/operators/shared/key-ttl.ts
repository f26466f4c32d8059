import { type Barrier, Batch, BatchBuilder, type Column, concatBatches, FixedColumn, GroupIndex } from '../../batch/index.ts';
import type { OperatorEnvironment, SpillDue, StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { LastTouches } from './last-touches.ts';
import { TouchedGroups } from './touched-groups.ts';

const float8Type: SqlType = { kind: 'float8' };

/** Rows to take away that a ttl has made forgotten. */
export function reportForgotten(rows: number, operator: string, { logger }: Pick<OperatorEnvironment, 'logger'>): void {
  logger.log('info', 'rows to take away had been forgotten by their ttl', { operator, rows });
}

/** Rows of `table` whose `column` has the time of the epoch that touched them last. */
export function ttlDue(table: string, column: number, ttlMs: number): SpillDue {
  return { table, column, clock: 'touches', latenessMicros: BigInt(Math.round(ttlMs * 1000)) };
}

interface KeyTtlOptions {
  readonly keyTypes: readonly SqlType[];
  /** How many leading keys decide the key group. */
  readonly partitionKeyCount: number;
  readonly ttlMs: number;
}

/** Keys with the time of the epoch they were touched in last: tells its owner which to forget. State: the keys and these times. */
export class KeyTtl {
  readonly state: StateTable;
  readonly #keyTypes: readonly SqlType[];
  readonly #index: GroupIndex;
  readonly #touches: LastTouches;
  readonly #touched = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #numbers = new Int32Array(64);
  /** Time does not go back, though the barrier that ends an input has none. */
  #nowMicros = Number.NEGATIVE_INFINITY;

  constructor({ keyTypes, partitionKeyCount, ttlMs }: KeyTtlOptions) {
    this.#keyTypes = keyTypes;
    this.#index = new GroupIndex(keyTypes);
    this.#touches = new LastTouches(ttlMs * 1000);
    this.state = {
      declaration: { name: 'touched', columns: [...keyTypes, float8Type], keyCount: keyTypes.length, partitionKeyCount },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      all: () => this.#rowsOf(this.#index.liveGroups()),
      sizeBytes: () => this.#index.sizeBytes + this.#index.groupEnd * 24,
      keyCount: () => this.#index.groupCount,
    };
  }

  /** Rows with these canonical keys have come or gone. */
  touch(keys: readonly Column[], rowCount: number): void {
    const numbers = this.#assign(keys, rowCount);
    for (let row = 0; row < rowCount; row++) this.#touched.add(numbers[row]!);
  }

  /** Ends an epoch: the keys that were not touched in it nor for the ttl before; null when there are none. */
  take(barrier: Barrier): { readonly keys: readonly Column[]; readonly count: number } | null {
    if (!barrier.last) this.#nowMicros = Math.max(this.#nowMicros, Number(barrier.timestampMicros));
    for (let at = 0; at < this.#touched.count; at++) {
      const number = this.#touched.list[at]!;
      this.#touches.touch(number, this.#nowMicros);
      this.#dirty.add(number);
    }
    this.#touched.clear();
    if (barrier.rowsFollow === true) return null;
    const gone = Int32Array.from(this.#touches.take(this.#nowMicros));
    if (gone.length === 0) return null;
    const keys = this.#index.keyColumnsOf(gone, gone.length);
    this.#deleted.push(new Batch(gone.length, keys));
    for (const number of gone) this.#index.remove(number);
    return { keys, count: gone.length };
  }

  #assign(keys: readonly Column[], rowCount: number): Int32Array {
    if (this.#numbers.length < rowCount) this.#numbers = new Int32Array(rowCount);
    this.#index.assign(keys, rowCount, this.#numbers);
    this.#touched.ensureCapacity(this.#index.groupEnd);
    this.#dirty.ensureCapacity(this.#index.groupEnd);
    return this.#numbers;
  }

  #collectDirty(): { readonly upserts: Batch; readonly deletes: Batch } {
    const numbers = this.#dirty.list.slice(0, this.#dirty.count).filter((number) => this.#index.isLive(number));
    this.#dirty.clear();
    const upserts = this.#rowsOf(numbers);
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(this.#keyTypes, 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts, deletes };
  }

  #rowsOf(numbers: Int32Array): Batch {
    const times = new FixedColumn(
      float8Type,
      Float64Array.from(numbers, (number) => this.#touches.timeOf(number)),
      null,
    );
    return new Batch(numbers.length, [...this.#index.keyColumnsOf(numbers, numbers.length), times]);
  }

  #load({ rowCount, columns }: Batch): void {
    const numbers = this.#assign(columns.slice(0, -1), rowCount);
    const times = (columns.at(-1) as FixedColumn).f64;
    for (let row = 0; row < rowCount; row++) this.#touches.touch(numbers[row]!, times[row]!);
  }
}
