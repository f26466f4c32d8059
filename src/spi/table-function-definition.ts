import type { EvaluationContext, FunctionExample } from '../expr/index.ts';
import type { Datum, RowField, SqlType } from '../types/index.ts';

/**
 * A set-returning function in FROM: `generate_series(int4, int4) -> setof int4`. A NULL argument gives no rows unless
 * `nullBehaviour` is `called`.
 */
export interface TableFunctionDefinition {
  readonly name: string;
  readonly signature: string;
  readonly argumentTypes: readonly SqlType[];
  /** The last argument type repeats. */
  readonly variadic?: boolean;
  readonly nullBehaviour?: 'strict' | 'called';
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly description: string;
  readonly examples: readonly FunctionExample[];
  /** Columns of the result. A function of one column names it like itself, so that an alias of the table renames it. */
  columns(args: readonly SqlType[]): readonly RowField[];
  evaluate(args: readonly (Datum | null)[], context: EvaluationContext): Iterable<readonly (Datum | null)[]>;
}
