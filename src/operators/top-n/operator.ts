import { type Barrier, Batch, columnFromDatums, type FixedColumn } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { int8Type } from '../../types/index.ts';
import { type OrderedPartition, OrderedPartitions } from '../ordering/index.ts';
import { emitInBatches, type KeyTtl, reportForgotten, ttlDue } from '../shared/index.ts';
import { endOf, OpenWindows } from '../window-aggregate/open-windows.ts';
import { AppendOnlyTopN, isFirstOfAppended } from './append-only-operator.ts';
import { type ShownRow, type ShownRows, shownRows } from './shown-rows.ts';
import { type TopNSpec, topNSpecCodec } from './spec.ts';
import { createTtl, partitionKeys } from './ttl.ts';

/**
 * The first rows of each partition's order, maintained: at each barrier what has left them is retracted and what has come in is inserted. Over windows
 * a partition goes with its window; on-window-close shows its rows then, once.
 */
class TopN implements Operator {
  readonly #spec: TopNSpec;
  readonly #environment: OperatorEnvironment;
  readonly #rows: OrderedPartitions;
  readonly #windows: OpenWindows | null;
  readonly #changes = new ChangeList();
  /** Rows behind the last shown one are not kept: nothing in front of them will ever go. */
  readonly #trims: boolean;
  readonly #ttl: KeyTtl | null;
  /** Windows that end here or before are closed at the next barrier. */
  #bound = Number.NEGATIVE_INFINITY;

