import { toSqlError } from '../../base/index.ts';
import { Batch, concatBatches, gatherBatch } from '../../batch/index.ts';
import type { OperatorEnvironment, Output } from '../../spi/index.ts';
import { emitInBatches, grownInt32, rowsEqual, rowText, TouchedGroups } from '../shared/index.ts';
import type { GroupedAggregation } from './grouped-aggregation.ts';

/** Rows of some groups without their keys; `positions[row]`: where the row's group stands among the touched ones. */
interface ValueRows {
  readonly values: Batch;
  readonly positions: Int32Array;
}

/**
 * The net change of an aggregation in one epoch: each touched group's old row is retracted and its new row inserted, unless they are
 * equal. The old values are computed when the group is touched first, so that no emitted row has to be kept; its keys are the group's.
 */
export class GroupChanges {
  readonly #aggregation: GroupedAggregation;
  readonly #environment: OperatorEnvironment;
  /** Text of each call, for errors. */
  readonly #callNames: readonly string[];
  readonly #touched = new TouchedGroups();
  #old: ValueRows[] = [];
  #fresh: Int32Array<ArrayBuffer> = new Int32Array(64);
  #freshPositions: Int32Array<ArrayBuffer> = new Int32Array(64);

  constructor(aggregation: GroupedAggregation, environment: OperatorEnvironment, callNames: readonly string[]) {
    this.#aggregation = aggregation;
    this.#environment = environment;
    this.#callNames = callNames;
  }

  get touchedCount(): number {
    return this.#touched.count;
  }

  /** Notes the groups of rows that are about to be applied. `isShown` tells whether a group's row was part of the output so far. */
  touch(groups: Int32Array, rowCount: number, isShown: (group: number) => boolean): void {
    const touched = this.#touched;
    touched.ensureCapacity(this.#aggregation.index.groupEnd);
    this.#fresh = grownInt32(this.#fresh, rowCount);
    this.#freshPositions = grownInt32(this.#freshPositions, rowCount);
    let fresh = 0;
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!;
      if (!touched.add(group) || !isShown(group)) continue;
      this.#freshPositions[fresh] = touched.count - 1;
      this.#fresh[fresh++] = group;
    }
    if (fresh === 0) return;
    const old = this.#valuesOf(this.#fresh.subarray(0, fresh), this.#freshPositions.slice(0, fresh), -1);
    if (old.positions.length > 0) this.#old.push(old);
  }

  /**
   * Emits the epoch's change and forgets it; its groups are part of the next checkpoint. `survives` tells whether a touched group still has a row;
   * groups that do not are returned, to be removed by the caller.
   */
  emit(survives: (group: number) => boolean, out: Output): Int32Array {
    const touched = this.#touched;
    const liveGroups = new Int32Array(touched.count);
    const livePositions = new Int32Array(touched.count);
    const goneGroups = new Int32Array(touched.count);
    let live = 0;
    let gone = 0;
    for (let at = 0; at < touched.count; at++) {
      const group = touched.list[at]!;
      if (survives(group)) {
        livePositions[live] = at;
        liveGroups[live++] = group;
      } else goneGroups[gone++] = group;
    }
    const current = this.#valuesOf(liveGroups.subarray(0, live), livePositions.subarray(0, live), 1);
    this.#emitDifference(current, out);
    this.#aggregation.markDirty(touched.list, touched.count);
    touched.clear();
    this.#old = [];
    return goneGroups.subarray(0, gone);
  }

  #emitDifference(current: ValueRows, out: Output): void {
    const inserted = new Uint8Array(current.positions.length).fill(1);
    if (this.#old.length > 0) {
      const old = concatValueRows(this.#old);
      const newRowOf = new Int32Array(this.#touched.count);
      for (let row = 0; row < current.positions.length; row++) newRowOf[current.positions[row]!] = row + 1;
      const retracted = new Uint8Array(old.positions.length).fill(1);
      for (let row = 0; row < old.positions.length; row++) {
        const newRow = newRowOf[old.positions[row]!]! - 1;
        if (newRow < 0 || !rowsEqual(old.values.columns, row, current.values.columns, newRow)) continue;
        retracted[row] = 0;
        inserted[newRow] = 0;
      }
      this.#emitRows(old, { wanted: retracted, weight: -1 }, out);
    }
    this.#emitRows(current, { wanted: inserted, weight: 1 }, out);
  }

  /** Emits the wanted rows with their keys in front. */
  #emitRows({ values, positions }: ValueRows, chosen: { readonly wanted: Uint8Array; readonly weight: 1 | -1 }, out: Output): void {
    const rows = new Int32Array(positions.length);
    const groups = new Int32Array(positions.length);
    const { list } = this.#touched;
    let count = 0;
    for (let row = 0; row < positions.length; row++) {
      if (chosen.wanted[row] === 0) continue;
      groups[count] = list[positions[row]!]!;
      rows[count++] = row;
    }
    if (count === 0) return;
    const { columns } = count === positions.length ? values : gatherBatch(values, rows, count);
    const weights = chosen.weight === 1 ? null : new Int32Array(count).fill(-1);
    emitInBatches(new Batch(count, [...this.#aggregation.keys(groups, count), ...columns], weights), this.#environment.batchRows, out);
  }

  /** Values of groups, without those whose aggregate failed: these are reported (or, with weight -1, the report is taken back). */
  #valuesOf(groups: Int32Array, positions: Int32Array, weight: 1 | -1): ValueRows {
    const { columns, failed } = this.#aggregation.results(groups, groups.length);
    const values = new Batch(groups.length, columns);
    if (failed.size === 0) return { values, positions };
    const keys = new Batch(groups.length, this.#aggregation.keys(groups, groups.length));
    const kept = new Int32Array(groups.length - failed.size);
    let count = 0;
    for (let row = 0; row < groups.length; row++) {
      const failure = failed.get(row);
      if (failure === undefined) {
        kept[count++] = row;
        continue;
      }
      const expression = this.#callNames[failure.call]!;
      this.#environment.reportRowError({ error: toSqlError(failure.error), expression, row: rowText(keys, row), weight });
    }
    return { values: gatherBatch(values, kept, count), positions: kept.map((row) => positions[row]!) };
  }
}

function concatValueRows(parts: readonly ValueRows[]): ValueRows {
  const values = concatBatches(parts.map((part) => part.values));
  const positions = new Int32Array(values.rowCount);
  let at = 0;
  for (const part of parts) {
    positions.set(part.positions, at);
    at += part.positions.length;
  }
  return { values, positions };
}
