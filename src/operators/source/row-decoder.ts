import { Batch, concatBatches, gatherBatch } from '../../batch/index.ts';
import { type Calc, compileCalc, type EvaluationContext, type Expression, isFallible } from '../../expr/index.ts';
import type { OperatorEnvironment, SourceChunk } from '../../spi/index.ts';
import { type ChunkFailure, ChunkSlotReader, nulls, type SlotRows } from './chunk-slots.ts';
import { FieldSlots, type Slot } from './field-slots.ts';
import type { SourceSpec } from './spec.ts';

interface DecodedRows {
  /** Columns of the wanted fields, in order. A row that has gone has weight -1, and values in the columns of the primary key only. */
  readonly batch: Batch;
  /** Row of the chunk each row comes from, ascending. */
  readonly chunkRows: Int32Array;
  readonly failures: readonly ChunkFailure[];
}

/** Computed columns may not depend on the time of evaluation; the binder has seen to it. */
const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/**
 * Turns chunks into columns of some fields of the relation: decodes, adds metadata, computes. Which rows are bad does not depend on the
 * fields: columns nobody wants are validated all the same, and a computed column that can fail is computed.
 */
export class RowDecoder {
  readonly #spec: SourceSpec;
  readonly #slots: readonly Slot[];
  readonly #reader: ChunkSlotReader;
  /** Over the slots. */
  readonly #expressions: readonly Expression[];
  /** Null where every field is a slot. */
  readonly #calc: Calc | null;
  readonly #fieldSlots: readonly number[];

  constructor(spec: SourceSpec, fields: readonly (readonly number[])[], environment: OperatorEnvironment) {
    this.#spec = spec;
    const slots = new FieldSlots(spec);
    const expressions = fields.map((path) => slots.pathExpression(path));
    const checks = spec.columns.flatMap((column) =>
      column.origin.kind === 'computed' && isFallible(column.origin.expression, environment.functions)
        ? [slots.rewrite(column.origin.expression)]
        : [],
    );
    this.#slots = slots.slots;
    this.#expressions = expressions;
    this.#reader = new ChunkSlotReader(spec, this.#slots, environment);
    const direct = checks.length === 0 && expressions.every((expression) => expression.kind === 'column');
    this.#fieldSlots = direct ? expressions.map((expression) => (expression.kind === 'column' ? expression.index : -1)) : [];
    this.#calc = direct
      ? null
      : compileCalc({
          predicate: null,
          projections: [...expressions, ...checks],
          inputColumns: this.#slots,
          functions: environment.functions,
          interpreted: environment.interpreted,
        });
  }

  decode(chunk: SourceChunk): DecodedRows {
    const failures: ChunkFailure[] = [];
    const { rows, taken } = this.#reader.read(chunk, failures);
    const kept = this.#compute(rows, failures);
    if (taken === null || taken.rowCount === 0) return { ...kept, failures };
    return { ...takenFirst(this.#takenFields(taken), kept), failures };
  }

  #compute(rows: SlotRows, failures: ChunkFailure[]): { readonly batch: Batch; readonly chunkRows: Int32Array } {
    const { rowCount, chunkRows, columns } = rows;
    if (this.#calc === null) {
      const batch = new Batch(
        rowCount,
        this.#fieldSlots.map((slot) => columns[slot]!),
      );
      return { batch, chunkRows };
    }
    const result = this.#calc.run(new Batch(rowCount, columns), CONTEXT, (row, error) =>
      failures.push({ chunkRow: chunkRows[row]!, reason: error.message }),
    );
    if (result === null) return { batch: new Batch(0, this.#noColumns()), chunkRows: new Int32Array(0) };
    const batch = new Batch(result.rowCount, result.columns.slice(0, this.#expressions.length));
    return { batch, chunkRows: result.rowCount === rowCount ? chunkRows : this.#calc.selection().map((row) => chunkRows[row]!) };
  }

  #noColumns(): Batch['columns'] {
    return this.#expressions.map((expression) => nulls(expression.type, 0));
  }

  #takenFields({ rowCount, chunkRows, columns }: SlotRows): { readonly batch: Batch; readonly chunkRows: Int32Array } {
    const fields = this.#expressions.map((expression) =>
      expression.kind === 'column' && this.#isKey(expression.index) ? columns[expression.index]! : nulls(expression.type, rowCount),
    );
    return { batch: new Batch(rowCount, fields), chunkRows };
  }

  #isKey(slot: number): boolean {
    const { column, path } = this.#slots[slot]!;
    return path.length === 0 && (this.#spec.changesOf?.includes(column) ?? false);
  }
}

/** Both kinds of rows by their order in the chunk; of one message the rows that have gone come first. */
function takenFirst(
  taken: { readonly batch: Batch; readonly chunkRows: Int32Array },
  put: { readonly batch: Batch; readonly chunkRows: Int32Array },
): { readonly batch: Batch; readonly chunkRows: Int32Array } {
  const rowCount = taken.batch.rowCount + put.batch.rowCount;
  const order = new Int32Array(rowCount);
  const chunkRows = new Int32Array(rowCount);
  const weights = new Int32Array(rowCount);
  for (let at = 0, left = 0, right = 0; at < rowCount; at++) {
    const isTaken = right >= put.batch.rowCount || (left < taken.batch.rowCount && taken.chunkRows[left]! <= put.chunkRows[right]!);
    chunkRows[at] = isTaken ? taken.chunkRows[left]! : put.chunkRows[right]!;
    order[at] = isTaken ? left++ : taken.batch.rowCount + right++;
    weights[at] = isTaken ? -1 : 1;
  }
  const all = gatherBatch(concatBatches([taken.batch, put.batch]), order, rowCount);
  return { batch: new Batch(rowCount, all.columns, weights), chunkRows };
}
