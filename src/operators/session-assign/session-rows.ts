import { Batch, BatchBuilder, type Column, concatBatches, FixedColumn, GroupIndex, keyColumns } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64, grownInt32, TouchedGroups } from '../shared/index.ts';
import { SessionChange } from './session-change.ts';
import type { SessionAssignSpec } from './spec.ts';

const float8Type: SqlType = { kind: 'float8' };

/**
 * The rows of open sessions: distinct rows (byte for byte) with a multiplicity, found by all columns, and for each partition its rows in order of
 * time. A slot is the number of a distinct row. Which session a row lies in follows from the order, so only rows are state.
 */
export class SessionRows {
  readonly state: StateTable;
  readonly #spec: SessionAssignSpec;
  readonly #gap: number;
  readonly #types: readonly SqlType[];
  readonly #rows: GroupIndex;
  readonly #partitions: GroupIndex;
  readonly #touched = new TouchedGroups();
  readonly #touchedPartitions = new TouchedGroups();
  readonly #dirty = new TouchedGroups();
  #deleted: Batch[] = [];
  #partitionOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  #times: Float64Array<ArrayBuffer> = new Float64Array(64);
  #counts: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** What has been shown of a slot: its multiplicity (0: nothing) and its session's bounds. */
  #shownCounts: Float64Array<ArrayBuffer> = new Float64Array(64);
  #shownStarts: Float64Array<ArrayBuffer> = new Float64Array(64);
  #shownEnds: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** Slots of a partition by time. */
  #ordered: (number[] | undefined)[] = [];
  /** End of a partition's first session. */
  #firstEnds: Float64Array<ArrayBuffer> = new Float64Array(64);
  #earliestEnd = Number.POSITIVE_INFINITY;

  constructor(types: readonly SqlType[], spec: SessionAssignSpec) {
    this.#spec = spec;
    this.#gap = Number(spec.gapMicros);
    this.#types = types;
    this.#rows = new GroupIndex(types);
    this.#partitions = new GroupIndex(spec.partitionBy.map((column) => types[column]!));
    // The partition's columns come first to decide the key group, and again at their place among all columns.
    const keyTypes = [...spec.partitionBy.map((column) => types[column]!), ...types];
    this.state = {
      declaration: { name: 'rows', columns: [...keyTypes, float8Type], keyCount: keyTypes.length, partitionKeyCount: spec.partitionKeyCount },
      collectDirty: () => this.#collectDirty(),
      load: (rows) => this.#load(rows),
      sizeBytes: () => this.#rows.sizeBytes + this.#partitions.sizeBytes + this.#rows.groupEnd * 56,
      keyCount: () => this.#rows.groupCount,
    };
  }

