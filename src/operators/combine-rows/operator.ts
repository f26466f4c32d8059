import { SqlError, SqlState } from '../../base/index.ts';
import { Batch, type Column, gatherColumn } from '../../batch/index.ts';
import type { Accumulator, Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { EqualRowFinder } from '../shared/index.ts';
import { type CombineRowsSpec, combineRowsSpecCodec } from './spec.ts';

/** Makes equal rows of a batch one, with their number as weight and the extreme of the columns that may differ. */
class CombineRows implements Operator {
  readonly #equal: readonly number[];
  /** By column; undefined where rows have to be equal. */
  readonly #extremes: readonly (Accumulator | undefined)[];
  readonly #finder = new EqualRowFinder();

  constructor(spec: CombineRowsSpec, environment: OperatorEnvironment) {
    const columns = environment.inputColumns[0]!;
    this.#extremes = columns.map(({ type }, column) => {
      const extreme = spec.extremes.find((entry) => entry.column === column);
      if (extreme === undefined) return undefined;
      const definition = environment.aggregates.get(extreme.signature);
      if (definition === undefined) {
        throw new SqlError({ code: SqlState.undefinedFunction, message: `aggregate ${extreme.signature} does not exist` });
      }
      return definition.createAccumulator({ argumentTypes: [type], resultType: type, appendOnly: true });
    });
    this.#equal = columns.flatMap((_, column) => (this.#extremes[column] === undefined ? [column] : []));
  }

  processBatch(_input: number, batch: Batch, out: Output): void {
    out.emit(this.#combined(batch));
  }

  #combined(batch: Batch): Batch {
    const found = this.#finder.find(batch, () => this.#equal.map((column) => batch.columns[column]!));
    if (found === null) return batch;
    const columns = batch.columns.map((column, index) => {
      const extreme = this.#extremes[index];
      return extreme === undefined
        ? gatherColumn(column, found.first, found.count)
        : extremesOf(extreme, column, { ...found, rowCount: batch.rowCount });
    });
    return new Batch(found.count, columns, found.weights);
  }
}

/** The extreme of each group's rows. */
function extremesOf(
  accumulator: Accumulator,
  column: Column,
  rows: { readonly rowCount: number; readonly groups: Int32Array; readonly count: number },
): Column {
  const { rowCount, groups, count } = rows;
  accumulator.ensureCapacity(count);
  for (let group = 0; group < count; group++) accumulator.reset(group);
  accumulator.update({ rowCount, groups, args: [column], weights: null });
  const all = new Int32Array(count);
  for (let group = 0; group < count; group++) all[group] = group;
  return accumulator.result(all, count, (_position, error) => {
    throw error;
  });
}

export const combineRowsFactory: OperatorFactory = {
  kind: combineRowsSpecCodec.kind,
  version: combineRowsSpecCodec.version,
  create: (parameters, environment) => new CombineRows(combineRowsSpecCodec.decode(parameters), environment),
};
