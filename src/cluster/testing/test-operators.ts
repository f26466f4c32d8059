import type { SqlError } from '../../base/index.ts';
import { Batch, batchFromRows, type Epoch, rowsOf } from '../../batch/index.ts';
import {
  NO_PINNED_DELTAS,
  type Operator,
  type OperatorEnvironment,
  type OperatorFactory,
  type Output,
  type PinnedDeltas,
  type ReadableRelation,
  type RelationScan,
  type StateTable,
} from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';

type Row = readonly (Datum | null)[];

function weightOf(batch: Batch, row: number): number {
  return batch.weights === null ? 1 : batch.weights[row]!;
}

/** Count and sum of column 1 by column 0, retracting; emits at the barrier. */
class CountOperator implements Operator {
  readonly #groups = new Map<bigint, { count: bigint; sum: bigint }>();
  readonly #touched = new Map<bigint, { count: bigint; sum: bigint } | null>();
  readonly #dirty = new Set<bigint>();
  fail: SqlError | null = null;

  constructor(environment: OperatorEnvironment) {
    environment.registerState(this.#table());
  }

  processBatch(_input: number, batch: Batch): void {
    rowsOf(batch).forEach((row, index) => {
      const key = row[0] as bigint;
      const before = this.#groups.get(key) ?? null;
      if (!this.#touched.has(key)) this.#touched.set(key, before);
      const weight = BigInt(weightOf(batch, index));
      const after = { count: (before?.count ?? 0n) + weight, sum: (before?.sum ?? 0n) + weight * (row[1] as bigint) };
      if (after.count === 0n) this.#groups.delete(key);
      else this.#groups.set(key, after);
    });
  }

  processBarrier(_barrier: unknown, out: Output): void {
    const rows: Row[] = [];
    const weights: number[] = [];
    for (const [key, before] of this.#touched) {
      const after = this.#groups.get(key) ?? null;
      if (before?.count === after?.count && before?.sum === after?.sum) continue;
      if (before !== null) {
        rows.push([key, before.count, before.sum]);
        weights.push(-1);
      }
      if (after !== null) {
        rows.push([key, after.count, after.sum]);
        weights.push(1);
      }
      this.#dirty.add(key);
    }
    this.#touched.clear();
    if (rows.length > 0) out.emit(batchFromRows(INT8.slice(0, 3), rows, weights));
  }

  #table(): StateTable {
    return {
      declaration: { name: 'groups', columns: INT8.slice(0, 3), keyCount: 1, partitionKeyCount: 1 },
      collectDirty: () => {
        const present = [...this.#dirty].filter((key) => this.#groups.has(key));
        const gone = [...this.#dirty].filter((key) => !this.#groups.has(key));
        this.#dirty.clear();
        const rows = present.map((key) => [key, this.#groups.get(key)!.count, this.#groups.get(key)!.sum]);
        return {
          upserts: batchFromRows(INT8.slice(0, 3), rows),
          deletes: batchFromRows(
            INT8.slice(0, 1),
            gone.map((key) => [key]),
          ),
        };
      },
      load: (batch) => {
        for (const [key, count, sum] of rowsOf(batch)) this.#groups.set(key as bigint, { count: count as bigint, sum: sum as bigint });
      },
      sizeBytes: () => this.#groups.size * 24,
      keyCount: () => this.#groups.size,
    };
  }
}

const INT8: readonly SqlType[] = Array.from({ length: 5 }, () => ({ kind: 'int8' }) as const);

/** Keeps a multiset of rows of int8 columns, readable at retained epochs, and passes the changelog on. */
class MaterializeOperator implements Operator, ReadableRelation {
  readonly #rows = new Map<string, { readonly row: Row; weight: number }>();
  readonly #deltas = new Map<Epoch, Batch[]>();
  readonly #dirty = new Map<string, Row>();
  readonly #columnCount: number;
  #pending: Batch[] = [];

  constructor(environment: OperatorEnvironment, relation: string, columnCount: number) {
    this.#columnCount = columnCount;
    environment.registerState(this.#table());
    environment.publishRelation(relation, this);
  }

  processBatch(_input: number, batch: Batch): void {
    this.#pending.push(batch);
  }

  processBarrier(barrier: { readonly epoch: Epoch }, out: Output): void {
    const net = new Map<string, { row: Row; weight: number }>();
    for (const batch of this.#pending) {
      rowsOf(batch).forEach((row, index) => {
        const key = row.join(',');
        const entry = net.get(key) ?? { row, weight: 0 };
        entry.weight += weightOf(batch, index);
        net.set(key, entry);
      });
    }
    this.#pending = [];
    const changed = [...net.values()].filter((entry) => entry.weight !== 0);
    this.#deltas.set(barrier.epoch, []);
    if (changed.length === 0) return;
    const delta = this.#batch(changed);
    for (const { row, weight } of changed) this.#add(row, weight);
    this.#deltas.set(barrier.epoch, [delta]);
    out.emit(delta);
  }

  *scan(epoch: Epoch, request: RelationScan): Iterator<Batch> {
    const content = new Map([...this.#rows].map(([key, entry]) => [key, { ...entry }]));
    for (const [at, deltas] of this.#deltas) {
      if (at <= epoch) continue;
      for (const delta of deltas) {
        rowsOf(delta).forEach((row, index) => {
          const key = row.join(',');
          const entry = content.get(key) ?? { row, weight: 0 };
          content.set(key, { row, weight: entry.weight - weightOf(delta, index) });
        });
      }
    }
    const entries = [...content.values()].filter((entry) => entry.weight !== 0);
    for (let at = 0; at < entries.length; at += 50) {
      const whole = this.#batch(entries.slice(at, at + 50));
      yield new Batch(
        whole.rowCount,
        request.columns.map((column) => whole.columns[column]!),
        whole.weights,
      );
    }
  }

  changes(epoch: Epoch): readonly Batch[] | null {
    return this.#deltas.get(epoch) ?? null;
  }

  release(epoch: Epoch): void {
    for (const at of [...this.#deltas.keys()]) if (at <= epoch) this.#deltas.delete(at);
  }

  pinnedThrough(): void {}

  /** A byte a delta. */
  retainedBytes(): number {
    return this.#deltas.size;
  }

  pinned(): PinnedDeltas {
    return NO_PINNED_DELTAS;
  }

  #add(row: Row, weight: number): void {
    const key = row.join(',');
    const next = (this.#rows.get(key)?.weight ?? 0) + weight;
    if (next === 0) this.#rows.delete(key);
    else this.#rows.set(key, { row, weight: next });
    this.#dirty.set(key, row);
  }

  #batch(entries: readonly { readonly row: Row; readonly weight: number }[]): Batch {
    return batchFromRows(
      INT8.slice(0, this.#columnCount),
      entries.map(({ row }) => row),
      entries.map(({ weight }) => weight),
    );
  }

  #table(): StateTable {
    const key = INT8.slice(0, this.#columnCount);
    return {
      declaration: { name: 'rows', columns: INT8.slice(0, this.#columnCount + 1), keyCount: this.#columnCount, partitionKeyCount: 1 },
      collectDirty: () => {
        const entries = [...this.#dirty];
        this.#dirty.clear();
        const present = entries.filter(([name]) => this.#rows.has(name)).map(([name, row]) => [...row, BigInt(this.#rows.get(name)!.weight)]);
        const gone = entries.filter(([name]) => !this.#rows.has(name)).map(([, row]) => row);
        return { upserts: batchFromRows(INT8.slice(0, this.#columnCount + 1), present), deletes: batchFromRows(key, gone) };
      },
      load: (batch) => {
        for (const row of rowsOf(batch)) {
          const values = row.slice(0, this.#columnCount);
          this.#rows.set(values.join(','), { row: values, weight: Number(row[this.#columnCount]) });
        }
      },
      sizeBytes: () => this.#rows.size * 8 * (this.#columnCount + 1),
      keyCount: () => this.#rows.size,
    };
  }
}

/** Columns picked by position, and doubled or not: stateless. */
class CalcOperator implements Operator {
  readonly #columns: readonly number[];

  constructor(columns: readonly number[]) {
    this.#columns = columns;
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    out.emit(
      new Batch(
        batch.rowCount,
        this.#columns.map((column) => batch.columns[column]!),
        batch.weights,
      ),
    );
  }
}

/** Says after the first row that this is enough; all go on. */
class EnoughOperator implements Operator {
  readonly #environment: OperatorEnvironment;

  constructor(environment: OperatorEnvironment) {
    this.#environment = environment;
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    this.#environment.reportEnough();
    out.emit(batch);
  }
}

/** Fails when it meets a given key, or a checkpoint, as often as `failures` says. */
export interface TestFailures {
  key: bigint | null;
  /** At its barrier, or, like a sink that is fenced, when it has been committed. */
  checkpoint: 'barrier' | 'committed' | null;
  times: number;
  error: SqlError | null;
}

class FailingOperator implements Operator {
  readonly #failures: TestFailures;
  #fenced: SqlError | null = null;

  constructor(failures: TestFailures) {
    this.#failures = failures;
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    const { key } = this.#failures;
    if (key !== null && rowsOf(batch).some((row) => row[0] === key)) throwNow(this.#take());
    out.emit(batch);
  }

  processBarrier(barrier: { readonly checkpoint: boolean }): void {
    if (barrier.checkpoint && this.#failures.checkpoint === 'barrier') throwNow(this.#take());
  }

  checkpointCommitted(): void {
    if (this.#failures.checkpoint === 'committed') this.#fenced = this.#take();
  }

  ready(): boolean {
    throwNow(this.#fenced);
    return true;
  }

  #take(): SqlError | null {
    if (this.#failures.times === 0) return null;
    this.#failures.times--;
    return this.#failures.error;
  }
}

function throwNow(error: SqlError | null): void {
  if (error !== null) throw error;
}

/** The operators of the test graphs. */
export function testOperators(failures: TestFailures): OperatorFactory[] {
  return [
    { kind: 'test-count', version: 1, create: (_parameters, environment) => new CountOperator(environment) },
    {
      kind: 'test-materialize',
      version: 1,
      create: (parameters, environment) => {
        const { relation, columns } = parameters as { relation: string; columns: number };
        return new MaterializeOperator(environment, relation, columns);
      },
    },
    { kind: 'test-calc', version: 1, create: (parameters) => new CalcOperator((parameters as { columns: number[] }).columns) },
    { kind: 'test-enough', version: 1, create: (_parameters, environment) => new EnoughOperator(environment) },
    { kind: 'test-failing', version: 1, create: () => new FailingOperator(failures) },
  ];
}
