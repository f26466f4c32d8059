import { toSqlError } from '../../base/index.ts';
import { Batch, concatBatches, gatherBatch } from '../../batch/index.ts';
import type { OperatorEnvironment, Output } from '../../spi/index.ts';
import { emitInBatches, grownInt32, rowsEqual, rowText, TouchedGroups } from '../shared/index.ts';
import type { GroupedAggregation, GroupResults } from './grouped-aggregation.ts';

/**
 * The net change of an aggregation in one epoch: each touched group's old row is retracted and its new row inserted, unless they are
 * equal. The old row is computed when the group is touched first, so that no emitted row has to be kept.
 */
export class GroupChanges {
  readonly #aggregation: GroupedAggregation;
  readonly #environment: OperatorEnvironment;
  /** Text of each call, for errors. */
  readonly #callNames: readonly string[];
  readonly #touched = new TouchedGroups();
  #oldRows: Batch[] = [];
  #oldGroups: Int32Array<ArrayBuffer> = new Int32Array(64);
  #oldCount = 0;
  #newRowOf: Int32Array<ArrayBuffer> = new Int32Array(64);
  #fresh: Int32Array<ArrayBuffer> = new Int32Array(64);

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
    this.#touched.ensureCapacity(this.#aggregation.index.groupEnd);
    this.#fresh = grownInt32(this.#fresh, rowCount);
    let fresh = 0;
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!;
      if (this.#touched.add(group) && isShown(group)) this.#fresh[fresh++] = group;
    }
    if (fresh === 0) return;
    const kept = this.#withoutFailed(this.#aggregation.results(this.#fresh, fresh), this.#fresh, -1);
    if (kept.batch.rowCount === 0) return;
    this.#oldRows.push(kept.batch);
    this.#oldGroups = grownInt32(this.#oldGroups, this.#oldCount + kept.groups.length);
    this.#oldGroups.set(kept.groups, this.#oldCount);
    this.#oldCount += kept.groups.length;
  }

  /**
   * Emits the epoch's change and forgets it. `survives` tells whether a touched group still has a row; groups that do not are
   * returned, to be removed by the caller.
   */
  emit(survives: (group: number) => boolean, out: Output): Int32Array {
    const touched = this.#touched;
    const liveGroups = new Int32Array(touched.count);
    const goneGroups = new Int32Array(touched.count);
    let live = 0;
    let gone = 0;
    for (let at = 0; at < touched.count; at++) {
      const group = touched.list[at]!;
      if (survives(group)) liveGroups[live++] = group;
      else goneGroups[gone++] = group;
    }
    const current = this.#withoutFailed(this.#aggregation.results(liveGroups, live), liveGroups, 1);
    this.#emitDifference(current, out);
    touched.clear();
    this.#oldRows = [];
    this.#oldCount = 0;
    return goneGroups.subarray(0, gone);
  }

  #emitDifference(current: { readonly batch: Batch; readonly groups: Int32Array }, out: Output): void {
    this.#newRowOf = grownInt32(this.#newRowOf, this.#aggregation.index.groupEnd);
    for (let row = 0; row < current.groups.length; row++) this.#newRowOf[current.groups[row]!] = row + 1;
    const changed = new Uint8Array(current.batch.rowCount).fill(1);
    if (this.#oldRows.length > 0) {
      const old = concatBatches(this.#oldRows);
      const retracted = new Int32Array(old.rowCount);
      let count = 0;
      for (let row = 0; row < old.rowCount; row++) {
        const newRow = this.#newRowOf[this.#oldGroups[row]!]! - 1;
        if (newRow >= 0 && rowsEqual(old.columns, row, current.batch.columns, newRow)) changed[newRow] = 0;
        else retracted[count++] = row;
      }
      const rows = gatherBatch(old, retracted, count);
      emitInBatches(new Batch(count, rows.columns, new Int32Array(count).fill(-1)), this.#environment.batchRows, out);
    }
    for (let row = 0; row < current.groups.length; row++) this.#newRowOf[current.groups[row]!] = 0;
    emitInBatches(selectRows(current.batch, changed), this.#environment.batchRows, out);
  }

  /** Leaves out the groups whose aggregate failed, and reports them (or takes the report back: weight -1). */
  #withoutFailed(results: GroupResults, groups: Int32Array, weight: 1 | -1): { readonly batch: Batch; readonly groups: Int32Array } {
    const { batch, failed } = results;
    if (failed.size === 0) return { batch, groups: groups.slice(0, batch.rowCount) };
    const kept = new Int32Array(batch.rowCount - failed.size);
    let count = 0;
    for (let row = 0; row < batch.rowCount; row++) {
      const failure = failed.get(row);
      if (failure === undefined) {
        kept[count++] = row;
        continue;
      }
      const keys = new Batch(batch.rowCount, batch.columns.slice(0, this.#aggregation.keyTypes.length));
      const expression = this.#callNames[failure.call]!;
      this.#environment.reportRowError({ error: toSqlError(failure.error), expression, row: rowText(keys, row), weight });
    }
    return { batch: gatherBatch(batch, kept, count), groups: kept.map((row) => groups[row]!) };
  }
}

function selectRows(batch: Batch, wanted: Uint8Array): Batch {
  const selection = new Int32Array(batch.rowCount);
  let count = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    if (wanted[row] === 1) selection[count++] = row;
  }
  return count === batch.rowCount ? batch : gatherBatch(batch, selection, count);
}
