import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import { datumToJson, type EvaluationContext } from '../../expr/index.ts';
import { ReferenceRun, type Row } from '../../plan/reference/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { emitInBatches, RowCounts, TouchedGroups } from '../shared/index.ts';
import { inputOf, monotoneStep, type StepNode } from './monotone-step.ts';
import { inputId, type RecursionSpec, recursionSpecCodec } from './spec.ts';
import { StepFlow } from './step-flow.ts';

const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/** A recursion that has not ended by then is left to the reference executor, which says so. */
const ROUNDS_MAX = 100_000;
const NEW_ROWS_MAX = 1_000_000;

/** Rows by their text, with their multiplicity. */
type Content = Map<string, { readonly row: Row; count: number }>;

/**
 * At each barrier that follows a change: where rows have only come and the step is monotone, they run through it until nothing new comes out; otherwise the
 * recursion is evaluated from nothing, and what differs from the rows shown before goes out.
 */
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
  /** Rows of each input that have come in this epoch; null once one has gone, and where the step is not monotone. */
  #added: Row[][] | null;
  /** Null for a step that is not monotone. */
  readonly #step: readonly StepNode[] | null;
  readonly #run: ReferenceRun;
  /** The step as of the rows shown; null when it has to be made again. */
  #flow: StepFlow | null = null;

  constructor(spec: RecursionSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#inputs = environment.inputColumns.map((columns, input) => {
      const types = columns.map((column) => column.type);
      return new RowCounts({ name: `input${input}`, types, sides: 1, exact: true, partitionKeyCount: 0 });
    });
    this.#touched = this.#inputs.map(() => new TouchedGroups());
    for (const input of this.#inputs) environment.registerState(input.state);
    this.#step = monotoneStep(spec.plan);
    this.#added = this.#noneAdded();
    this.#run = this.#newRun();
  }

  #noneAdded(): Row[][] | null {
    return this.#step === null ? null : this.#inputs.map(() => []);
  }

  processBatch(input: number, batch: Batch): void {
    this.#shown ??= this.#evaluate();
    this.#changed = true;
    if (takesAway(batch)) this.#added = null;
    else if (this.#added !== null) this.#flow ??= this.#loadedFlow();
    if (this.#flow === null) this.#added = null;
    if (this.#added !== null) for (const row of repeated(batch)) this.#added[input]!.push(row);
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
    const added = this.#added;
    this.#added = this.#noneAdded();
    const found = added === null || this.#failure !== null ? null : this.#advance(added);
    if (found !== null) {
      this.#emit(
        found,
        found.map(() => 1),
        out,
      );
      return;
    }
    this.#flow = null;
    const before: Content = this.#shown ?? new Map();
    const failedBefore = this.#failure;
    this.#shown = this.#evaluate();
    this.#reportFailure(failedBefore, -1);
    this.#reportFailure(this.#failure, 1);
    this.#emitDifference(before, this.#shown, out);
  }

  /** The step over the rows there are now, before those of an epoch come. */
  #loadedFlow(): StepFlow | null {
    if (this.#failure !== null) return null;
    const flow = new StepFlow(this.#step!, this.#run);
    try {
      flow.load(
        [...this.#shown!.values()].flatMap(({ row, count }) => Array.from({ length: count }, () => row)),
        this.#inputs.map(presentRows),
      );
      return flow;
    } catch (error) {
      return giveUp(error);
    }
  }

  /** Lets the rows that have come run through the step, round by round. Returns what is new; null when it has to be evaluated as a whole. */
  #advance(added: readonly (readonly Row[])[]): readonly Row[] | null {
    const flow = this.#flow;
    const { plan } = this.#spec;
    if (flow === null || plan.kind !== 'recursion') return null;
    const found: Row[] = [];
    let next: Row[] = [];
    const take = (row: Row): void => {
      const key = rowText(row);
      const known = this.#shown!.get(key);
      if (known !== undefined && !plan.all) return;
      if (known === undefined) this.#shown!.set(key, { row, count: 1 });
      else known.count++;
      found.push(row);
      next.push(row);
    };
    try {
      flow.addInputs(added, take);
      for (const row of added[inputOf(plan.base)!]!) take(row);
      for (let round = 0; next.length > 0; round++) {
        if (round > ROUNDS_MAX || found.length > NEW_ROWS_MAX) return this.#withdraw(found);
        const rows = next;
        next = [];
        for (const row of rows) flow.addOwn(row, take);
      }
      return found;
    } catch (error) {
      giveUp(error);
      return this.#withdraw(found);
    }
  }

  /** What is shown is what it was. */
  #withdraw(found: readonly Row[]): null {
    for (const row of found) {
      const key = rowText(row);
      const known = this.#shown!.get(key)!;
      if (--known.count === 0) this.#shown!.delete(key);
    }
    return null;
  }

  #newRun(): ReferenceRun {
    const { functions, aggregates } = this.#environment;
    const tableFunction = (name: string): never => {
      throw new SqlError({ code: SqlState.internalError, message: `table function ${name} in a recursion`, class: 'internal' });
    };
    return new ReferenceRun({ functions, aggregates, evaluation: CONTEXT, tableFunction, rowsOf: () => [] });
  }

  #evaluate(): Content {
    this.#failure = null;
    const run = this.#newRun();
    for (const [input, rows] of this.#inputs.entries()) run.setWorkingRows(inputId(input), presentRows(rows));
    try {
      return contentOf(run.rows(this.#spec.plan));
    } catch (error) {
      if (!(error instanceof SqlError) || error.class === 'internal') throw error;
      this.#failure = error;
      return new Map();
    }
  }

  #reportFailure(error: SqlError | null, weight: 1 | -1): void {
    if (error === null) return;
    this.#environment.reportRowError({ error, expression: clauseOf(this.#spec.plan), row: '()', weight });
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
    this.#emit(rows, weights, out);
  }

  #emit(rows: readonly Row[], weights: readonly number[], out: Output): void {
    if (rows.length === 0) return;
    const types = this.#spec.plan.fields.map((field) => field.type);
    emitInBatches(batchFromRows(types, rows, weights), this.#environment.batchRows, out);
  }
}

/** The clause an error is of. */
function clauseOf(plan: RecursionSpec['plan']): string {
  return plan.kind === 'recursion' ? `WITH RECURSIVE ${plan.name}` : `WITH MUTUALLY RECURSIVE ${plan.bindings.map(({ name }) => name).join(', ')}`;
}

/** An error of a row is found again, and reported, when the recursion is evaluated as a whole. */
function giveUp(error: unknown): null {
  if (error instanceof SqlError && error.class !== 'internal') return null;
  throw error;
}

function takesAway({ weights, rowCount }: Batch): boolean {
  return weights?.subarray(0, rowCount).some((weight) => weight < 0) ?? false;
}

/** The rows of a batch, each as often as its weight says. */
function repeated(batch: Batch): Row[] {
  const { weights } = batch;
  const rows = rowsOf(batch);
  return weights === null ? rows : rows.flatMap((row, at) => Array.from({ length: weights[at]! }, () => row));
}

function settle(rows: RowCounts, touched: TouchedGroups): void {
  for (let at = 0; at < touched.count; at++) {
    if (!rows.isNegative(touched.list[at]!)) continue;
    throw new SqlError({ code: SqlState.internalError, message: 'a row of an input of a recursion has a negative count', class: 'internal' });
  }
  rows.settle(touched.list, touched.count);
  touched.clear();
}

/** All rows, each as often as it is there. Their order decides which of two equal values is seen first, so it depends on the rows alone. */
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
