import { ascendingRows, Batch, type Column, copyBytesColumn, gatherColumn } from '../../batch/index.ts';
import { type Calc, compileCalc, type EvaluationContext, isFallible } from '../../expr/index.ts';
import type { DecodeField, Decoder, OperatorEnvironment, SourceChunk } from '../../spi/index.ts';
import { FieldSlots, type Slot } from './field-slots.ts';
import { metadataColumn } from './metadata-column.ts';
import type { SourceSpec } from './spec.ts';

interface DecodedRows {
  /** Columns of the wanted fields, in order. */
  readonly batch: Batch;
  /** Row of the chunk each row comes from, ascending. */
  readonly chunkRows: Int32Array;
  readonly failures: readonly { readonly chunkRow: number; readonly reason: string }[];
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
  readonly #decoder: Decoder | null;
  /** Position among the decoded columns, or -1, for each slot. */
  readonly #decodedIndex: readonly number[];
  /** Null where every field is a slot. */
  readonly #calc: Calc | null;
  readonly #fieldSlots: readonly number[];
  readonly #fieldCount: number;

  constructor(spec: SourceSpec, fields: readonly (readonly number[])[], environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#fieldCount = fields.length;
    const slots = new FieldSlots(spec);
    const expressions = fields.map((path) => slots.pathExpression(path));
    const checks = spec.columns.flatMap((column) =>
      column.origin.kind === 'computed' && isFallible(column.origin.expression, environment.functions)
        ? [slots.rewrite(column.origin.expression)]
        : [],
    );
    this.#slots = slots.slots;
    const decoded = this.#slots.filter((slot) => spec.columns[slot.column]!.origin.kind === 'physical');
    this.#decodedIndex = this.#slots.map((slot) => decoded.indexOf(slot));
    this.#decoder = spec.format === null ? null : createDecoder(spec, decoded, environment);
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
    const failures: { chunkRow: number; reason: string }[] = [];
    const { rowCount, chunkRows, columns } = this.#slotColumns(chunk, failures);
    if (this.#calc === null) {
      const batch = new Batch(
        rowCount,
        this.#fieldSlots.map((slot) => columns[slot]!),
      );
      return { batch, chunkRows, failures };
    }
    const result = this.#calc.run(new Batch(rowCount, columns), CONTEXT, (row, error) =>
      failures.push({ chunkRow: chunkRows[row]!, reason: error.message }),
    );
    if (result === null) return { batch: new Batch(0, []), chunkRows: new Int32Array(0), failures };
    const batch = new Batch(result.rowCount, result.columns.slice(0, this.#fieldCount));
    return { batch, chunkRows: result.rowCount === rowCount ? chunkRows : this.#calc.selection().map((row) => chunkRows[row]!), failures };
  }

  #slotColumns(
    chunk: SourceChunk,
    failures: { chunkRow: number; reason: string }[],
  ): { readonly rowCount: number; readonly chunkRows: Int32Array; readonly columns: Column[] } {
    const decoded = this.#decoder === null || chunk.messages === null ? null : this.#decoder.decode(chunk.messages);
    for (const failure of decoded?.failures ?? []) failures.push({ chunkRow: failure.message, reason: failure.reason });
    const rowCount = decoded?.rowCount ?? chunk.rowCount;
    const chunkRows = decoded?.messageOf ?? ascendingRows(rowCount);
    const whole = rowCount === chunk.rowCount;
    const columns = this.#slots.map((slot, index) => {
      const origin = this.#spec.columns[slot.column]!.origin;
      if (origin.kind === 'metadata') {
        const column = metadataColumn(chunk, origin.key, slot.type);
        return ownColumn(whole ? column : gatherColumn(column, chunkRows, rowCount), rowCount, chunk);
      }
      if (decoded === null) return chunk.columns![this.#physicalIndex(slot.column)]!;
      return ownColumn(decoded.columns[this.#decodedIndex[index]!]!, rowCount, chunk);
    });
    return { rowCount, chunkRows, columns };
  }

  /** Chunks that come as columns have the physical ones only. */
  #physicalIndex(column: number): number {
    let index = 0;
    for (let earlier = 0; earlier < column; earlier++) {
      if (this.#spec.columns[earlier]!.origin.kind === 'physical') index++;
    }
    return index;
  }
}

/** Batches are immutable once emitted, so none may refer to messages that are written over. */
function ownColumn(column: Column, rowCount: number, { messages }: SourceChunk): Column {
  if (messages?.reused !== true || column.storage !== 'bytes' || column.data.buffer !== messages.data.buffer) return column;
  return copyBytesColumn(column, rowCount);
}

/** One field for each slot in the slots' order, and one that only validates for each physical column that is not read as a whole. */
function createDecoder(spec: SourceSpec, slots: readonly Slot[], environment: OperatorEnvironment): Decoder {
  const format = environment.formats.get(spec.format!);
  if (format === undefined) throw new Error(`assertion failed: format "${spec.format}" is not registered`);
  const wanted = slots.map((slot): DecodeField => {
    const column = spec.columns[slot.column]!;
    const path = [column.externalName];
    let type = column.type;
    for (const index of slot.path) {
      if (type.kind !== 'row') throw new Error('assertion failed: a path leads through row values');
      path.push(type.fields[index]!.name);
      type = type.fields[index]!.type;
    }
    return { path, type, nullable: slot.path.length > 0 || column.nullable, wanted: true };
  });
  const unread = spec.columns.filter(
    (column, index) => column.origin.kind === 'physical' && !slots.some((slot) => slot.column === index && slot.path.length === 0),
  );
  const checked = unread.map((column): DecodeField => ({ path: [column.externalName], type: column.type, nullable: column.nullable, wanted: false }));
  return format.createDecoder([...wanted, ...checked], spec.options);
}
