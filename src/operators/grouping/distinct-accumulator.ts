import {
  Batch,
  type BytesColumn,
  type Column,
  ColumnBuilder,
  canonicalKeyColumn,
  decodeBatch,
  encodeBatch,
  FixedColumn,
  GroupIndex,
  gatherColumn,
  isNull,
  presentableKeyColumn,
} from '../../batch/index.ts';
import type { Accumulator, AccumulatorInput } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { grownFloat64 } from '../shared/index.ts';

const groupType: SqlType = { kind: 'int8' };
const byteaType: SqlType = { kind: 'bytea' };
const float8Type: SqlType = { kind: 'float8' };

/**
 * DISTINCT in front of any accumulator: counts how often each (group, arguments) is there and passes on only the first coming and the last going.
 * One typed set for all groups; the entries of a group are chained, so that a group can be saved and dropped. An entry whose count has
 * gone to zero stays until its group goes: it may come back.
 */
export class DistinctAccumulator implements Accumulator {
  readonly stateTypes = [byteaType];
  readonly #inner: Accumulator;
  readonly #entries: GroupIndex;
  #counts = new Float64Array(64);
  /** Chains of entries: first of a group, next of an entry, both plus one; 0 ends. */
  #first = new Float64Array(64);
  #next = new Float64Array(64);
  #chained = new Float64Array(64);
  #found = new Int32Array(0);

  constructor(inner: Accumulator, argumentTypes: readonly SqlType[]) {
    this.#inner = inner;
    this.#entries = new GroupIndex([groupType, ...argumentTypes]);
  }

  ensureCapacity(groupCount: number): void {
    this.#first = grownFloat64(this.#first, groupCount);
    this.#inner.ensureCapacity(groupCount);
  }

  update(input: AccumulatorInput): void {
    const { rowCount, groups } = input;
    if (this.#found.length < rowCount) this.#found = new Int32Array(rowCount);
    const args = input.args.map((column) => canonicalKeyColumn(column, rowCount));
    const before = this.#entries.groupCount;
    this.#entries.assign([groupColumn(groups, rowCount), ...args], rowCount, this.#found);
    this.#counts = grownFloat64(this.#counts, this.#entries.groupEnd);
    this.#next = grownFloat64(this.#next, this.#entries.groupEnd);
    this.#chained = grownFloat64(this.#chained, this.#entries.groupEnd);
    if (this.#entries.groupCount > before) this.#chainNew(groups, rowCount);
    this.#passOn(input, args);
  }

  reset(group: number): void {
    for (let entry = this.#first[group]! - 1; entry >= 0; ) {
      const next = this.#next[entry]! - 1;
      this.#entries.remove(entry);
      this.#counts[entry] = 0;
      this.#next[entry] = 0;
      this.#chained[entry] = 0;
      entry = next;
    }
    this.#first[group] = 0;
    this.#inner.reset(group);
  }

  result(groups: Int32Array, count: number, onError: (position: number, error: unknown) => void): Column {
    return this.#inner.result(groups, count, onError);
  }

  save(groups: Int32Array, count: number): readonly Column[] {
    const builder = new ColumnBuilder(byteaType, count);
    for (let index = 0; index < count; index++) builder.append(this.#saveGroup(groups[index]!));
    return [builder.finish()];
  }

  load(groups: Int32Array, count: number, columns: readonly Column[]): void {
    for (let index = 0; index < count; index++) this.reset(groups[index]!);
    this.merge(groups, count, columns);
  }

  merge(groups: Int32Array, count: number, columns: readonly Column[]): void {
    const saved = columns[0] as BytesColumn;
    for (let index = 0; index < count; index++) {
      if (isNull(saved, index)) continue;
      const batch = decodeBatch(saved.data.slice(saved.starts[index]!, saved.ends[index]!));
      const counts = (batch.columns.at(-1) as FixedColumn).f64;
      const rowGroups = new Int32Array(batch.rowCount).fill(groups[index]!);
      const weights = Int32Array.from(counts.subarray(0, batch.rowCount));
      this.update({ rowCount: batch.rowCount, groups: rowGroups, args: batch.columns.slice(0, -1), weights });
    }
  }

  #chainNew(groups: Int32Array, rowCount: number): void {
    for (let row = 0; row < rowCount; row++) {
      const entry = this.#found[row]!;
      if (this.#chained[entry] === 1) continue;
      this.#chained[entry] = 1;
      this.#next[entry] = this.#first[groups[row]!]!;
      this.#first[groups[row]!] = entry + 1;
    }
  }

  #passOn(input: AccumulatorInput, args: readonly Column[]): void {
    const { rowCount, weights } = input;
    const selection = new Int32Array(rowCount);
    const changes = new Int32Array(rowCount);
    const groups = new Int32Array(rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      const entry = this.#found[row]!;
      const before = this.#counts[entry]!;
      const after = before + (weights === null ? 1 : weights[row]!);
      this.#counts[entry] = after;
      if (before > 0 === after > 0) continue;
      groups[count] = input.groups[row]!;
      changes[count] = after > 0 ? 1 : -1;
      selection[count++] = row;
    }
    if (count === 0) return;
    const passed = args.map((column) => presentableKeyColumn(gatherColumn(column, selection, count), count));
    this.#inner.update({ rowCount: count, groups, args: passed, weights: weights === null ? null : changes });
  }

  #saveGroup(group: number): Uint8Array {
    const entries: number[] = [];
    for (let entry = this.#first[group]! - 1; entry >= 0; entry = this.#next[entry]! - 1) {
      if (this.#counts[entry] !== 0) entries.push(entry);
    }
    const columns = this.#entries.keyColumnsOf(Int32Array.from(entries), entries.length).slice(1);
    const counts = new FixedColumn(
      float8Type,
      Float64Array.from(entries, (entry) => this.#counts[entry]!),
      null,
    );
    return encodeBatch(new Batch(entries.length, [...columns, counts]));
  }
}

function groupColumn(groups: Int32Array, rowCount: number): FixedColumn {
  const column = new FixedColumn(groupType, new Float64Array(rowCount), null);
  for (let row = 0; row < rowCount; row++) column.i32[2 * row] = groups[row]!;
  return column;
}
