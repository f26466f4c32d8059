import { type Barrier, Batch, concatBatches, keyColumns, readDatum } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { splitByNullKeys } from '../hash-join/stored-side.ts';
import { OrderedPartitions, type OrderedRow, withPendingRows } from '../ordering/index.ts';
import { consolidate, emitInBatches } from '../shared/index.ts';
import { joinedRows, NO_MATCH } from './joined-rows.ts';
import { PassedRows } from './passed-rows.ts';
import { type AsOfJoinSpec, asOfJoinSpecCodec } from './spec.ts';
import { type Reach, TimeLine } from './time-line.ts';

/** A left row whose match may change, and the match it has. */
interface Watched {
  readonly row: OrderedRow;
  readonly right: number;
  readonly match: number;
}

/**
 * Changes wait for the barrier. There the right ones come first: for left rows between a changed right row and the next one the match is looked up
 * before and after. Then the left ones, joined with what is there now.
 */
class AsOfJoin implements Operator {
  readonly #spec: AsOfJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #keys: readonly number[];
  readonly #line: TimeLine;
  readonly #left: OrderedPartitions;
  readonly #right: OrderedPartitions;
  readonly #rightTypes: readonly SqlType[];
  /** Null: rows are not forgotten. */
  readonly #passed: PassedRows | null;
  /** Left rows are only added, so those that can match nothing need not be kept. */
  readonly #leavesOutUnmatchable: boolean;
  readonly #pending: readonly [left: Batch[], right: Batch[]] = [[], []];

