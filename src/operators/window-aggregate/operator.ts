import { toSqlError } from '../../base/index.ts';
import { type Barrier, Batch, type FixedColumn, gatherBatch, MAX_WATERMARK, sortRows } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { aggregateState, callText, GroupChanges, GroupedAggregation } from '../grouping/index.ts';
import { emitInBatches, rowText } from '../shared/index.ts';
import { EpochSlices } from './epoch-slices.ts';
import { endOf, OpenWindows } from './open-windows.ts';
import { type WindowAggregateSpec, windowAggregateSpecCodec } from './spec.ts';
import { WindowGroups } from './window-groups.ts';

/**
 * Aggregation by windows. Both modes forget a window's groups once no row can reach it any more (end <= clock - lateness); on-update has shown
 * their rows long before, on-window-close shows them then, once.
 */
class WindowAggregate implements Operator {
  readonly #spec: WindowAggregateSpec;
  readonly #environment: OperatorEnvironment;
  readonly #aggregation: GroupedAggregation;
  readonly #callNames: readonly string[];
  /** Null when nothing is shown before a window closes. */
  readonly #changes: GroupChanges | null;
  /** Null when the input's rows lie in their windows already. */
  readonly #sliced: { readonly slices: EpochSlices; readonly groups: WindowGroups } | null;
  readonly #windows = new OpenWindows();
  /** Windows that end here or before are closed at the next barrier. */
  #bound = Number.NEGATIVE_INFINITY;

  constructor(spec: WindowAggregateSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const inputColumns = environment.inputColumns[0]!;
    const names = inputColumns.map((column) => column.name);
    this.#callNames = spec.calls.map((call) => callText(call, names));
    const appendOnly = environment.inputAppendOnly[0]!;
    const options = { keys: spec.keys, calls: spec.calls, inputColumns, appendOnly };
    const index = spec.slices === null ? null : new WindowGroups(keyTypesOf(spec, environment), spec);
    this.#aggregation = new GroupedAggregation({ ...options, index }, environment);
    this.#sliced = index && { slices: new EpochSlices(spec, new GroupedAggregation(options, environment)), groups: index };
    this.#changes = spec.mode === 'on-update' ? new GroupChanges(this.#aggregation, environment, this.#callNames) : null;
    const loaded = (groups: Int32Array): void => {
      const ends = this.#endsOf(groups);
      this.#windows.register(groups, groups.length, (at) => endOf(ends, at), this.#aggregation.index.groupEnd);
    };
    environment.registerState(aggregateState(this.#aggregation, { partitionKeyCount: spec.partitionKeyCount, loaded }));
  }

  processBatch(_input: number, batch: Batch): void {
    if (this.#sliced !== null) {
      this.#sliced.slices.add(batch);
      return;
    }
    const groups = this.#aggregation.assign(batch);
    const ends = batch.columns[this.#spec.keys[this.#spec.windowEndKey]!] as FixedColumn;
    this.#touch(groups, batch.rowCount, (row) => endOf(ends, row));
    this.#aggregation.apply(batch, groups);
  }

  /** Notes the groups of rows that are about to be applied. */
  #touch(groups: Int32Array, rowCount: number, end: (row: number) => number): void {
    this.#windows.register(groups, rowCount, end, this.#aggregation.index.groupEnd);
    if (this.#changes === null) this.#aggregation.markDirty(groups, rowCount);
    else this.#changes.touch(groups, rowCount, (group) => this.#aggregation.rowsOf(group) > 0);
  }

  /** Adds each slice of the epoch to the windows it is part of. */
  #mergeSlices(slices: EpochSlices, index: WindowGroups): void {
    const parts = slices.parts();
    if (parts !== null) {
      const { rows, ends, count } = parts.windows;
      const groups = new Int32Array(count);
      index.assignWindows(parts.keys, parts.windows, groups);
      this.#aggregation.ensureCapacity();
      this.#touch(groups, count, (part) => ends[part]!);
      this.#aggregation.merge(groups, count, slices.aggregation, rows);
    }
    slices.clear();
  }

  processWatermark(micros: bigint): void {
    if (this.#spec.clock === 'watermark') this.#advance(micros);
  }

  #advance(micros: bigint): void {
    this.#bound = Math.max(this.#bound, Number(micros) - Number(this.#spec.latenessMicros));
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (this.#spec.clock === 'epoch' && barrier.rowsFollow !== true) this.#advance(barrier.last ? MAX_WATERMARK : barrier.timestampMicros);
    if (this.#sliced !== null) this.#mergeSlices(this.#sliced.slices, this.#sliced.groups);
    if (this.#changes !== null && this.#changes.touchedCount > 0) {
      const gone = this.#changes.emit((group) => this.#hasRows(group), out);
      this.#windows.forget(gone, this.#endsOf(gone));
      this.#aggregation.remove(gone, gone.length);
    }
    for (const { groups } of this.#windows.close(this.#bound)) {
      if (this.#changes === null) this.#emitClosed(groups, out);
      this.#aggregation.remove(groups, groups.length);
    }
  }

  #hasRows(group: number): boolean {
    const rows = this.#aggregation.rowsOf(group);
    if (rows < 0) throw this.#aggregation.negativeGroupError('window-aggregate', group);
    return rows > 0;
  }

  #endsOf(groups: Int32Array): FixedColumn {
    return this.#aggregation.index.keyColumnsOf(groups, groups.length)[this.#spec.windowEndKey] as FixedColumn;
  }

  /** The rows of one window in the order of their keys. */
  #emitClosed(groups: Int32Array, out: Output): void {
    const present = new Int32Array(groups.length);
    let count = 0;
    for (let at = 0; at < groups.length; at++) {
      if (this.#hasRows(groups[at]!)) present[count++] = groups[at]!;
    }
    const { columns, failed } = this.#aggregation.results(present, count);
    const keys = this.#aggregation.keys(present, count);
    const batch = new Batch(count, [...keys, ...columns]);
    const rows = new Int32Array(count);
    let kept = 0;
    for (let row = 0; row < count; row++) {
      const failure = failed.size === 0 ? undefined : failed.get(row);
      if (failure === undefined) rows[kept++] = row;
      else {
        const text = rowText(new Batch(count, keys), row);
        const expression = this.#callNames[failure.call]!;
        this.#environment.reportRowError({ error: toSqlError(failure.error), expression, row: text, weight: 1 });
      }
    }
    const ordered = sortRows(keys, rows.subarray(0, kept));
    emitInBatches(gatherBatch(batch, ordered, ordered.length), this.#environment.batchRows, out);
  }
}

function keyTypesOf({ keys }: WindowAggregateSpec, { inputColumns }: OperatorEnvironment): SqlType[] {
  return keys.map((key) => inputColumns[0]![key]!.type);
}

export const windowAggregateFactory: OperatorFactory = {
  kind: windowAggregateSpecCodec.kind,
  version: windowAggregateSpecCodec.version,
  create: (parameters, environment) => new WindowAggregate(windowAggregateSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { keys, partitionKeyCount } = windowAggregateSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [keys.slice(0, partitionKeyCount)];
  },
  spillDue: (parameters) => {
    const { windowEndKey, clock, latenessMicros } = windowAggregateSpecCodec.decode(parameters);
    return [{ table: 'groups', column: windowEndKey, clock, latenessMicros }];
  },
};
