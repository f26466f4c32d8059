import { type Batch, type FixedColumn, isNull, readDatum } from '../../batch/index.ts';
import type { OrderedPartitions, OrderedRow } from '../ordering/index.ts';
import { DueQueue } from '../shared/index.ts';
import type { AsOfJoinSpec } from './spec.ts';
import { firstPlace } from './time-line.ts';

interface Sides {
  readonly left: OrderedPartitions;
  readonly right: OrderedPartitions;
}

/**
 * Forgets rows that nothing can change any more and nothing to come can meet, once no row with a time below R comes or goes on either side.
 *
 * Looking back, left rows below R have found what they will ever find; of right rows below R the latest of each key is what a row at R may look back to.
 * Looking ahead, right rows below R are behind all that is to come, and so are left rows that have found one of them. A left row that has found none waits.
 */
export class PassedRows {
  readonly #sides: Sides;
  readonly #spec: AsOfJoinSpec;
  readonly #keyColumns: readonly number[];
  readonly #left = new Schedule();
  readonly #right = new Schedule();
  /** Null before the first watermark. */
  #reachedMicros: bigint | null = null;

  constructor(sides: Sides, spec: AsOfJoinSpec) {
    this.#sides = sides;
    this.#spec = spec;
    this.#keyColumns = Array.from({ length: spec.keyCount }, (_, key) => key);
  }

  /** Rows that have come, with the partition of each. */
  came(side: 'left' | 'right', rows: Batch, partitions: Int32Array): void {
    // A left row that looks ahead goes with the right one it has found.
    if (side === 'left' && this.#spec.direction === 'after') return;
    const times = rows.columns[side === 'left' ? this.#spec.leftTime : this.#spec.rightTime] as FixedColumn;
    const schedule = side === 'left' ? this.#left : this.#right;
    for (let row = 0; row < rows.rowCount; row++) if (!isNull(times, row)) schedule.at(partitions[row]!, readDatum(times, row) as bigint);
  }

  reach(micros: bigint): void {
    if (this.#reachedMicros === null || micros > this.#reachedMicros) this.#reachedMicros = micros;
  }

  /** After all changes of the epoch; takes the place of both sides' release. */
  endEpoch(): void {
    const { left, right } = this.#sides;
    const [lefts, rights] = [new Set(left.touched()), new Set(right.touched())];
    if (this.#reachedMicros !== null) {
      if (this.#spec.direction === 'before') this.#forgetBehind(this.#reachedMicros, { lefts, rights });
      else this.#forgetAhead(this.#reachedMicros, { lefts, rights });
    }
    dropEmpty(left, lefts, this.#left);
    dropEmpty(right, rights, this.#right);
  }

  #forgetBehind(reached: bigint, { lefts, rights }: Looked): void {
    const { left, right } = this.#sides;
    for (const number of this.#left.takeBefore(reached)) {
      lefts.add(number);
      left.remove(number, 0, placeNotBefore(left.partition(number).order, reached));
      this.#left.next(number, left.partition(number).order[0]);
    }
    for (const number of this.#right.takeBefore(reached)) {
      rights.add(number);
      const { order } = right.partition(number);
      const end = placeNotBefore(order, reached);
      const latest = order[end - 1];
      if (latest !== undefined) right.remove(number, 0, placeNotBefore(order, timeOf(latest)));
      // What is kept goes when the watermark has passed a later one.
      const kept = order[0];
      this.#right.next(number, kept && order[firstPlace(order.length, (at) => timeOf(order[at]!) > timeOf(kept))]);
    }
  }

  #forgetAhead(reached: bigint, { lefts, rights }: Looked): void {
    const { left, right } = this.#sides;
    const due = this.#right.takeBefore(reached).filter((number) => right.partition(number).order.length > 0);
    const leftOf = left.find(this.#keysOf(due), due.length);
    for (const [at, number] of due.entries()) {
      rights.add(number);
      const { order } = right.partition(number);
      // Latest first, so the passed ones come last.
      const passed = firstPlace(order.length, (place) => timeOf(order[place]!) < reached);
      const latest = order[passed];
      if (latest !== undefined && leftOf[at]! >= 0) {
        lefts.add(leftOf[at]!);
        this.#forgetMatched(leftOf[at]!, timeOf(latest));
      }
      right.remove(number, passed, order.length);
      this.#right.next(number, right.partition(number).order.at(-1));
    }
  }

  /** Left rows of a key that have found the right row of that time, or an earlier one. */
  #forgetMatched(number: number, time: bigint): void {
    const { order } = this.#sides.left.partition(number);
    const end = firstPlace(order.length, (at) => order[at]!.values[0] === null);
    const { strict } = this.#spec;
    const start = firstPlace(end, (at) => timeOf(order[at]!) < time || (!strict && timeOf(order[at]!) === time));
    this.#sides.left.remove(number, start, end);
  }

  #keysOf(rights: readonly number[]) {
    const { right } = this.#sides;
    const columns = right.columnsOf(Int32Array.from(rights, (number) => right.partition(number).order[0]!.slot));
    return this.#keyColumns.map((key) => columns[key]!);
  }
}

/** Partitions to look at after an epoch. */
interface Looked {
  readonly lefts: Set<number>;
  readonly rights: Set<number>;
}

/** When a partition is looked at next. */
class Schedule {
  readonly #due = new DueQueue<number>();
  readonly #times = new Map<number, bigint>();

  at(number: number, micros: bigint): void {
    const known = this.#times.get(number);
    if (known !== undefined && known <= micros) return;
    this.#times.set(number, micros);
    this.#due.add(number, micros);
  }

  /** The queue also has entries of times that others came before, and of partitions that have gone. */
  takeBefore(reached: bigint): number[] {
    const taken: number[] = [];
    for (const number of this.#due.takeBefore(reached)) {
      const time = this.#times.get(number);
      if (time === undefined || time >= reached) continue;
      this.#times.delete(number);
      taken.push(number);
    }
    return taken;
  }

  /** The partition goes; another may get its number. */
  forget(number: number): void {
    this.#times.delete(number);
  }

  /** When that row has been passed; not at all for none. */
  next(number: number, row: OrderedRow | undefined): void {
    const time = row?.values[0] ?? null;
    if (time !== null) this.at(number, time as bigint);
  }
}

function dropEmpty(side: OrderedPartitions, numbers: ReadonlySet<number>, schedule: Schedule): void {
  side.release();
  const empty = Int32Array.from([...numbers].filter((number) => side.partition(number).order.length === 0));
  side.drop(empty);
  for (const number of empty) schedule.forget(number);
}

/** The first row of an ascending order that is not before a time. */
function placeNotBefore(order: readonly OrderedRow[], time: bigint): number {
  return firstPlace(order.length, (at) => order[at]!.values[0] === null || timeOf(order[at]!) >= time);
}

function timeOf(row: OrderedRow): bigint {
  return row.values[0] as bigint;
}
