import { type Barrier, type Batch, type Epoch, type FixedColumn, int64Number, MAX_WATERMARK } from '../../batch/index.ts';
import type { SpillDue } from '../../spi/index.ts';
import { storageKind } from '../../types/index.ts';

const NEVER = Number.POSITIVE_INFINITY;

/** When the rows of buckets in the scratch have to come back though no rows of their keys come. */
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

  /** Rows of a table that are in the scratch from now on, all of one bucket. */
  add(table: string, bucket: number, rows: Batch): void {
    for (const clock of this.#clocks) clock.add(table, bucket, rows);
  }

  remove(buckets: readonly number[]): void {
    for (const clock of this.#clocks) clock.remove(buckets);
  }

  /** Buckets with rows that are due and were not taken in the epoch, some of them where there are more than `countMax`. */
  take(countMax: number, epoch: Epoch): readonly number[] {
    const taken: number[] = [];
    for (let bucket = 0; bucket < this.#takenIn.length && taken.length < countMax; bucket++) {
      if (this.#takenIn[bucket] === epoch || !this.#clocks.some((clock) => clock.isDue(bucket))) continue;
      this.#takenIn[bucket] = epoch;
      taken.push(bucket);
    }
    return taken;
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

  watermark(micros: bigint): void {
    if (this.#due.clock === 'watermark') this.#advance(micros);
  }

  barrier({ last, timestampMicros }: Barrier): void {
    if (this.#due.clock === 'epoch') this.#advance(last ? MAX_WATERMARK : timestampMicros);
    if (this.#due.clock === 'touches' && !last) this.#advance(timestampMicros);
  }

  add(table: string, bucket: number, rows: Batch): void {
    if (table !== this.#due.table) return;
    const times = rows.columns[this.#due.column] as FixedColumn;
    const isFloat = storageKind(times.type) === 'float';
    for (let row = 0; row < rows.rowCount; row++) {
      if (times.valid !== null && times.valid[row] === 0) continue;
      const micros = isFloat ? times.f64[row]! : int64Number(times, row);
      if (micros < this.#times[bucket]!) this.#times[bucket] = micros;
    }
  }

  remove(buckets: readonly number[]): void {
    for (const bucket of buckets) this.#times[bucket] = NEVER;
  }

  isDue(bucket: number): boolean {
    return this.#times[bucket]! <= this.#boundMicros;
  }

  #advance(micros: bigint): void {
    this.#boundMicros = Math.max(this.#boundMicros, Number(micros) - Number(this.#due.latenessMicros));
  }
}
