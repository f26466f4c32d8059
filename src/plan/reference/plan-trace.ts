import type { LogicalPlan } from '../logical/index.ts';
import type { Pieces } from './pieces.ts';
import type { Row } from './row.ts';

/** Watches the rows a plan's nodes make while it runs, for EXPLAIN ANALYZE. Every node passes here once for each time it runs. */
export interface PlanTrace {
  pieces(plan: LogicalPlan, made: Pieces): Pieces;
  stream(plan: LogicalPlan, made: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]>;
}
