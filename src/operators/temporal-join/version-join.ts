import { type Barrier, Batch, keyColumns, readDatum } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, Output } from '../../spi/index.ts';
import { joinedRows, NO_MATCH } from '../as-of-join/joined-rows.ts';
import { firstPlace } from '../as-of-join/time-line.ts';
import { repeatedByWeight } from '../hash-join/matches.ts';
import { splitByNullKeys } from '../hash-join/stored-side.ts';
import { OrderedPartitions } from '../ordering/index.ts';
import { DueQueue, emitInBatches } from '../shared/index.ts';
import type { TemporalJoinSpec, VersionTimes } from './spec.ts';
import { Versions } from './versions.ts';

/** On event time: left rows wait until the watermark has passed them (see index.ts). */
export class VersionJoin implements Operator {
  readonly #spec: TemporalJoinSpec & { readonly versions: VersionTimes };
  readonly #environment: OperatorEnvironment;
  readonly #keys: readonly number[];
  /** Newest first, so that the rows that come out are the last ones. */
  readonly #waiting: OrderedPartitions;
  readonly #versions: Versions;
  readonly #due = new DueQueue<number>();
  /** When a partition of waiting rows is looked at next. */
  readonly #scheduled = new Map<number, bigint>();
  /** No row to come has a time below; null before the first watermark. */
  #reachedMicros: bigint | null = null;

  constructor(spec: TemporalJoinSpec & { readonly versions: VersionTimes }, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const { keyCount } = spec;
    this.#keys = Array.from({ length: keyCount }, (_, key) => key);
    const types = environment.inputColumns[0]!.map((column) => column.type);
    this.#waiting = new OrderedPartitions({
      name: 'left',
      types,
      partitionCount: keyCount,
      partitionKeyCount: keyCount,
      orderBy: [{ column: spec.versions.left, descending: true, nullsFirst: false }],
      tieBy: [...types.keys()],
      kept: [],
      emptyStay: true,
      loaded: (rows, partitions) => this.#scheduleAll(rows, partitions),
    });
    environment.registerState(this.#waiting.state);
    this.#versions = new Versions(spec, environment);
  }

  processBatch(input: number, batch: Batch, out: Output): void {
    if (input === 1) {
      this.#versions.add(batch);
      return;
    }
    const { rows, unmatchable } = splitByNullKeys(batch, [...this.#keys, this.#spec.versions.left]);
    if (unmatchable !== null)
      this.#emit(
        unmatchable,
        Array.from({ length: unmatchable.rowCount }, () => NO_MATCH),
        out,
      );
    if (rows.rowCount > 0) this.#scheduleAll(rows, this.#waiting.apply(rows));
  }

  processWatermark(micros: bigint): void {
    const reached = micros - this.#spec.versions.latenessMicros;
    if (this.#reachedMicros === null || reached > this.#reachedMicros) this.#reachedMicros = reached;
  }

  processBarrier(barrier: Barrier, out: Output): void {
    for (const number of this.#waiting.touched()) this.#waiting.settle(number);
    this.#versions.settle();
    const emptied = this.#reachedMicros === null || barrier.rowsFollow === true ? [] : this.#emitPassed(this.#reachedMicros, out);
    this.#waiting.release();
    this.#waiting.drop(Int32Array.from(emptied));
    this.#versions.endEpoch(this.#reachedMicros);
  }

  /** Waiting rows with a time below. Returns the partitions that have no others. */
  #emitPassed(reached: bigint, out: Output): number[] {
    const slots: number[] = [];
    const weights: number[] = [];
    const emptied: number[] = [];
    for (const number of this.#due.takeBefore(reached)) {
      this.#scheduled.delete(number);
      const { order } = this.#waiting.partition(number);
      const from = firstPlace(order.length, (at) => (order[at]!.values[0] as bigint) < reached);
      for (const row of order.slice(from)) {
        slots.push(row.slot);
        weights.push(row.count);
      }
      this.#waiting.truncate(number, from);
      if (from === 0) emptied.push(number);
      else this.#schedule(number, order[from - 1]!.values[0] as bigint);
    }
    if (slots.length > 0) {
      const rows = new Batch(slots.length, this.#waiting.columnsOf(Int32Array.from(slots)), Int32Array.from(weights));
      this.#emit(rows, this.#matchesOf(rows), out);
    }
    return emptied;
  }

  #matchesOf(rows: Batch): number[] {
    const keys = this.#versions.find(keyColumns(rows, this.#keys), rows.rowCount);
    const times = rows.columns[this.#spec.versions.left]!;
    return Array.from(keys, (key, row) => this.#versions.slotAt(key, readDatum(times, row) as bigint));
  }

  #emit(rows: Batch, slots: readonly number[], out: Output): void {
    for (const joined of joinedRows(rows, slots, this.#versions, this.#spec.joinType)) {
      emitInBatches(repeatedByWeight(joined), this.#environment.batchRows, out);
    }
  }

  #scheduleAll(rows: Batch, partitions: Int32Array): void {
    const times = rows.columns[this.#spec.versions.left]!;
    for (let row = 0; row < rows.rowCount; row++) this.#schedule(partitions[row]!, readDatum(times, row) as bigint);
  }

  #schedule(partition: number, dueMicros: bigint): void {
    const known = this.#scheduled.get(partition);
    if (known !== undefined && known <= dueMicros) return;
    this.#scheduled.set(partition, dueMicros);
    this.#due.add(partition, dueMicros);
  }
}
