import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, type Batch, batchFromRows, MAX_WATERMARK, rowsOf } from '../../batch/index.ts';
import { type CompiledRecognition, compileRecognition, type Row, rowComparator } from '../../pattern/index.ts';
import type { Operator, OperatorEnvironment, Output } from '../../spi/index.ts';
import { DueQueue, emitInBatches } from '../shared/index.ts';
import { FindingRows, FoundRows } from './found-rows.ts';
import type { OpenPartition } from './open-partition.ts';
import { PartitionState } from './partition-state.ts';
import type { MatchRecognizeSpec } from './spec.ts';
import { TIMELESS } from './timeless.ts';

/** Rows come only added and with an event time; matches come out when the watermark has decided them (see index.ts). */
export class WatermarkMatches implements Operator {
  readonly #spec: MatchRecognizeSpec;
  readonly #environment: OperatorEnvironment;
  readonly #compiled: CompiledRecognition;
  readonly #compare: (left: Row, right: Row) => number;
  readonly #findings: FindingRows;
  readonly #state: PartitionState;
  readonly #due = new DueQueue<OpenPartition>();
  readonly #timeColumn: number;
  /** No row to come has a time below; null before the first watermark. */
  #reachedMicros: bigint | null = null;
  /** The same at the last barrier: an operator below may add rows behind the watermark of their own epoch. */
  #settledMicros: bigint | null = null;
  #complete = false;
  /** Rows have been loaded since the last barrier: those the watermark has passed are searched again. */
  #loaded = false;
  /** The watermark has moved since the last barrier. */
  #moved = false;

  constructor(spec: MatchRecognizeSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    const input = { ...spec, width: types.length };
    this.#compiled = compileRecognition(input, { functions: environment.functions, aggregates: environment.aggregates, evaluation: TIMELESS });
    this.#compare = rowComparator(types, input);
    this.#findings = new FindingRows(this.#compiled, types);
    this.#state = new PartitionState({ types, ...spec, loaded: (partition, row) => this.#takeLoaded(partition, row) }, this.#compiled);
    this.#timeColumn = spec.orderBy[0]!.column;
    environment.registerState(this.#state.rows);
    environment.registerState(this.#state.memos);
  }

  processBatch(_input: number, batch: Batch): void {
    for (const [index, row] of rowsOf(batch).entries()) {
      const weight = batch.weights === null ? 1 : batch.weights[index]!;
      const time = this.#timeOf(row);
      if (weight < 0) throw broken('takes a row away');
      if (time !== null && this.#settledMicros !== null && time < this.#settledMicros) throw broken('adds a row the watermark has passed');
      for (let times = 0; times < weight; times++) this.#wait(this.#state.add(row), row);
    }
  }

  processWatermark(micros: bigint): void {
    const reached = micros - this.#spec.latenessMicros;
    if (micros >= MAX_WATERMARK) this.#complete = true;
    if (this.#reachedMicros === null || reached > this.#reachedMicros) this.#reachedMicros = reached;
    this.#moved = true;
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (barrier.rowsFollow === true) return;
    const isDue = this.#moved || this.#loaded;
    this.#loaded = false;
    if (!isDue || this.#reachedMicros === null) return;
    this.#moved = false;
    this.#settledMicros = this.#reachedMicros;
    const found = new FoundRows();
    const due = this.#complete ? [...this.#state.all] : this.#due.takeBefore(this.#reachedMicros);
    for (const partition of due) this.#search(partition, found);
    for (const failure of found.errors) this.#environment.reportRowError(failure);
    if (found.rows.length > 0) emitInBatches(batchFromRows(this.#findings.outputTypes, found.rows), this.#environment.batchRows, out);
  }

  #search(partition: OpenPartition, found: FoundRows): void {
    partition.scheduledMicros = null;
    const recognizer = partition.take(this.#compiled, this.#compare, (row) => this.#hasPassed(row));
    recognizer.rows.complete = this.#complete;
    this.#findings.collect(recognizer, this.#reachedMicros, found);
    this.#state.settled(partition, partition.forgetPassed(recognizer));
    for (const { values } of partition.pending) this.#wait(partition, values);
    const limit = recognizer.limitMicros;
    // Due when the limit is reached, not only passed.
    if (limit !== null && limit > this.#reachedMicros!) this.#schedule(partition, limit - 1n);
  }

  #hasPassed(row: Row): boolean {
    const time = this.#timeOf(row);
    return this.#complete || (time !== null && time < this.#reachedMicros!);
  }

  #takeLoaded(partition: OpenPartition, row: Row): void {
    this.#loaded = true;
    this.#wait(partition, row);
  }

  /** A row without a time comes behind all others, when the input ends. */
  #wait(partition: OpenPartition, row: Row): void {
    const time = this.#timeOf(row);
    if (time !== null) this.#schedule(partition, time);
  }

  #schedule(partition: OpenPartition, dueMicros: bigint): void {
    if (partition.scheduledMicros !== null && partition.scheduledMicros <= dueMicros) return;
    partition.scheduledMicros = dueMicros;
    this.#due.add(partition, dueMicros);
  }

  #timeOf(row: Row): bigint | null {
    return (row[this.#timeColumn] ?? null) as bigint | null;
  }
}

function broken(what: string): SqlError {
  return new SqlError({ code: SqlState.internalError, message: `the input of match-recognize ${what}, which it must not` });
}
