import type * as ast from '../../sql/index.ts';
import type { SortKey } from '../logical/index.ts';
import { isByArrival } from './arrival-columns.ts';
import type { ExpressionScope } from './bind-state.ts';
import { notSupported } from './binder-error.ts';
import { arrivalColumn } from './resolve-column.ts';

/**
 * ksqlDB's aggregates by the order of arrival, which rows of a relation do not have by themselves: the order is the offset where the relation has a column
 * for it, or else its event time; ORDER BY inside the call says another one. Null for every other aggregate. Errors: 0A000 without any of them.
 */
export function arrivalOrder(node: ast.FunctionCall, name: string, scope: ExpressionScope): SortKey[] | null {
  if (!isByArrival(name) || node.orderBy.length > 0) return null;
  const column = arrivalColumn('rowoffset', scope) ?? arrivalColumn('rowtime', scope);
  if (column !== null) return [{ expression: column, descending: false, nullsFirst: false }];
  throw notSupported(
    `${name} is not supported here, since rows of the relation have no order of arrival`,
    node.span,
    `Order by a column: ${name}(x ORDER BY ts); WATERMARK FOR, or METADATA FROM 'offset', gives the relation an order.`,
  );
}

/** A window has an order of its own. Errors: 0A000. */
export function refuseArrivalOrderOver(node: ast.FunctionCall, name: string): void {
  if (!isByArrival(name)) return;
  const value = name === 'latest_by_offset' ? 'last_value' : 'first_value';
  throw notSupported(`${name} OVER is not supported`, node.span, `Use ${value}(x) OVER (… ORDER BY ts).`);
}
