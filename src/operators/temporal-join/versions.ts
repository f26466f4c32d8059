import { Batch, type Column, concatBatches, gatherBatch, keyColumns, readDatum } from '../../batch/index.ts';
import type { OperatorEnvironment } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { NO_MATCH } from '../as-of-join/joined-rows.ts';
import { firstPlace } from '../as-of-join/time-line.ts';
import { OrderedPartitions, type OrderedRow, withPendingRows } from '../ordering/index.ts';
import { consolidate } from '../shared/index.ts';
import type { TemporalJoinSpec, VersionTimes } from './spec.ts';

/** What an epoch does to the row of a key: whether there is one after it, and since when that holds. */
interface KeyChange {
  retracted: boolean;
  /** The earliest time of a row that has come; null when none has. */
  sinceMicros: bigint | null;
}

/** The versions of a table by key, newest first. */
export class Versions {
  readonly types: readonly SqlType[];
  readonly #keys: readonly number[];
  readonly #timeColumn: number;
  readonly #appended: boolean;
  readonly #rows: OrderedPartitions;
  readonly #pending: Batch[] = [];

  constructor({ keyCount, versions }: TemporalJoinSpec & { readonly versions: VersionTimes }, environment: OperatorEnvironment) {
    this.types = environment.inputColumns[1]!.map((column) => column.type);
    this.#keys = Array.from({ length: keyCount }, (_, key) => key);
    this.#timeColumn = versions.right;
    this.#appended = environment.inputAppendOnly[1]!;
    this.#rows = new OrderedPartitions({
      name: 'right',
      types: this.types,
      partitionCount: keyCount,
      partitionKeyCount: keyCount,
      orderBy: [{ column: versions.right, descending: true, nullsFirst: false }],
      tieBy: versions.tieBy,
      kept: [],
    });
    environment.registerState(withPendingRows(this.#rows.state, this.#pending));
  }

  add(batch: Batch): void {
    if (this.#appended) this.#rows.apply(batch);
    else this.#pending.push(batch);
  }

  /** The changes of the epoch are all there. */
  settle(): void {
    if (this.#pending.length > 0) this.#applyChanges(consolidate(concatBatches(this.#pending.splice(0))));
    for (const number of this.#rows.touched()) this.#rows.settle(number);
  }

  /** Of keys with a change, forgets the versions no row at `reached` or later is joined with; null: there may be rows of any time. */
  endEpoch(reachedMicros: bigint | null): void {
    if (reachedMicros !== null) {
      for (const number of this.#rows.touched()) {
        const { order } = this.#rows.partition(number);
        this.#rows.truncate(number, Math.min(order.length, placeAt(order, reachedMicros) + 1));
      }
    }
    this.#rows.release();
  }

  /** The number of each key, -1 for one without versions. */
  find(keys: readonly Column[], rowCount: number): Int32Array {
    return this.#rows.find(keys, rowCount);
  }

  /** The version of a key at a time. */
  slotAt(key: number, micros: bigint): number {
    if (key < 0) return NO_MATCH;
    const { order } = this.#rows.partition(key);
    return order[placeAt(order, micros)]?.slot ?? NO_MATCH;
  }

  columnsOf(slots: Int32Array): Column[] {
    return this.#rows.columnsOf(slots);
  }

  /** Rows that come are versions; those that go have been corrected, deleted or, mostly, superseded, in which case they stay. */
  #applyChanges(delta: Batch): void {
    if (delta.rowCount === 0) return;
    const came: number[] = [];
    for (let row = 0; row < delta.rowCount; row++) if (delta.weights === null || delta.weights[row]! > 0) came.push(row);
    const gone = this.#revoked(delta);
    const slots = Int32Array.from(gone, (version) => version.slot);
    const counts = Int32Array.from(gone, (version) => -version.count);
    if (gone.length > 0) this.#rows.apply(new Batch(gone.length, this.#rows.columnsOf(slots), counts));
    if (came.length > 0) this.#rows.apply(gatherBatch(delta, Int32Array.from(came), came.length));
  }

  /** Versions that hold no more, for any row still to come out. */
  #revoked(delta: Batch): OrderedRow[] {
    const revoked: OrderedRow[] = [];
    for (const [key, { retracted, sinceMicros }] of this.#changesByKey(delta)) {
      if (!retracted || key < 0) continue;
      const { order } = this.#rows.partition(key);
      for (const version of order) if (sinceMicros === null || (version.values[0] as bigint) >= sinceMicros) revoked.push(version);
    }
    return revoked;
  }

  #changesByKey(delta: Batch): Map<number, KeyChange> {
    const keys = this.#rows.find(keyColumns(delta, this.#keys), delta.rowCount);
    const times = delta.columns[this.#timeColumn]!;
    const changes = new Map<number, KeyChange>();
    for (let row = 0; row < delta.rowCount; row++) {
      const change = changes.get(keys[row]!) ?? { retracted: false, sinceMicros: null };
      changes.set(keys[row]!, change);
      if (delta.weights !== null && delta.weights[row]! < 0) {
        change.retracted = true;
        continue;
      }
      const time = readDatum(times, row) as bigint;
      if (change.sinceMicros === null || time < change.sinceMicros) change.sinceMicros = time;
    }
    return changes;
  }
}

/** Where the version at a time stands; the length when all are later. */
function placeAt(order: readonly OrderedRow[], micros: bigint): number {
  return firstPlace(order.length, (at) => (order[at]!.values[0] as bigint) <= micros);
}
