import { assert } from '../../base/index.ts';
import { type Barrier, type Batch, batchFromRows, type Epoch, rowsOf } from '../../batch/index.ts';
import type { Json, OperatorSpec } from '../../jobgraph/index.ts';
import type { Operator, OperatorFactory, ReadableRelation } from '../../spi/index.ts';
import type { Datum } from '../../types/index.ts';
import { type Observed, type TestEnvironmentOptions, testEnvironment } from './test-environment.ts';

export type Row = readonly (Datum | null)[];

/** Weights of rows by their text: a Z-set that can be compared. */
export class RowSet {
  readonly #weights = new Map<string, number>();

  add(row: Row, weight: number): void {
    const key = rowKey(row);
    const sum = (this.#weights.get(key) ?? 0) + weight;
    if (sum === 0) this.#weights.delete(key);
    else this.#weights.set(key, sum);
  }

  addBatch(batch: Batch): void {
    rowsOf(batch).forEach((row, index) => {
      this.add(row, batch.weights === null ? 1 : batch.weights[index]!);
    });
  }

  /** `row xN`, sorted. */
  lines(): string[] {
    return [...this.#weights].map(([key, weight]) => (weight === 1 ? key : `${key} x${weight}`)).sort();
  }
}

export function rowKey(row: Row): string {
  return JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The saved state of one operator, as a backend keeps it: absolute rows by key. */
class SavedTable {
  readonly rows = new Map<string, Row>();

  apply(change: { readonly upserts: Batch; readonly deletes: Batch }, keyCount: number): void {
    for (const key of rowsOf(change.deletes)) this.rows.delete(rowKey(key));
    for (const row of rowsOf(change.upserts)) this.rows.set(rowKey(row.slice(0, keyCount)), row);
  }
}

/** Drives one operator through epochs, collects what it emits, and can replace it by one restored from its state. */
export class OperatorHarness {
  readonly #factory: OperatorFactory;
  readonly #parameters: Json;
  readonly #options: TestEnvironmentOptions;
  readonly #saved = new Map<string, SavedTable>();
  #operator: Operator;
  #observed: Observed;
  #epoch: Epoch = 0;
  /** Everything emitted since the start, net. */
  readonly content = new RowSet();
  /** Batches of the newest epoch. */
  emitted: Batch[] = [];

  constructor(factory: OperatorFactory, parameters: Json, options: TestEnvironmentOptions) {
    this.#factory = factory;
    // Parameters travel as text between processes.
    this.#parameters = JSON.parse(JSON.stringify(parameters)) as Json;
    this.#options = options;
    const created = this.#create();
    this.#operator = created.operator;
    this.#observed = created.observed;
  }

  get epoch(): Epoch {
    return this.#epoch;
  }

  get observed(): Observed {
    return this.#observed;
  }

  rows(input: number, rows: readonly Row[], weights?: readonly number[]): void {
    if (rows.length === 0) return;
    this.batch(input, batchFromRows(this.#options.inputs[input]!, rows, weights));
  }

  batch(input: number, batch: Batch): void {
    this.#operator.processBatch(input, batch, this.#output);
  }

  watermark(micros: bigint): void {
    this.#operator.processWatermark?.(micros, this.#output);
  }

  /** Ends the epoch; returns its net change as lines. With `checkpoint` the dirty state is saved. */
  barrier(checkpoint = false, timestampMicros?: bigint): string[] {
    const barrier = this.#beginBarrier(checkpoint, timestampMicros);
    while (this.#operator.continueBarrier?.(barrier, this.#output) === 'more');
    return this.#endBarrier(checkpoint);
  }

  /** The same for an operator that waits for something asynchronous in the middle of it. */
  async barrierWhenDone(checkpoint = false): Promise<string[]> {
    const barrier = this.#beginBarrier(checkpoint);
    while (this.#operator.continueBarrier?.(barrier, this.#output) === 'waiting') await Promise.resolve();
    return this.#endBarrier(checkpoint);
  }

  /** Until the operator takes input. */
  async untilReady(): Promise<void> {
    while (this.#operator.ready?.() === false) await Promise.resolve();
  }

  async close(): Promise<void> {
    await this.#operator.close?.();
  }

  #beginBarrier(checkpoint: boolean, timestampMicros = BigInt(this.#epoch + 1) * 1000n): Barrier {
    this.#epoch++;
    const barrier: Barrier = { kind: 'barrier', epoch: this.#epoch, timestampMicros, checkpoint, last: false };
    this.#operator.processBarrier?.(barrier, this.#output);
    return barrier;
  }

  #endBarrier(checkpoint: boolean): string[] {
    const change = new RowSet();
    for (const batch of this.#collected) {
      assert(batch.weights === null || !batch.weights.subarray(0, batch.rowCount).includes(0), 'no weight is 0');
      change.addBatch(batch);
      this.content.addBatch(batch);
    }
    this.emitted = this.#collected;
    this.#collected = [];
    if (checkpoint) this.#save();
    return change.lines();
  }

  /** Throws the operator away and goes on with a new one that has loaded the state of the newest checkpoint; `prepare` is told of its relations before. */
  restart(prepare: (relation: ReadableRelation) => void = () => undefined): void {
    this.#restore({ showsRestored: false, prepare });
  }

  /** The same, with what reads the operator beginning anew. */
  restartShowing(): void {
    this.#restore({ showsRestored: true, prepare: () => undefined });
  }

  #restore({ showsRestored, prepare }: { readonly showsRestored: boolean; readonly prepare: (relation: ReadableRelation) => void }): void {
    const { operator, observed } = this.#create(showsRestored);
    this.#operator = operator;
    this.#observed = observed;
    for (const relation of observed.relations.values()) prepare(relation);
    for (const table of observed.tables) {
      const rows = [...(this.#saved.get(table.declaration.name)?.rows.values() ?? [])];
      // Several calls, as the blocks of a real backend.
      const half = Math.ceil(rows.length / 2);
      for (const part of [rows.slice(0, half), rows.slice(half)]) {
        if (part.length > 0) table.load(batchFromRows(table.declaration.columns, part));
      }
    }
  }

  /** Keys of what the checkpoints hold. */
  savedKeys(): string[] {
    return [...this.#saved].flatMap(([table, { rows }]) => [...rows.keys()].map((key) => `${table} ${key}`)).sort();
  }

  savedRows(table: string): number {
    return this.#saved.get(table)?.rows.size ?? 0;
  }

  #collected: Batch[] = [];
  #checkpoints = 0;
  readonly #output = { emit: (batch: Batch) => void this.#collected.push(batch) };

  #create(showsRestored = false): { readonly operator: Operator; readonly observed: Observed } {
    const { environment, observed } = testEnvironment({ ...this.#options, showsRestored });
    const spec: OperatorSpec = {
      operatorId: 'test',
      kind: this.#factory.kind,
      version: this.#factory.version,
      parameters: this.#parameters,
      outputColumns: [],
      outputAppendOnly: false,
      label: 'test',
    };
    return { operator: this.#factory.create(this.#parameters, environment, spec), observed };
  }

  #save(): void {
    this.#checkpoints++;
    for (const table of this.#observed.tables) {
      const { name, keyCount } = table.declaration;
      const saved = this.#saved.get(name) ?? new SavedTable();
      this.#saved.set(name, saved);
      saved.apply(table.collectDirty(this.#checkpoints), keyCount);
    }
  }
}
