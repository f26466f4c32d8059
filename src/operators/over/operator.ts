import { type Barrier, Batch, columnFromDatums, keyColumns } from '../../batch/index.ts';
import { createCallEvaluator, type WindowBound, type WindowCall } from '../../over/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { type Datum, int8Type, type SqlType } from '../../types/index.ts';
import { callText } from '../grouping/index.ts';
import { OrderedPartitions } from '../ordering/index.ts';
import { consolidate, ExpiringKeys, emitInBatches, KeyTtl, reportForgotten, rowText, ttlDue } from '../shared/index.ts';
import { CallFailure, type EvaluatedCalls, EvaluatedPartition, type EvaluatedRows } from './evaluated-partition.ts';
import { type OverCallSpec, type OverSpec, overSpecCodec } from './spec.ts';

/** Frames do not look at the time of the epoch. */
const TIMELESS = { nowMicros: 0n, timeZone: 'UTC' };
/** Memory of a row's place in its partition, and of a value. Measured roughly. */
const PLACE_BYTES = 16;
const RESULT_BYTES = 24;

/**
 * Window functions: at each barrier the touched partitions are evaluated from the first row whose values may have changed, and what differs is emitted.
 * Values are kept in memory only; after a restart a partition is evaluated again when it is touched.
 */
class Over implements Operator {
  readonly #environment: OperatorEnvironment;
  readonly #rows: OrderedPartitions;
  readonly #calls: EvaluatedCalls;
  readonly #callNames: readonly string[];
  readonly #resultTypes: readonly SqlType[];
  readonly #partitions: (EvaluatedPartition | undefined)[] = [];
  #evaluatedRows = 0;
  readonly #changes = new Changes();
  readonly #expiring: ExpiringKeys | null;
  readonly #partitionColumns: readonly number[];
  readonly #ttl: KeyTtl | null;

