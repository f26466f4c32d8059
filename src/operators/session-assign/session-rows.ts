import { type Batch, type FixedColumn, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { CountedRows, grownFloat64, grownInt32, TouchedGroups } from '../shared/index.ts';
import { SessionChange } from './session-change.ts';
import type { SessionAssignSpec } from './spec.ts';

/**
 * The rows of open sessions, and for each partition its rows in order of time. Which session a row lies in follows from the order, so only rows
 * are state.
 */
export class SessionRows {
  readonly state: StateTable;
  readonly #spec: SessionAssignSpec;
  readonly #gap: number;
  readonly #rows: CountedRows;
  readonly #partitions: GroupIndex;
  readonly #touched = new TouchedGroups();
  readonly #touchedPartitions = new TouchedGroups();
  #partitionOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  #times: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** What has been shown of a slot: its multiplicity (0: nothing) and its session's bounds. */
  #shownCounts: Float64Array<ArrayBuffer> = new Float64Array(64);
  #shownStarts: Float64Array<ArrayBuffer> = new Float64Array(64);
  #shownEnds: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** Slots of a partition by time. */
  #ordered: (number[] | undefined)[] = [];
  /** End of a partition's first session. */
  #firstEnds: Float64Array<ArrayBuffer> = new Float64Array(64);
  #earliestEnd = Number.POSITIVE_INFINITY;

  /** `loadedAsNew`: nothing of what is loaded has been shown. */
  constructor(types: readonly SqlType[], spec: SessionAssignSpec, { loadedAsNew }: { readonly loadedAsNew: boolean }) {
    this.#spec = spec;
    this.#gap = Number(spec.gapMicros);
    const { partitionBy, partitionKeyCount } = spec;
    this.#partitions = new GroupIndex(partitionBy.map((column) => types[column]!));
    this.#rows = new CountedRows({
      types,
      partitionBy,
      partitionKeyCount,
      slotBytes: 48,
      dueTime: (slot) => this.#shownEnds[slot]!,
      load: (rows) => (loadedAsNew ? this.apply(rows) : this.#load(rows)),
    });
    this.state = this.#rows.state;
  }

  /** Adds rows, each with a finite time; negative weights take away. */
  apply(batch: Batch): void {
    const { slots, partitions } = this.#add(batch);
    for (let row = 0; row < batch.rowCount; row++) {
      this.#touched.add(slots[row]!);
      this.#touchedPartitions.add(partitions[row]!);
    }
  }

  /** What is loaded has been shown before; changes of other partitions may wait to be settled. */
  #load(batch: Batch): void {
    const { slots, partitions } = this.#add(batch);
    this.#settle(slots, new Set(partitions));
  }

  #add(batch: Batch): { readonly slots: Int32Array; readonly partitions: Int32Array } {
    const { rowCount } = batch;
    const slots = this.#rows.add(batch);
    const partitions = new Int32Array(rowCount);
    this.#partitions.assign(keyColumns(batch, this.#spec.partitionBy), rowCount, partitions);
    this.#ensureCapacity();
    const words = (batch.columns[this.#spec.timeColumn] as FixedColumn).i32;
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      this.#times[slot] = words[2 * row + 1]! * 4294967296 + (words[2 * row]! >>> 0);
      this.#partitionOf[slot] = partitions[row]!;
    }
    return { slots, partitions };
  }

  /** Brings the touched partitions up to date; returns what has changed, or null when a row is there a negative number of times. */
  settle(): SessionChange | null {
    const [slots, partitions] = [this.#touched, this.#touchedPartitions].map(({ list, count }) => list.slice(0, count));
    this.#touched.clear();
    this.#touchedPartitions.clear();
    return this.#settle(slots!, partitions!);
  }

  #settle(slots: Int32Array, partitions: Iterable<number>): SessionChange | null {
    const change = new SessionChange();
    const fresh = new Map<number, number[]>();
    const gone: number[] = [];
    for (const slot of slots) {
      const count = this.#rows.countOf(slot);
      if (count < 0) return null;
      if (count === 0) {
        gone.push(slot);
        this.#retract(slot, change);
      } else if (this.#shownCounts[slot] === 0) {
        const partition = this.#partitionOf[slot]!;
        const known = fresh.get(partition);
        if (known === undefined) fresh.set(partition, [slot]);
        else known.push(slot);
      }
    }
    for (const partition of partitions) {
      const present = (this.#ordered[partition] ?? []).filter((slot) => this.#rows.countOf(slot) > 0);
      this.#ordered[partition] = this.#merge(present, fresh.get(partition) ?? []);
      this.#showSessions(partition, change);
    }
    change.columns = this.#rows.columnsOf(change.slots);
    this.#forget(gone);
    for (const partition of partitions) this.#releaseIfEmpty(partition);
    return change;
  }

  /** Forgets the rows of sessions with end < bound; returns them as they were shown last. */
  close(bound: number): SessionChange {
    const closed = new SessionChange();
    if (this.#earliestEnd >= bound) return closed;
    this.#earliestEnd = Number.POSITIVE_INFINITY;
    const emptied: number[] = [];
    for (let partition = 0; partition < this.#partitions.groupEnd; partition++) {
      if (!this.#partitions.isLive(partition)) continue;
      if (this.#firstEnds[partition]! < bound) this.#closePartition(partition, bound, closed);
      if (this.#ordered[partition]!.length === 0) emptied.push(partition);
      else this.#earliestEnd = Math.min(this.#earliestEnd, this.#firstEnds[partition]!);
    }
    closed.columns = this.#rows.columnsOf(closed.slots);
    this.#forget(closed.slots);
    for (const partition of emptied) this.#releaseIfEmpty(partition);
    return closed;
  }

  #closePartition(partition: number, bound: number, closed: SessionChange): void {
    const ordered = this.#ordered[partition]!;
    let open = 0;
    while (open < ordered.length && this.#shownEnds[ordered[open]!]! < bound) {
      const slot = ordered[open++]!;
      closed.add(slot, this.#shownCounts[slot]!, this.#shownStarts[slot]!, this.#shownEnds[slot]!);
    }
    this.#ordered[partition] = ordered.slice(open);
    if (open < ordered.length) this.#firstEnds[partition] = this.#shownEnds[ordered[open]!]!;
  }

  /** Walks a partition in order of time and notes every row whose session or multiplicity is another than shown. */
  #showSessions(partition: number, change: SessionChange): void {
    const ordered = this.#ordered[partition]!;
    const times = this.#times;
    for (let first = 0; first < ordered.length; ) {
      let next = first + 1;
      while (next < ordered.length && times[ordered[next]!]! - times[ordered[next - 1]!]! <= this.#gap) next++;
      const start = times[ordered[first]!]!;
      const end = times[ordered[next - 1]!]! + this.#gap;
      if (first === 0) {
        this.#firstEnds[partition] = end;
        this.#earliestEnd = Math.min(this.#earliestEnd, end);
      }
      for (let at = first; at < next; at++) this.#show(ordered[at]!, start, end, change);
      first = next;
    }
  }

  #show(slot: number, start: number, end: number, change: SessionChange): void {
    const count = this.#rows.countOf(slot);
    const shown = this.#shownCounts[slot]!;
    if (shown > 0 && this.#shownStarts[slot] === start && this.#shownEnds[slot] === end) {
      if (count !== shown) change.add(slot, count - shown, start, end);
    } else {
      this.#retract(slot, change);
      change.add(slot, count, start, end);
    }
    this.#shownCounts[slot] = count;
    this.#shownStarts[slot] = start;
    this.#shownEnds[slot] = end;
  }

  #retract(slot: number, change: SessionChange): void {
    if (this.#shownCounts[slot]! > 0) change.add(slot, -this.#shownCounts[slot]!, this.#shownStarts[slot]!, this.#shownEnds[slot]!);
  }

  #merge(left: readonly number[], right: number[]): number[] {
    const times = this.#times;
    right.sort((one, other) => times[one]! - times[other]!);
    const merged: number[] = [];
    let at = 0;
    for (const slot of right) {
      while (at < left.length && times[left[at]!]! <= times[slot]!) merged.push(left[at++]!);
      merged.push(slot);
    }
    while (at < left.length) merged.push(left[at++]!);
    return merged;
  }

  #forget(slots: readonly number[]): void {
    for (const slot of slots) this.#shownCounts[slot] = 0;
    this.#rows.remove(slots);
  }

  #releaseIfEmpty(partition: number): void {
    if (this.#ordered[partition]!.length > 0) return;
    this.#ordered[partition] = undefined;
    this.#partitions.remove(partition);
  }

  #ensureCapacity(): void {
    const end = this.#rows.slotEnd;
    this.#partitionOf = grownInt32(this.#partitionOf, end);
    this.#times = grownFloat64(this.#times, end);
    this.#shownCounts = grownFloat64(this.#shownCounts, end);
    this.#shownStarts = grownFloat64(this.#shownStarts, end);
    this.#shownEnds = grownFloat64(this.#shownEnds, end);
    this.#touched.ensureCapacity(end);
    this.#firstEnds = grownFloat64(this.#firstEnds, this.#partitions.groupEnd);
    this.#touchedPartitions.ensureCapacity(this.#partitions.groupEnd);
  }
}
