import { Batch, type Column, gatherColumn } from '../../batch/index.ts';
import { type Calc, compileCalc, type EvaluationContext, type Expression } from '../../expr/index.ts';
import type { OperatorEnvironment } from '../../spi/index.ts';
import { rowText } from '../shared/index.ts';
import type { Matches } from './matches.ts';
import type { StoredSide } from './stored-side.ts';

const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/** Pairs with equal keys, of rows that probe and rows of the other side. */
export interface Candidates {
  readonly rows: Batch;
  readonly matches: Matches;
  readonly other: StoredSide;
  /** The input that probes. */
  readonly input: number;
}

/** Joined rows that meet the whole condition. */
export interface JoinedPairs {
  readonly joined: Batch;
  /** The pair each of them is, by its number among the candidates; null: all of them, in their order. */
  readonly selection: Int32Array | null;
}

/** Makes joined rows and tests the residual on them. */
export class PairMaker {
  readonly #environment: OperatorEnvironment;
  readonly #residual: Calc | null;

  constructor(residual: Expression | null, environment: OperatorEnvironment) {
    this.#environment = environment;
    const joined = environment.inputColumns.flat();
    const { functions, interpreted } = environment;
    const projections = joined.map(({ name, type }, index) => ({ kind: 'column', index, name, type }) as const);
    this.#residual = residual === null ? null : compileCalc({ predicate: residual, projections, inputColumns: joined, functions, interpreted });
  }

  /** Weighted rows; without weights each pair counts once. Pairs that cannot be tested are left out, and reported unless `silent`. */
  make({ rows, matches, other, input }: Candidates, options: { readonly weighted: boolean; readonly silent?: boolean }): JoinedPairs | null {
    const { count } = matches;
    const probing = rows.columns.map((column) => gatherColumn(column, matches.rows, count));
    const stored = other.columnsOf(matches.slots.subarray(0, count));
    const columns: Column[] = input === 0 ? [...probing, ...stored] : [...stored, ...probing];
    const joined = new Batch(count, columns, options.weighted ? matches.weights.slice(0, count) : null);
    if (this.#residual === null) return { joined, selection: null };
    const kept = this.#residual.run(joined, CONTEXT, (row, error, expression) => {
      if (options.silent === true) return;
      const weight = joined.weights === null ? 1 : joined.weights[row]!;
      this.#environment.reportRowError({ error, expression, row: rowText(joined, row), weight });
    });
    if (kept === null) return null;
    return { joined: kept, selection: kept.rowCount === count ? null : this.#residual.selection() };
  }
}
