import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, batchFromRows, concatBatches, gatherBatch, rowsOf } from '../../batch/index.ts';
import { type CompiledRecognition, compileRecognition, PartitionRecognizer, type Row, rowComparator } from '../../pattern/index.ts';
import type { Operator, OperatorEnvironment, Output, RowError } from '../../spi/index.ts';
import { rowKey, type SqlType } from '../../types/index.ts';
import { JoinSide } from '../hash-join/join-side.ts';
import { consolidate, emitInBatches } from '../shared/index.ts';
import { FindingRows, FoundRows } from './found-rows.ts';
import type { MatchRecognizeSpec } from './spec.ts';
import { TIMELESS } from './timeless.ts';

/** A partition this epoch has changed: a row of its key, and what it showed before. */
interface Touched {
  readonly key: Batch;
  readonly before: FoundRows;
}

/** Rows come and go: all of them are kept, and the matches of a touched partition are found again, before and after. */
export class RecomputedMatches implements Operator {
  readonly #spec: MatchRecognizeSpec;
  readonly #environment: OperatorEnvironment;
  readonly #compiled: CompiledRecognition;
  readonly #compare: (left: Row, right: Row) => number;
  readonly #findings: FindingRows;
  readonly #rows: JoinSide;
  readonly #keyTypes: readonly SqlType[];
  readonly #touched = new Map<string, Touched>();

  constructor(spec: MatchRecognizeSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const types = environment.inputColumns[0]!.map((column) => column.type);
    const input = { ...spec, width: types.length };
    this.#compiled = compileRecognition(input, { functions: environment.functions, aggregates: environment.aggregates, evaluation: TIMELESS });
    this.#compare = rowComparator(types, input);
    this.#findings = new FindingRows(this.#compiled, types);
    this.#keyTypes = spec.partitionBy.map((column) => types[column]!);
    this.#rows = new JoinSide('rows', { types, keys: spec.partitionBy, totals: false, matches: false, expiry: null });
    environment.registerState(this.#rows.state);
  }

  processBatch(_input: number, batch: Batch): void {
    for (const [index, row] of rowsOf(batch).entries()) {
      const key = rowKey(
        this.#keyTypes,
        this.#spec.partitionBy.map((column) => row[column] ?? null),
      );
      if (this.#touched.has(key)) continue;
      const one = gatherBatch(new Batch(batch.rowCount, batch.columns), Int32Array.of(index), 1);
      this.#touched.set(key, { key: one, before: this.#matchesOf(one) });
    }
    this.#rows.apply(batch);
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    if (this.#touched.size === 0) return;
    const changes: Batch[] = [];
    for (const { key, before } of this.#touched.values()) {
      const after = this.#matchesOf(key);
      changes.push(this.#batchOf(after.rows, 1), this.#batchOf(before.rows, -1));
      this.#reportErrors(before.errors, after.errors);
    }
    this.#touched.clear();
    if (!this.#rows.endEpoch()) throw new SqlError({ code: SqlState.internalError, message: 'a row of match-recognize has a negative count' });
    const present = changes.filter((batch) => batch.rowCount > 0);
    if (present.length > 0) emitInBatches(consolidate(concatBatches(present)), this.#environment.batchRows, out);
  }

  #batchOf(rows: readonly Row[], weight: number): Batch {
    return batchFromRows(
      this.#findings.outputTypes,
      rows,
      rows.map(() => weight),
    );
  }

  /** The matches of the partition as its rows are now. */
  #matchesOf(key: Batch): FoundRows {
    const rows: Row[] = [];
    this.#rows.probe(key, { keys: this.#spec.partitionBy }, this.#environment.batchRows, ({ count, slots, weights }) => {
      const found = rowsOf(new Batch(count, this.#rows.columnsOf(slots.slice(0, count))));
      for (const [index, row] of found.entries()) for (let times = 0; times < weights[index]!; times++) rows.push(row);
    });
    rows.sort(this.#compare);
    const recognizer = new PartitionRecognizer(this.#compiled);
    for (const row of rows) recognizer.rows.append(row);
    recognizer.rows.complete = true;
    const found = new FoundRows();
    this.#findings.collect(recognizer, null, found);
    return found;
  }

  /** Errors that were there before are not new, those that are not there any more are taken back. */
  #reportErrors(before: readonly RowError[], after: readonly RowError[]): void {
    const net = new Map<string, { readonly failure: RowError; weight: number }>();
    const add = (failure: RowError, weight: number): void => {
      const text = `${failure.error.code} ${failure.error.message} ${failure.row}`;
      const known = net.get(text);
      if (known === undefined) net.set(text, { failure, weight });
      else known.weight += weight;
    };
    for (const failure of before) add(failure, -1);
    for (const failure of after) add(failure, 1);
    for (const { failure, weight } of net.values()) if (weight !== 0) this.#environment.reportRowError({ ...failure, weight });
  }
}
