import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, concatBatches, GroupIndex, gatherBatch, gatherInt32, isNull, keyColumns, projectBatch } from '../../batch/index.ts';
import type { LookupReader, Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { nullColumns } from '../hash-join/shown-rows.ts';
import { consolidate, rowText } from '../shared/index.ts';
import type { FoundRows } from './found-rows.ts';
import { KeyLookups } from './key-lookups.ts';
import { RecordedRows } from './recorded-rows.ts';
import { type LookupJoinSpec, lookupJoinSpecCodec } from './spec.ts';

/** The rows of an epoch, on their way. */
interface Epoch {
  readonly rows: Batch;
  /** Numbers of the rows where they are recorded. */
  readonly numbers: Int32Array | null;
  /** Question each row waits for, or -1: what it has is recorded, or its key has a NULL. */
  readonly questions: Int32Array;
}

/** The rows of an epoch wait for its barrier, which waits for what the other side says (see index.ts). */
class LookupJoin implements Operator {
  readonly #spec: LookupJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #keys: readonly number[];
  readonly #lookups: KeyLookups;
  readonly #nothing: FoundRows;
  /** Null for rows that are only added. */
  readonly #recorded: RecordedRows | null;
  #waiting: Batch[] = [];
  #epoch: Epoch | null = null;

  constructor(spec: LookupJoinSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#keys = spec.keys.map((_, key) => key);
    this.#lookups = new KeyLookups(spec, readerOf(spec, environment), environment);
    const right = spec.columns.map(({ type }) => type);
    this.#nothing = { rows: new Batch(0, nullColumns(right, 0)), failure: null };
    const left = environment.inputColumns[0]!.map(({ type }) => type);
    this.#recorded = environment.inputAppendOnly[0]! ? null : new RecordedRows({ left, right, keyCount: spec.keys.length });
    if (this.#recorded !== null) environment.registerState(this.#recorded.state);
  }

  ready(): boolean {
    return this.#lookups.opened();
  }

  processBatch(_input: number, batch: Batch): void {
    this.#waiting.push(batch);
  }

  processBarrier({ timestampMicros }: Barrier): void {
    if (this.#waiting.length === 0) return;
    const all = concatBatches(this.#waiting);
    this.#waiting = [];
    const rows = this.#recorded === null ? all : consolidate(all);
    const numbers = this.#recorded?.find(rows) ?? null;
    const { questions, keys } = this.#questionsOf(rows, numbers);
    this.#epoch = { rows, numbers, questions };
    if (keys.rowCount > 0) this.#lookups.ask(keys, timestampMicros);
    else this.#epoch = { rows, numbers, questions: questions.fill(-1) };
  }

  continueBarrier(_barrier: Barrier, out: Output): 'done' | 'waiting' {
    if (this.#epoch === null) return 'done';
    const { rows, numbers, questions } = this.#epoch;
    const asked = questions.some((question) => question >= 0);
    const answers = asked ? this.#lookups.take() : [];
    if (answers === null) return 'waiting';
    this.#epoch = null;
    const found = Array.from(questions, (question, row) => this.#foundFor(numbers?.[row] ?? null, question < 0 ? null : answers[question]!));
    this.#emit(rows, found, out);
    if (numbers !== null) this.#recorded!.settle(numbers, rows);
    return 'done';
  }

  close(): Promise<void> {
    return this.#lookups.close();
  }

  /** Which rows have to be looked up, by keys that differ. */
  #questionsOf(rows: Batch, numbers: Int32Array | null): { readonly questions: Int32Array; readonly keys: Batch } {
    const index = new GroupIndex(this.#spec.keys.map(({ type }) => type));
    const groups = new Int32Array(rows.rowCount);
    index.assign(keyColumns(rows, this.#keys), rows.rowCount, groups);
    const questionOf = new Map<number, number>();
    const firsts: number[] = [];
    const questions = groups.map((group, row) => {
      const isKnown = numbers !== null && this.#recorded!.foundFor(numbers[row]!) !== undefined;
      if (isKnown || this.#keys.some((key) => isNull(rows.columns[key]!, row))) return -1;
      const known = questionOf.get(group);
      if (known !== undefined) return known;
      questionOf.set(group, firsts.length);
      return firsts.push(row) - 1;
    });
    const keys = gatherBatch(projectBatch(new Batch(rows.rowCount, rows.columns), this.#keys), Int32Array.from(firsts), firsts.length);
    return { questions, keys };
  }

  /** What a row has: recorded when it came, or answered now. */
  #foundFor(number: number | null, answer: FoundRows | null): FoundRows {
    if (number === null) return answer ?? this.#nothing;
    const recorded = this.#recorded!.foundFor(number);
    if (recorded !== undefined) return recorded;
    const found = answer ?? this.#nothing;
    this.#recorded!.record(number, found);
    return found;
  }

  #emit(rows: Batch, found: readonly FoundRows[], out: Output): void {
    const offsets = new Map<FoundRows, number>();
    const parts: Batch[] = [];
    let end = 0;
    for (const one of found) {
      if (one.rows.rowCount === 0 || offsets.has(one)) continue;
      offsets.set(one, end);
      parts.push(one.rows);
      end += one.rows.rowCount;
    }
    const right = parts.length === 0 ? null : concatBatches(parts);
    const pairs: number[] = [];
    const alone: number[] = [];
    for (const [row, one] of found.entries()) {
      if (one.failure !== null) this.#report(rows, row, one.failure);
      else if (one.rows.rowCount === 0) alone.push(row);
      for (let at = 0; at < one.rows.rowCount; at++) pairs.push(row, offsets.get(one)! + at);
      if (pairs.length >= 2 * this.#environment.batchRows) this.#emitPairs(rows, right!, pairs.splice(0), out);
    }
    if (pairs.length > 0) this.#emitPairs(rows, right!, pairs, out);
    if (this.#spec.joinType === 'inner' || alone.length === 0) return;
    const left = gatherBatch(rows, Int32Array.from(alone), alone.length);
    const nulls = nullColumns(
      this.#spec.columns.map(({ type }) => type),
      alone.length,
    );
    out.emit(new Batch(alone.length, [...left.columns, ...nulls], left.weights));
  }

  /** `pairs`: left and right row in turn. */
  #emitPairs(rows: Batch, right: Batch, pairs: readonly number[], out: Output): void {
    const count = pairs.length / 2;
    const lefts = new Int32Array(count);
    const rights = new Int32Array(count);
    for (let at = 0; at < count; at++) {
      lefts[at] = pairs[2 * at]!;
      rights[at] = pairs[2 * at + 1]!;
    }
    const { columns } = gatherBatch(new Batch(rows.rowCount, rows.columns), lefts, count);
    const weights = rows.weights === null ? null : gatherInt32(rows.weights, lefts, count);
    out.emit(new Batch(count, [...columns, ...gatherBatch(right, rights, count).columns], weights));
  }

  #report(rows: Batch, row: number, error: SqlError): void {
    this.#environment.reportRowError({
      error,
      expression: `FOR SYSTEM_TIME AS OF (${this.#spec.keys.map(({ name }) => name).join(', ')})`,
      row: rowText(rows, row),
      weight: rows.weights === null ? 1 : rows.weights[row]!,
    });
  }
}

function readerOf(spec: LookupJoinSpec, environment: OperatorEnvironment): LookupReader {
  const capability = environment.connectors.get(spec.connector)?.lookup;
  if (capability === undefined) {
    throw new SqlError({ code: SqlState.featureNotSupported, message: `connector "${spec.connector}" cannot be looked up` });
  }
  const { options, columns, keys } = spec;
  return capability.createReader({ options, columns, keys, clock: environment.clock, logger: environment.logger });
}

export const lookupJoinFactory: OperatorFactory = {
  kind: lookupJoinSpecCodec.kind,
  version: lookupJoinSpecCodec.version,
  create: (parameters, environment) => new LookupJoin(lookupJoinSpecCodec.decode(parameters), environment),
};
