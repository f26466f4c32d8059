import { SqlError, SqlState } from '../../base/index.ts';
import { type Barrier, Batch, gatherColumn } from '../../batch/index.ts';
import { type Calc, compileCalc, type EvaluationContext } from '../../expr/index.ts';
import type { Operator, OperatorEnvironment, OperatorFactory, Output } from '../../spi/index.ts';
import { rowText } from '../shared/index.ts';
import { AppendedSide } from './appended-side.ts';
import { JoinSide } from './join-side.ts';
import { type Matches, repeatedPairs } from './matches.ts';
import { type HashJoinSpec, hashJoinSpecCodec } from './spec.ts';
import { matchableRows, type StoredSide } from './stored-side.ts';

const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/**
 * Inner join, bilinear in its inputs: a row that comes is joined with what the other side holds so far, whatever the order. Pairs are
 * emitted at once; they are net only over the epoch.
 */
class HashJoin implements Operator {
  readonly #spec: HashJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #sides: readonly [StoredSide, StoredSide];
  readonly #residual: Calc | null;
  readonly #appendOnly: boolean;

  constructor(spec: HashJoinSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    const [left, right] = environment.inputColumns;
    this.#appendOnly = environment.inputAppendOnly.every((appendOnly) => appendOnly);
    this.#sides = [createSide('left', 0, spec.leftKeys, environment), createSide('right', 1, spec.rightKeys, environment)];
    for (const side of this.#sides) environment.registerState(side.state);
    const joined = [...left!, ...right!];
    const { functions, interpreted } = environment;
    const projections = joined.map(({ name, type }, index) => ({ kind: 'column', index, name, type }) as const);
    this.#residual =
      spec.residual === null ? null : compileCalc({ predicate: spec.residual, projections, inputColumns: joined, functions, interpreted });
  }

  processBatch(input: number, batch: Batch, out: Output): void {
    const own = this.#sides[input]!;
    const keys = input === 0 ? this.#spec.leftKeys : this.#spec.rightKeys;
    const rows = matchableRows(batch, keys);
    if (rows.rowCount === 0) return;
    const other = this.#sides[1 - input]!;
    other.probe(rows, keys, this.#environment.batchRows, (matches) => {
      this.#emit({ rows, matches, other, input }, out);
    });
    own.apply(rows);
  }

  processBarrier(_barrier: Barrier): void {
    for (const side of this.#sides) {
      if (side.endEpoch()) continue;
      throw new SqlError({
        code: SqlState.internalError,
        message: `a row of the ${side.state.declaration.name} input of a join has a negative count`,
      });
    }
  }

  #emit(found: { readonly rows: Batch; readonly matches: Matches; readonly other: StoredSide; readonly input: number }, out: Output): void {
    // Rows that are only added carry no weights: one that is there twice comes twice.
    const { count, rows, slots, weights } = this.#appendOnly ? repeatedPairs(found.matches) : found.matches;
    const probing = found.rows.columns.map((column) => gatherColumn(column, rows, count));
    const stored = found.other.columnsOf(slots.subarray(0, count));
    const columns = found.input === 0 ? [...probing, ...stored] : [...stored, ...probing];
    const joined = new Batch(count, columns, this.#appendOnly ? null : weights.slice(0, count));
    if (this.#residual === null) {
      out.emit(joined);
      return;
    }
    const kept = this.#residual.run(joined, CONTEXT, (row, error, expression) => {
      const weight = joined.weights === null ? 1 : joined.weights[row]!;
      this.#environment.reportRowError({ error, expression, row: rowText(joined, row), weight });
    });
    if (kept !== null) out.emit(kept);
  }
}

function createSide(name: string, input: number, keys: readonly number[], environment: OperatorEnvironment): StoredSide {
  const types = environment.inputColumns[input]!.map((column) => column.type);
  return environment.inputAppendOnly[input]! ? new AppendedSide(name, { types, keys }, environment.subtaskIndex) : new JoinSide(name, types, keys);
}

export const hashJoinFactory: OperatorFactory = {
  kind: hashJoinSpecCodec.kind,
  version: hashJoinSpecCodec.version,
  create: (parameters, environment) => new HashJoin(hashJoinSpecCodec.decode(parameters), environment),
};
