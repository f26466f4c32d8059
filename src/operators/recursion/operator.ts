import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import { datumToJson, type EvaluationContext } from '../../expr/index.ts';
import { ReferenceRun, type Row } from '../../plan/reference/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { emitInBatches, RowCounts, TouchedGroups } from '../shared/index.ts';
import { inputId, type RecursionSpec, recursionSpecCodec } from './spec.ts';

const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/** Rows by their text, with their multiplicity. */
type Content = ReadonlyMap<string, { readonly row: Row; readonly count: number }>;

const NOTHING: Content = new Map();

/** At each barrier that follows a change the recursion is evaluated from nothing; what differs from the rows shown before goes out. */
class Recursion implements Operator {
  readonly #spec: RecursionSpec;
  readonly #environment: OperatorEnvironment;
  readonly #inputs: readonly RowCounts[];
  readonly #touched: readonly TouchedGroups[];
  /** What is shown; null until asked for after a start, when it follows from the restored rows. */
  #shown: Content | null = null;
  /** The error the last evaluation ended in: nothing is shown while there is one. */
  #failure: SqlError | null = null;
  #changed = false;

  constructor(spec: RecursionSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#inputs = environment.inputColumns.map((columns, input) => {
      const types = columns.map((column) => column.type);
      return new RowCounts({ name: `input${input}`, types, sides: 1, exact: true, partitionKeyCount: 0 });
    });
    this.#touched = this.#inputs.map(() => new TouchedGroups());
    for (const input of this.#inputs) environment.registerState(input.state);
  }

  processBatch(input: number, batch: Batch): void {
    this.#shown ??= this.#evaluate();
    this.#changed = true;
    const rows = this.#inputs[input]!.find(batch);
    const touched = this.#touched[input]!;
    touched.ensureCapacity(this.#inputs[input]!.end);
    for (let row = 0; row < batch.rowCount; row++) touched.add(rows[row]!);
    this.#inputs[input]!.add(0, rows, batch);
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    if (!this.#changed) return;
    this.#changed = false;
    for (const [input, rows] of this.#inputs.entries()) settle(rows, this.#touched[input]!);
    const before = this.#shown ?? NOTHING;
    const failedBefore = this.#failure;
    this.#shown = this.#evaluate();
    this.#reportFailure(failedBefore, -1);
    this.#reportFailure(this.#failure, 1);
    this.#emitDifference(before, this.#shown, out);
  }

  #evaluate(): Content {
    this.#failure = null;
    const { functions, aggregates } = this.#environment;
    const tableFunction = (name: string): never => {
      throw new SqlError({ code: SqlState.internalError, message: `table function ${name} in a recursion`, class: 'internal' });
    };
    const run = new ReferenceRun({ functions, aggregates, evaluation: CONTEXT, tableFunction, rowsOf: () => [] });
    for (const [input, rows] of this.#inputs.entries()) run.setWorkingRows(inputId(input), presentRows(rows));
    try {
      return contentOf(run.rows(this.#spec.plan));
    } catch (error) {
      if (!(error instanceof SqlError) || error.class === 'internal') throw error;
      this.#failure = error;
      return NOTHING;
    }
  }

  #reportFailure(error: SqlError | null, weight: 1 | -1): void {
    if (error === null) return;
    this.#environment.reportRowError({ error, expression: `WITH RECURSIVE ${this.#spec.plan.name}`, row: '()', weight });
  }

  #emitDifference(before: Content, after: Content, out: Output): void {
    const rows: Row[] = [];
    const weights: number[] = [];
    const add = (row: Row, weight: number): void => {
      if (weight === 0) return;
      rows.push(row);
      weights.push(weight);
    };
    for (const [key, { row, count }] of before) if (!after.has(key)) add(row, -count);
    for (const [key, { row, count }] of after) add(row, count - (before.get(key)?.count ?? 0));
    if (rows.length === 0) return;
    const types = this.#spec.plan.fields.map((field) => field.type);
    emitInBatches(batchFromRows(types, rows, weights), this.#environment.batchRows, out);
  }
}

function settle(rows: RowCounts, touched: TouchedGroups): void {
  for (let at = 0; at < touched.count; at++) {
    if (!rows.isNegative(touched.list[at]!)) continue;
    throw new SqlError({ code: SqlState.internalError, message: 'a row of an input of a recursion has a negative count', class: 'internal' });
  }
  rows.settle(touched.list, touched.count);
  touched.clear();
}

/** All rows, each as often as it is there. Their order decides which of two equal values is seen first, so it hangs on the rows alone. */
function presentRows(counts: RowCounts): Row[] {
  const live = counts.live();
  const rows = rowsOf(new Batch(live.length, counts.columnsOf(live, live.length)));
  return rows
    .map((row, index) => ({ row, key: rowText(row), count: counts.countOf(0, live[index]!) }))
    .sort((left, right) => (left.key < right.key ? -1 : 1))
    .flatMap(({ row, count }) => Array.from({ length: count }, () => row));
}

function contentOf(rows: readonly Row[]): Content {
  const content = new Map<string, { readonly row: Row; count: number }>();
  for (const row of rows) {
    const key = rowText(row);
    const known = content.get(key);
    if (known === undefined) content.set(key, { row, count: 1 });
    else known.count++;
  }
  return content;
}

function rowText(row: Row): string {
  return JSON.stringify(row.map(datumToJson));
}

export const recursionFactory: OperatorFactory = {
  kind: recursionSpecCodec.kind,
  version: recursionSpecCodec.version,
  create: (parameters, environment) => new Recursion(recursionSpecCodec.decode(parameters), environment),
};
