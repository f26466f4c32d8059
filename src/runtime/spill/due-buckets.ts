import { type Barrier, type Batch, type Epoch, type FixedColumn, int64Number, MAX_WATERMARK } from '../../batch/index.ts';
import type { SpillDue } from '../../spi/index.ts';
import { storageKind } from '../../types/index.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** Rows of a table that are in the scratch from now on. */
export interface ColdTimes {
  readonly table: string;
  readonly rows: Batch;
  /** See StateTable.dueTimes; null where it is not known. */
  readonly times: Float64Array | null;
  readonly bucketOf: Int32Array;
  /** By bucket: 1 where its rows are meant, others stay in memory. */
  readonly wanted: Uint8Array;
}

/** When the rows of buckets in the scratch have to come back, or to go, though no rows of their keys come. */
export class DueBuckets {
  readonly #clocks: readonly DueClock[];
  /** By bucket, the epoch that has taken it last. */
  readonly #takenIn: Float64Array;

  constructor(due: readonly SpillDue[], buckets: number) {
    this.#clocks = due.map((one) => new DueClock(one, buckets));
    this.#takenIn = new Float64Array(buckets).fill(-1);
  }

  watermark(micros: bigint): void {
    for (const clock of this.#clocks) clock.watermark(micros);
  }

  barrier(barrier: Barrier): void {
    for (const clock of this.#clocks) clock.barrier(barrier);
  }

  add(cold: ColdTimes): void {
    for (const clock of this.#clocks) clock.add(cold);
  }

  remove(buckets: readonly number[]): void {
    for (const clock of this.#clocks) clock.remove(buckets);
  }

  /** Buckets with rows that are due and were not taken in the epoch, some of them where there are more than `countMax`: those to bring back, and those where rows only go. */
  take(countMax: number, epoch: Epoch): { readonly brought: readonly number[]; readonly thinned: readonly number[] } {
    const brought: number[] = [];
    const thinned: number[] = [];
    for (let bucket = 0; bucket < this.#takenIn.length && brought.length + thinned.length < countMax; bucket++) {
      if (this.#takenIn[bucket] === epoch) continue;
      const due = this.#clocks.filter((clock) => clock.isDue(bucket));
      if (due.length === 0) continue;
      this.#takenIn[bucket] = epoch;
      (due.every((clock) => clock.isForgotten) ? thinned : brought).push(bucket);
    }
    return { brought, thinned };
  }

  /** Which rows time has done for, and which not, by place; null where there are none of the first. */
  forgotten(table: string, rows: Batch): { readonly gone: Int32Array; readonly kept: Int32Array } | null {
    const clock = this.#clocks.find((one) => one.isForgotten && one.table === table);
    if (clock === undefined) return null;
    const isDue = clock.dueRows(rows);
    const places = Int32Array.from(isDue.keys());
    const gone = places.filter((row) => isDue[row] === 1);
    return gone.length === 0 ? null : { gone, kept: places.filter((row) => isDue[row] === 0) };
  }
}

/** One table's column of times, and how far its clock has come. */
class DueClock {
  readonly #due: SpillDue;
  /** By bucket, the earliest time of its rows. */
  readonly #times: Float64Array;
  #boundMicros = Number.NEGATIVE_INFINITY;

  constructor(due: SpillDue, buckets: number) {
    this.#due = due;
    this.#times = new Float64Array(buckets).fill(NEVER);
  }

  get table(): string {
    return this.#due.table;
  }

  get isForgotten(): boolean {
    return this.#due.forgotten === true;
  }

  watermark(micros: bigint): void {
    if (this.#due.clock === 'watermark') this.#advance(micros);
  }

  barrier({ last, timestampMicros }: Barrier): void {
    if (this.#due.clock === 'epoch') this.#advance(last ? MAX_WATERMARK : timestampMicros);
    if (this.#due.clock === 'touches' && !last) this.#advance(timestampMicros);
  }

  add({ table, rows, times, bucketOf, wanted }: ColdTimes): void {
    if (table !== this.#due.table) return;
    const timeOf = this.#timesOf(rows, times);
    for (let row = 0; row < rows.rowCount; row++) {
      const bucket = bucketOf[row]!;
      if (wanted[bucket] === 0) continue;
      const micros = timeOf(row);
      if (micros < this.#times[bucket]!) this.#times[bucket] = micros;
    }
  }

  remove(buckets: readonly number[]): void {
    for (const bucket of buckets) this.#times[bucket] = NEVER;
  }

  isDue(bucket: number): boolean {
    return this.#times[bucket]! <= this.#boundMicros;
  }

  /** By row: 1 where it is due. */
  dueRows(rows: Batch): Uint8Array {
    const timeOf = this.#timesOf(rows, null);
    const isDue = new Uint8Array(rows.rowCount);
    for (let row = 0; row < rows.rowCount; row++) isDue[row] = timeOf(row) <= this.#boundMicros ? 1 : 0;
    return isDue;
  }

  #timesOf(rows: Batch, times: Float64Array | null): (row: number) => number {
    const { column } = this.#due;
    if (column === null) return (row) => times?.[row] ?? Number.NEGATIVE_INFINITY;
    const own = rows.columns[column] as FixedColumn;
    const isFloat = storageKind(own.type) === 'float';
    return (row) => {
      if (own.valid !== null && own.valid[row] === 0) return NEVER;
      return isFloat ? own.f64[row]! : int64Number(own, row);
    };
  }

  #advance(micros: bigint): void {
    this.#boundMicros = Math.max(this.#boundMicros, Number(micros) - Number(this.#due.latenessMicros));
  }
}