  constructor(spec: AsOfJoinSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#keys = Array.from({ length: spec.keyCount }, (_, key) => key);
    const [leftTypes, rightTypes] = environment.inputColumns.map((columns) => columns.map((column) => column.type));
    this.#rightTypes = rightTypes!;
    this.#line = new TimeLine(rightTypes![spec.rightTime]!, spec);
    const forgets = spec.latenessMicros !== null;
    const side = (name: 'left' | 'right', types: readonly SqlType[], time: number, tieBy: readonly number[]): OrderedPartitions => {
      const { keyCount } = spec;
      const rows = new OrderedPartitions({
        name,
        types,
        partitionCount: keyCount,
        partitionKeyCount: keyCount,
        orderBy: [this.#line.orderBy(time)],
        tieBy,
        kept: [],
        emptyStay: forgets,
        loaded: (batch, partitions) => this.#passed?.came(name, batch, partitions),
      });
      environment.registerState(withPendingRows(rows.state, this.#pending[name === 'left' ? 0 : 1]));
      return rows;
    };
    this.#left = side('left', leftTypes!, spec.leftTime, [...leftTypes!.keys()]);
    this.#right = side('right', rightTypes!, spec.rightTime, spec.tieBy);
    this.#passed = forgets ? new PassedRows({ left: this.#left, right: this.#right }, spec) : null;
    this.#leavesOutUnmatchable = forgets && environment.inputAppendOnly[0]!;
  }

  processBatch(input: number, batch: Batch): void {
    this.#pending[input]!.push(batch);
  }

  processWatermark(micros: bigint): void {
    this.#passed?.reach(micros - this.#spec.latenessMicros!);
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    const [left, right] = this.#pending.map((batches) => (batches.length === 0 ? null : consolidate(concatBatches(batches.splice(0)))));
    const changes: Batch[] = [];
    if (right != null && right.rowCount > 0) changes.push(...this.#changeRight(right));
    if (left != null && left.rowCount > 0) changes.push(...this.#changeLeft(left));
    if (changes.length > 0) emitInBatches(consolidate(concatBatches(changes)), this.#environment.batchRows, out);
    if (this.#passed !== null) {
      this.#passed.endEpoch();
      return;
    }
    this.#left.release();
    this.#right.release();
  }

  /** What changes for left rows that were there before. */
  #changeRight(delta: Batch): Batch[] {
    const watched = this.#watchedBy(delta);
    for (const number of this.#right.touched()) this.#right.settle(number);
    const leftSlots: number[] = [];
    const rightSlots: number[] = [];
    const weights: number[] = [];
    const show = (row: OrderedRow, match: number, weight: number): void => {
      leftSlots.push(row.slot);
      rightSlots.push(match);
      weights.push(weight);
    };
    for (const { row, right, match } of watched) {
      const now = this.#matchOf(row, right);
      if (now === match) continue;
      show(row, match, -row.count);
      show(row, now, row.count);
    }
    const columns = this.#left.columnsOf(Int32Array.from(leftSlots));
    return this.#joined(new Batch(leftSlots.length, columns, Int32Array.from(weights)), rightSlots);
  }

  /** Left rows that right changes may give another match, each once; the right order is still what it was. */
  #watchedBy(delta: Batch): Watched[] {
    const lefts = this.#left.find(keyColumns(delta, this.#keys), delta.rowCount);
    const rights = this.#right.apply(delta);
    this.#passed?.came('right', delta, rights);
    const times = delta.columns[this.#spec.rightTime]!;
    const reaches = new Map<number, { readonly right: number; readonly list: Reach[] }>();
    for (let row = 0; row < delta.rowCount; row++) {
      const left = lefts[row]!;
      if (left < 0) continue;
      const right = rights[row]!;
      const known = reaches.get(left) ?? { right, list: [] };
      reaches.set(left, known);
      known.list.push(this.#line.reach(this.#left.partition(left).order, this.#right.partition(right).order, readDatum(times, row)!));
    }
    const watched: Watched[] = [];
    for (const [left, { right, list }] of reaches) {
      const { order } = this.#left.partition(left);
      let done = 0;
      for (const { start, end } of list.sort((one, other) => one.start - other.start)) {
        for (let at = Math.max(start, done); at < end; at++) watched.push({ row: order[at]!, right, match: this.#matchOf(order[at]!, right) });
        done = Math.max(done, end);
      }
    }
    return watched;
  }

  #matchOf(row: OrderedRow, right: number): number {
    return this.#line.nearest(this.#right.partition(right).order, row.values[0] ?? null)?.slot ?? NO_MATCH;
  }

  #changeLeft(delta: Batch): Batch[] {
    const rights = this.#right.find(keyColumns(delta, this.#keys), delta.rowCount);
    const times = delta.columns[this.#spec.leftTime]!;
    const slots = Array.from(rights, (right, row) => {
      if (right < 0) return NO_MATCH;
      return this.#line.nearest(this.#right.partition(right).order, readDatum(times, row))?.slot ?? NO_MATCH;
    });
    const kept = this.#leavesOutUnmatchable ? splitByNullKeys(delta, [...this.#keys, this.#spec.leftTime]).rows : delta;
    const lefts = this.#left.apply(kept);
    this.#passed?.came('left', kept, lefts);
    for (const number of this.#left.touched()) this.#left.settle(number);
    return this.#joined(delta, slots);
  }

  #joined(left: Batch, slots: readonly number[]): Batch[] {
    if (left.rowCount === 0) return [];
    const right = { types: this.#rightTypes, columnsOf: (found: Int32Array) => this.#right.columnsOf(found) };
    return joinedRows(left, slots, right, this.#spec.joinType);
  }
}

export const asOfJoinFactory: OperatorFactory = {
  kind: asOfJoinSpecCodec.kind,
  version: asOfJoinSpecCodec.version,
  create: (parameters, environment) => new AsOfJoin(asOfJoinSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { keyCount } = asOfJoinSpecCodec.decode(parameters);
    const keys = Array.from({ length: keyCount }, (_, key) => key);
    return keyCount === 0 ? null : [keys, keys];
  },
  spillDue: (parameters) => {
    const { direction, leftTime, rightTime, latenessMicros } = asOfJoinSpecCodec.decode(parameters);
    if (latenessMicros === null) return [];
    // Looking back, a right row that a later one has replaced goes when its key comes next: the latest of each key stays, so all buckets would always be due.
    const side = direction === 'before' ? { table: 'left', column: leftTime } : { table: 'right', column: rightTime };
    return [{ ...side, clock: 'watermark', latenessMicros }];
  },
};