  /** Adds rows, each with a finite time; negative weights take away. */
  apply(batch: Batch): void {
    const { rowCount, weights } = batch;
    const slots = new Int32Array(rowCount);
    const partitions = new Int32Array(rowCount);
    this.#rows.assign(batch.columns, rowCount, slots);
    this.#partitions.assign(keyColumns(batch, this.#spec.partitionBy), rowCount, partitions);
    this.#ensureCapacity();
    const words = (batch.columns[this.#spec.timeColumn] as FixedColumn).i32;
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      this.#times[slot] = words[2 * row + 1]! * 4294967296 + (words[2 * row]! >>> 0);
      this.#partitionOf[slot] = partitions[row]!;
      this.#counts[slot]! += weights === null ? 1 : weights[row]!;
      this.#touched.add(slot);
      this.#dirty.add(slot);
      this.#touchedPartitions.add(partitions[row]!);
    }
  }

  /** Brings the touched partitions up to date; returns what has changed, or null when a row is there a negative number of times. */
  settle(): SessionChange | null {
    const change = new SessionChange();
    const fresh = new Map<number, number[]>();
    const gone: number[] = [];
    for (let at = 0; at < this.#touched.count; at++) {
      const slot = this.#touched.list[at]!;
      if (this.#counts[slot]! < 0) return null;
      if (this.#counts[slot] === 0) {
        gone.push(slot);
        this.#retract(slot, change);
      } else if (this.#shownCounts[slot] === 0) {
        const partition = this.#partitionOf[slot]!;
        const slots = fresh.get(partition);
        if (slots === undefined) fresh.set(partition, [slot]);
        else slots.push(slot);
      }
    }
    for (let at = 0; at < this.#touchedPartitions.count; at++) {
      const partition = this.#touchedPartitions.list[at]!;
      const present = (this.#ordered[partition] ?? []).filter((slot) => this.#counts[slot]! > 0);
      this.#ordered[partition] = this.#merge(present, fresh.get(partition) ?? []);
      this.#showSessions(partition, change);
    }
    this.#touched.clear();
    change.columns = this.#columnsOf(change.slots);
    this.#forget(gone);
    for (let at = 0; at < this.#touchedPartitions.count; at++) this.#releaseIfEmpty(this.#touchedPartitions.list[at]!);
    this.#touchedPartitions.clear();
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
    closed.columns = this.#columnsOf(closed.slots);
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
    const count = this.#counts[slot]!;
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

  #columnsOf(slots: readonly number[]): Column[] {
    return this.#rows.keyColumnsOf(Int32Array.from(slots), slots.length);
  }

  #forget(slots: readonly number[]): void {
    if (slots.length === 0) return;
    this.#deleted.push(this.#stateKeys(slots));
    for (const slot of slots) {
      this.#counts[slot] = 0;
      this.#shownCounts[slot] = 0;
      this.#rows.remove(slot);
    }
  }

  #releaseIfEmpty(partition: number): void {
    if (this.#ordered[partition]!.length > 0) return;
    this.#ordered[partition] = undefined;
    this.#partitions.remove(partition);
  }

  #stateKeys(slots: readonly number[]): Batch {
    const rows = new Batch(slots.length, this.#columnsOf(slots));
    return new Batch(slots.length, [...keyColumns(rows, this.#spec.partitionBy), ...rows.columns]);
  }

  #ensureCapacity(): void {
    const end = this.#rows.groupEnd;
    this.#partitionOf = grownInt32(this.#partitionOf, end);
    this.#times = grownFloat64(this.#times, end);
    this.#counts = grownFloat64(this.#counts, end);
    this.#shownCounts = grownFloat64(this.#shownCounts, end);
    this.#shownStarts = grownFloat64(this.#shownStarts, end);
    this.#shownEnds = grownFloat64(this.#shownEnds, end);
    this.#touched.ensureCapacity(end);
    this.#dirty.ensureCapacity(end);
    this.#firstEnds = grownFloat64(this.#firstEnds, this.#partitions.groupEnd);
    this.#touchedPartitions.ensureCapacity(this.#partitions.groupEnd);
  }

  #collectDirty(): { upserts: Batch; deletes: Batch } {
    const slots = [...this.#dirty.list.subarray(0, this.#dirty.count)].filter((slot) => this.#rows.isLive(slot));
    this.#dirty.clear();
    const counts = new FixedColumn(
      float8Type,
      Float64Array.from(slots, (slot) => this.#counts[slot]!),
      null,
    );
    const keys = this.#stateKeys(slots);
    const deletes = this.#deleted.length === 0 ? new BatchBuilder(this.#keyTypes(), 1).finish() : concatBatches(this.#deleted);
    this.#deleted = [];
    return { upserts: new Batch(slots.length, [...keys.columns, counts]), deletes };
  }

  #keyTypes(): SqlType[] {
    return [...this.#spec.partitionBy.map((column) => this.#types[column]!), ...this.#types];
  }

  /** What is loaded has been shown before; `settle` is called once after all of it and its result thrown away. */
  #load(rows: Batch): void {
    const counts = (rows.columns.at(-1) as FixedColumn).f64;
    const columns = rows.columns.slice(this.#spec.partitionBy.length, -1);
    this.apply(new Batch(rows.rowCount, columns, Int32Array.from(counts.subarray(0, rows.rowCount))));
    this.#dirty.clear();
  }
}
