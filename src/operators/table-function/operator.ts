import { assert, SqlError, SqlState } from '../../base/index.ts';
import { Batch, ColumnBuilder, gatherColumn, readDatum } from '../../batch/index.ts';
import type { EvaluationContext } from '../../expr/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output, TableFunctionDefinition } from '../../spi/index.ts';
import { type Datum, int8Type } from '../../types/index.ts';
import { rowText } from '../shared/index.ts';
import { type TableFunctionSpec, tableFunctionSpecCodec } from './spec.ts';

/** Rows one input row may become: a series without end is an error of its row, not of the memory. */
const ROWS_PER_ROW_MAX = 1_000_000;

/** Functions of a view see no session and no time. */
const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

type FunctionRow = readonly (Datum | null)[];

/** Evaluates the function row by row; what it gives is collected in columns and emitted in batches of the size batches aim at. */
class TableFunctionOperator implements Operator {
  readonly #spec: TableFunctionSpec;
  readonly #environment: OperatorEnvironment;
  readonly #definition: TableFunctionDefinition;
  readonly #unmatched: readonly FunctionRow[];

  constructor(spec: TableFunctionSpec, environment: OperatorEnvironment) {
    const definition = environment.tableFunctions.get(spec.signature);
    assert(definition !== undefined, `no table function ${spec.signature}`);
    this.#spec = spec;
    this.#environment = environment;
    this.#definition = definition;
    this.#unmatched = spec.keepsUnmatched ? [spec.columns.map(() => null)] : [];
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    let pending = new PendingRows(batch, this.#spec, this.#environment.batchRows);
    for (let row = 0; row < batch.rowCount; row++) {
      const found = this.#rowsFor(batch, row);
      if (found === null) continue;
      const rows = found.length === 0 ? this.#unmatched : found;
      for (const [index, values] of rows.entries()) {
        pending.add(row, values, found.length === 0 ? null : BigInt(index + 1));
        if (!pending.full) continue;
        out.emit(pending.take());
        pending = new PendingRows(batch, this.#spec, this.#environment.batchRows);
      }
    }
    if (pending.count > 0) out.emit(pending.take());
  }

  /** Null: the row has failed, which is reported. */
  #rowsFor(batch: Batch, row: number): readonly FunctionRow[] | null {
    const args = this.#spec.arguments.map((column) => readDatum(batch.columns[column]!, row));
    if (this.#definition.nullBehaviour !== 'called' && args.includes(null)) return [];
    const found: FunctionRow[] = [];
    try {
      for (const values of this.#definition.evaluate(args, CONTEXT)) {
        if (found.length === ROWS_PER_ROW_MAX) throw tooManyRows(this.#definition.name);
        found.push(values);
      }
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      const weight = batch.weights === null ? 1 : batch.weights[row]!;
      this.#environment.reportRowError({ error, expression: this.#definition.name, row: rowText(batch, row), weight });
      return null;
    }
    return found;
  }
}

/** Output rows of one input batch that have not left yet. */
class PendingRows {
  readonly #batch: Batch;
  readonly #spec: TableFunctionSpec;
  readonly #selection: Int32Array;
  readonly #builders: readonly ColumnBuilder[];
  readonly #ordinals: ColumnBuilder | null;
  count = 0;

  constructor(batch: Batch, spec: TableFunctionSpec, capacity: number) {
    this.#batch = batch;
    this.#spec = spec;
    this.#selection = new Int32Array(capacity);
    this.#builders = spec.columns.map((type) => new ColumnBuilder(type, capacity));
    this.#ordinals = spec.ordinality ? new ColumnBuilder(int8Type, capacity) : null;
  }

  get full(): boolean {
    return this.count === this.#selection.length;
  }

  add(row: number, values: FunctionRow, ordinal: bigint | null): void {
    this.#selection[this.count++] = row;
    for (const [index, builder] of this.#builders.entries()) builder.append(values[index] ?? null);
    this.#ordinals?.append(ordinal);
  }

  take(): Batch {
    const { weights } = this.#batch;
    const kept = this.#batch.columns.slice(0, this.#spec.kept).map((column) => gatherColumn(column, this.#selection, this.count));
    const made = [...this.#builders, ...(this.#ordinals === null ? [] : [this.#ordinals])].map((builder) => builder.finish());
    const repeated = weights === null ? null : Int32Array.from(this.#selection.subarray(0, this.count), (row) => weights[row]!);
    return new Batch(this.count, [...kept, ...made], repeated);
  }
}

function tooManyRows(name: string): SqlError {
  return new SqlError({
    code: SqlState.programLimitExceeded,
    message: `function ${name} returned more than ${ROWS_PER_ROW_MAX} rows for one row`,
  });
}

export const tableFunctionFactory: OperatorFactory = {
  kind: tableFunctionSpecCodec.kind,
  version: tableFunctionSpecCodec.version,
  create: (parameters, environment) => new TableFunctionOperator(tableFunctionSpecCodec.decode(parameters), environment),
};