  constructor(spec: OverSpec, environment: OperatorEnvironment) {
    this.#environment = environment;
    this.#expiring = spec.expiry === null ? null : new ExpiringKeys(spec.expiry);
    const types = environment.inputColumns[0]!.map((column) => column.type);
    const names = environment.inputColumns[0]!.map((column) => column.name);
    const kept = [...new Set(spec.calls.flatMap((call) => [...call.args, ...(call.filter === null ? [] : [call.filter])]))];
    const place = (column: number): number => spec.orderBy.length + kept.indexOf(column);
    const { partitionCount, partitionKeyCount, orderBy, tieBy } = spec;
    const rows: OrderedPartitions = new OrderedPartitions({
      types,
      partitionCount,
      partitionKeyCount,
      orderBy,
      tieBy,
      kept,
      emptyStay: this.#expiring !== null,
      loadedAsNew: environment.showsRestored,
      ...(spec.stateTtlMs != null && { unknown: (count) => reportForgotten(count, 'over', environment) }),
      loaded: (loaded, partitions) => this.#expiring?.add(loaded, partitions, this.#rows.partitionEnd),
    });
    this.#rows = rows;
    this.#partitionColumns = Array.from({ length: partitionCount }, (_, column) => column);
    this.#ttl = createTtl(spec, types, environment);
    this.#callNames = spec.calls.map((call) => callName(call, names));
    this.#resultTypes = [...spec.calls.map((call) => call.type), ...(spec.numberCopies ? [int8Type] : [])];
    this.#calls = {
      calls: spec.calls.map((call) => windowCall(call, spec, types)),
      columns: spec.calls.map((call) => ({ args: call.args.map(place), filter: call.filter === null ? null : place(call.filter) })),
      numberCopies: spec.numberCopies,
      isPeer: (left, right) => rows.isPeer(left, right),
      evaluator: (call, partition) => createCallEvaluator(call, partition, { ...environment, evaluation: TIMELESS }),
    };
    const resultBytes = PLACE_BYTES + this.#resultTypes.length * RESULT_BYTES;
    environment.registerState({ ...rows.state, sizeBytes: () => rows.state.sizeBytes() + this.#evaluatedRows * resultBytes });
  }

  processBatch(_input: number, batch: Batch): void {
    const partitions = this.#rows.apply(batch);
    this.#expiring?.add(batch, partitions, this.#rows.partitionEnd);
    this.#ttl?.touch(keyColumns(batch, this.#partitionColumns), batch.rowCount);
  }

  processWatermark(micros: bigint): void {
    this.#expiring?.watermark(micros);
  }

  processBarrier(barrier: Barrier, out: Output): void {
    for (const number of this.#rows.touched()) this.#update(number);
    this.#emit(out);
    this.#rows.release();
    if (this.#expiring !== null) this.#forget(this.#expiring.take(barrier));
    this.#expire(barrier, out);
  }

  /** Partitions whose ttl has passed: their rows leave. */
  #expire(barrier: Barrier, out: Output): void {
    const expired = this.#ttl?.take(barrier) ?? null;
    if (expired === null) return;
    const partitions = this.#rows.find(expired.keys, expired.count).filter((number) => number >= 0);
    for (const number of partitions) {
      const evaluated = this.#partitions[number] ?? new EvaluatedPartition(this.#calls);
      if (this.#partitions[number] === undefined) evaluated.replace(this.#rows.partition(number).order, 0);
      else this.#evaluatedRows -= evaluated.size;
      this.#partitions[number] = undefined;
      const change = evaluated.replace([], 0);
      if (change !== null) this.#add(change.before, -1);
    }
    this.#emit(out);
    this.#rows.drop(partitions);
  }

  #forget(numbers: Int32Array): void {
    for (const number of numbers) {
      this.#evaluatedRows -= this.#partitions[number]?.size ?? 0;
      this.#partitions[number] = undefined;
    }
    this.#rows.drop(numbers);
  }

  #update(number: number): void {
    const { order } = this.#rows.partition(number);
    const evaluated = this.#partitions[number] ?? new EvaluatedPartition(this.#calls);
    const wasShown = this.#rows.wasShown(number);
    if (this.#partitions[number] === undefined && wasShown) evaluated.replace(order, 0);
    else this.#evaluatedRows -= evaluated.size;
    const firstChanged = this.#rows.settle(number);
    const change = evaluated.replace(order, wasShown ? firstChanged : 0);
    this.#partitions[number] = order.length === 0 ? undefined : evaluated;
    this.#evaluatedRows += evaluated.size;
    if (change === null) return;
    this.#add(change.before, -1);
    this.#add(change.after, 1);
  }

  #add({ rows, results }: EvaluatedRows, weight: 1 | -1): void {
    for (const [at, { slot }] of rows.entries()) {
      const values = results.map((column) => column[at]!);
      const failed = values.findIndex((value) => value instanceof CallFailure);
      if (failed < 0) this.#changes.add(slot, values as (Datum | null)[], weight);
      else this.#report(slot, { failure: values[failed] as CallFailure, call: failed, weight });
    }
  }

  #report(slot: number, failed: { readonly failure: CallFailure; readonly call: number; readonly weight: 1 | -1 }): void {
    const row = rowText(new Batch(1, this.#rows.columnsOf(Int32Array.of(slot))), 0);
    const expression = this.#callNames[failed.call]!;
    this.#environment.reportRowError({ error: failed.failure.error, expression, row, weight: failed.weight });
  }

  #emit(out: Output): void {
    const { slots, weights, values } = this.#changes.take();
    if (slots.length === 0) return;
    const results = this.#resultTypes.map((type, index) =>
      columnFromDatums(
        type,
        values.map((row) => row[index]!),
      ),
    );
    const columns = [...this.#rows.columnsOf(Int32Array.from(slots)), ...results];
    emitInBatches(consolidate(new Batch(slots.length, columns, Int32Array.from(weights))), this.#environment.batchRows, out);
  }
}

/** Rows to emit at a barrier, not yet net. */
class Changes {
  #slots: number[] = [];
  #weights: number[] = [];
  #values: (readonly (Datum | null)[])[] = [];

  add(slot: number, values: readonly (Datum | null)[], weight: 1 | -1): void {
    this.#slots.push(slot);
    this.#weights.push(weight);
    this.#values.push(values);
  }

  take(): { readonly slots: readonly number[]; readonly weights: readonly number[]; readonly values: readonly (readonly (Datum | null)[])[] } {
    const taken = { slots: this.#slots, weights: this.#weights, values: this.#values };
    this.#slots = [];
    this.#weights = [];
    this.#values = [];
    return taken;
  }
}

function createTtl(spec: OverSpec, types: readonly SqlType[], environment: OperatorEnvironment): KeyTtl | null {
  const { partitionCount, partitionKeyCount, stateTtlMs } = spec;
  if (stateTtlMs == null) return null;
  const ttl = new KeyTtl({ keyTypes: types.slice(0, partitionCount), partitionKeyCount, ttlMs: stateTtlMs });
  environment.registerState(ttl.state);
  return ttl;
}

function windowCall(call: OverCallSpec, spec: OverSpec, types: readonly SqlType[]): WindowCall {
  const bound = ({ kind, offset }: OverCallSpec['frame']['start']): WindowBound => ({
    kind,
    offset: offset === null ? null : { value: offset.value, type: offset.type },
  });
  const key = spec.orderBy[0];
  return {
    function: call.function,
    argumentTypes: call.args.map((arg) => types[arg]!),
    order: key === undefined ? null : { type: types[key.column]!, descending: key.descending, nullsFirst: key.nullsFirst },
    frame: { ...call.frame, start: bound(call.frame.start), end: bound(call.frame.end) },
    type: call.type,
  };
}

function callName(call: OverCallSpec, names: readonly string[]): string {
  const signature = call.function.kind === 'window' ? `${call.function.name}(` : call.function.signature;
  return `${callText({ signature, args: call.args, distinct: false }, names)} OVER`;
}

export const overFactory: OperatorFactory = {
  kind: overSpecCodec.kind,
  version: overSpecCodec.version,
  create: (parameters, environment) => new Over(overSpecCodec.decode(parameters), environment),
  spillKeys: (parameters) => {
    const { partitionKeyCount } = overSpecCodec.decode(parameters);
    return partitionKeyCount === 0 ? null : [Array.from({ length: partitionKeyCount }, (_, column) => column)];
  },
  spillDue: (parameters) => {
    const { partitionCount, expiry, stateTtlMs } = overSpecCodec.decode(parameters);
    const expiring = expiry === null ? [] : [{ table: 'rows', ...expiry }];
    return stateTtlMs == null ? expiring : [...expiring, ttlDue('touched', partitionCount, stateTtlMs)];
  },
};