  constructor(spec: TopNSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#windows = spec.window === null ? null : new OpenWindows();
    this.#trims = environment.inputAppendOnly[0]! && spec.to !== null;
    const { partitionCount, partitionKeyCount, orderBy, tieBy } = spec;
    this.#rows = new OrderedPartitions({
      types: environment.inputColumns[0]!.map((column) => column.type),
      partitionCount,
      partitionKeyCount,
      orderBy,
      tieBy,
      kept: [],
      emptyStay: spec.window !== null,
      loadedAsNew: environment.showsRestored,
      ...(spec.stateTtlMs != null && { unknown: (count) => reportForgotten(count, 'top-n', environment) }),
      loaded: (rows, partitions) => this.#register(rows, partitions),
    });
    this.#ttl = createTtl(spec, environment);
    environment.registerState(this.#rows.state);
  }

  processBatch(_input: number, batch: Batch): void {
    this.#register(batch, this.#rows.apply(batch));
    this.#ttl?.touch(partitionKeys(batch, this.#spec), batch.rowCount);
  }

  processWatermark(micros: bigint): void {
    this.#advance('watermark', micros);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (barrier.rowsFollow !== true) this.#advance('epoch', barrier.timestampMicros);
    for (const number of this.#rows.touched()) this.#settle(this.#rows.partition(number));
    this.#emitChanges(out);
    this.#rows.release();
    for (const { groups } of this.#windows?.close(this.#bound) ?? []) this.#close(groups, out);
    this.#expire(barrier, out);
  }

  #advance(clock: 'watermark' | 'epoch', micros: bigint): void {
    const { window } = this.#spec;
    if (window?.clock === clock) this.#bound = Math.max(this.#bound, Number(micros) - Number(window.latenessMicros));
  }

  #register(rows: Batch, partitions: Int32Array): void {
    if (this.#windows === null) return;
    const ends = rows.columns[this.#spec.window!.endColumn] as FixedColumn;
    this.#windows.register(partitions, rows.rowCount, (row) => endOf(ends, row), this.#rows.partitionEnd);
  }

  #settle(partition: OrderedPartition): void {
    const shows = this.#spec.window?.mode !== 'on-window-close';
    const before = shows && this.#rows.wasShown(partition.number) ? this.#shown(partition).rows : [];
    this.#rows.settle(partition.number);
    if (!shows && !this.#trims) return;
    const after = this.#shown(partition);
    if (shows) this.#changes.addDifference(before, after.rows);
    if (this.#trims) this.#rows.truncate(partition.number, after.end);
  }

  #shown(partition: OrderedPartition): ShownRows {
    return shownRows(partition.order, this.#spec, (left, right) => this.#rows.isPeer(left, right));
  }

  /** Partitions of windows that have closed: nothing reaches them any more. */
  #close(partitions: Int32Array, out: Output): void {
    if (this.#spec.window!.mode === 'on-window-close') {
      for (const number of partitions) this.#changes.addDifference([], this.#shown(this.#rows.partition(number)).rows);
      this.#emitChanges(out);
    }
    this.#rows.drop(partitions);
  }

  /** Partitions whose ttl has passed: what they show leaves. */
  #expire(barrier: Barrier, out: Output): void {
    const expired = this.#ttl?.take(barrier) ?? null;
    if (expired === null) return;
    const partitions = this.#rows.find(expired.keys, expired.count).filter((number) => number >= 0);
    for (const number of partitions) this.#changes.addDifference(this.#shown(this.#rows.partition(number)).rows, []);
    this.#emitChanges(out);
    this.#rows.drop(partitions);
  }

  #emitChanges(out: Output): void {
    const { slots, weights, numbers } = this.#changes.take();
    if (slots.length === 0) return;
    const columns = this.#rows.columnsOf(Int32Array.from(slots));
    if (this.#spec.numbered) columns.push(columnFromDatums(int8Type, numbers.map(BigInt)));
    const inserts = weights.every((weight) => weight === 1);
    emitInBatches(new Batch(slots.length, columns, inserts ? null : Int32Array.from(weights)), this.#environment.batchRows, out);
  }
}

interface Changes {
  readonly slots: number[];
  readonly weights: number[];
  readonly numbers: number[];
}

/** Rows to emit at a barrier. */
class ChangeList {
  #changes: Changes = { slots: [], weights: [], numbers: [] };

  addDifference(before: readonly ShownRow[], after: readonly ShownRow[]): void {
    let same = 0;
    while (same < before.length && same < after.length && isSame(before[same]!, after[same]!)) same++;
    const left = new Map<string, ShownRow>();
    for (const shown of before.slice(same)) left.set(keyOf(shown), { ...shown });
    for (const shown of after.slice(same)) {
      const old = left.get(keyOf(shown));
      if (old !== undefined) old.count -= shown.count;
      if (old === undefined) this.#add(shown, shown.count);
      else if (old.count < 0) this.#add(shown, -old.count);
    }
    for (const shown of left.values()) if (shown.count > 0) this.#add(shown, -shown.count);
  }

  take(): Changes {
    const taken = this.#changes;
    this.#changes = { slots: [], weights: [], numbers: [] };
    return taken;
  }

  #add({ row, number }: ShownRow, weight: number): void {
    this.#changes.slots.push(row.slot);
    this.#changes.weights.push(weight);
    this.#changes.numbers.push(number);
  }
}

function isSame(left: ShownRow, right: ShownRow): boolean {
  return left.row === right.row && left.number === right.number && left.count === right.count;
}

/** A row is shown under a number once at most. */
function keyOf({ row, number }: ShownRow): string {
  return `${row.slot} ${number}`;
}

export const topNFactory: OperatorFactory = {
  kind: topNSpecCodec.kind,
  version: topNSpecCodec.version,
  create: (parameters, environment) => {
    const spec = topNSpecCodec.decode(parameters);
    return isFirstOfAppended(spec, environment.inputAppendOnly[0]!) ? new AppendOnlyTopN(spec, environment) : new TopN(spec, environment);
  },
  spillKeys: (parameters) => {
    const { partitionKeyCount } = topNSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [Array.from({ length: partitionKeyCount }, (_, column) => column)];
  },
  spillDue: (parameters) => {
    const { window, partitionCount, stateTtlMs } = topNSpecCodec.decode(parameters);
    const closing = window === null ? [] : [{ table: 'rows', column: window.endColumn, clock: window.clock, latenessMicros: window.latenessMicros }];
    return stateTtlMs == null ? closing : [...closing, ttlDue('touched', partitionCount, stateTtlMs)];
  },
};
