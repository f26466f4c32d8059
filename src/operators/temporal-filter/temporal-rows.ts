import { Batch, type FixedColumn } from '../../batch/index.ts';
import type { StateTable } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { CountedRows, DueSlots, grownFloat64, TouchedGroups } from '../shared/index.ts';
import type { TemporalFilterSpec } from './spec.ts';

/** Rows that enter, stay or leave: each is visible at the epoch times [first, last], in microseconds. */
export class TemporalRows {
  readonly state: StateTable;
  readonly #spec: TemporalFilterSpec;
  readonly #rows: CountedRows;
  readonly #touched = new TouchedGroups();
  readonly #due = new DueSlots();
  #first: Float64Array<ArrayBuffer> = new Float64Array(64);
  #last: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** Multiplicity shown so far. */
  #shown: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** The time the slot is already due at. */
  #waiting: Float64Array<ArrayBuffer> = new Float64Array(64);

  constructor(types: readonly SqlType[], spec: TemporalFilterSpec) {
    this.#spec = spec;
    const { partitionBy, partitionKeyCount } = spec;
    const note = (slot: number): number => this.#shown[slot]!;
    const load = (rows: Batch, notes: Float64Array): void => {
      const slots = this.apply(rows);
      for (let row = 0; row < rows.rowCount; row++) this.#shown[slots[row]!] = notes[row]!;
    };
    this.#rows = new CountedRows({ types, partitionBy, partitionKeyCount, slotBytes: 48, note, dueTime: (slot) => this.#dueTime(slot), load });
    this.state = this.#rows.state;
  }

  /** Returns each row's slot. */
  apply(batch: Batch): Int32Array {
    const slots = this.#rows.add(batch);
    const end = this.#rows.slotEnd;
    this.#first = grownFloat64(this.#first, end);
    this.#last = grownFloat64(this.#last, end);
    this.#shown = grownFloat64(this.#shown, end);
    this.#waiting = grownFloat64(this.#waiting, end);
    this.#touched.ensureCapacity(end);
    for (let row = 0; row < batch.rowCount; row++) {
      const slot = slots[row]!;
      if (this.#touched.add(slot) && this.#shown[slot] === 0) this.#bound(batch, row, slot);
    }
    return slots;
  }

  /** What changes when time has come to `now`, of rows that came only as long as `rowsFollow`; null when a row is there a negative number of times. */
  advance(now: number, rowsFollow: boolean): Batch | null {
    const slots: number[] = [];
    const weights: number[] = [];
    const gone: number[] = [];
    for (let at = 0; at < this.#touched.count; at++) {
      const slot = this.#touched.list[at]!;
      // Rows that have left are forgotten, so they may be taken back without having been here.
      if (this.#rows.countOf(slot) < 0 && this.#last[slot]! >= now) return null;
    }
    const settle = (slot: number): void => {
      const count = this.#rows.countOf(slot);
      const wanted = this.#first[slot]! <= now && now <= this.#last[slot]! ? count : 0;
      const change = wanted - this.#shown[slot]!;
      if (change !== 0) {
        slots.push(slot);
        weights.push(change);
        this.#shown[slot] = wanted;
        this.#rows.markDirty(slot);
      }
      if (count === 0 || now > this.#last[slot]!) gone.push(slot);
      else this.#wait(slot, now);
    };
    const touched = this.#touched.list.slice(0, this.#touched.count);
    while (!rowsFollow && this.#due.earliest <= now) {
      const slot = this.#due.take();
      this.#waiting[slot] = 0;
      // A slot may be due twice, or have another row by now: settling it once more changes nothing.
      if (this.#rows.isLive(slot) && this.#touched.add(slot)) settle(slot);
    }
    for (const slot of touched) settle(slot);
    this.#touched.clear();
    const columns = this.#rows.columnsOf(slots).slice(0, this.#spec.width);
    for (const slot of gone) {
      this.#waiting[slot] = 0;
      this.#shown[slot] = 0;
    }
    this.#rows.remove(gone);
    return new Batch(slots.length, columns, weights.every((weight) => weight === 1) ? null : Int32Array.from(weights));
  }

  /** What has been loaded and not been looked at is due at once. */
  #dueTime(slot: number): number {
    if (this.#touched.has(slot)) return Number.NEGATIVE_INFINITY;
    return this.#waiting[slot] === 0 ? Number.POSITIVE_INFINITY : this.#waiting[slot]!;
  }

  #wait(slot: number, now: number): void {
    const next = this.#first[slot]! > now ? this.#first[slot]! : this.#last[slot]! + 1;
    if (next === Number.POSITIVE_INFINITY || this.#waiting[slot] === next) return;
    this.#waiting[slot] = next;
    this.#due.add(next, slot);
  }

  #bound(batch: Batch, row: number, slot: number): void {
    let first = Number.NEGATIVE_INFINITY;
    let last = Number.POSITIVE_INFINITY;
    for (const { column, operator, shiftMicros } of this.#spec.bounds) {
      const { i32, valid } = batch.columns[column] as FixedColumn;
      const border = i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0) - Number(shiftMicros);
      if (valid !== null && valid[row] === 0) last = Number.NEGATIVE_INFINITY;
      else if (operator === '<') first = Math.max(first, border + 1);
      else if (operator === '<=') first = Math.max(first, border);
      else if (operator === '>') last = Math.min(last, border - 1);
      else last = Math.min(last, border);
    }
    this.#first[slot] = first;
    this.#last[slot] = first <= last ? last : Number.NEGATIVE_INFINITY;
  }
}
