import type { LogicalPlan } from '../../logical/index.ts';
import { shiftOuterColumns } from '../../logical/index.ts';
import { selectColumns } from './columns.ts';
import type { Dependence } from './unnested.ts';

/**
 * The distinct values of some columns of the outer rows, to be joined in below: no row around the dependent plan is more than one of them. Columns of
 * rows further out are written as seen from inside.
 */
export function outerValues({ outer }: Dependence, columns: readonly number[]): LogicalPlan {
  const selected = shiftOuterColumns(selectColumns(outer, columns), 1);
  if (holdsKey(outer, columns)) return selected;
  return { kind: 'distinct', input: selected, on: null, fields: selected.fields };
}

/** True when no two rows of the plan can agree in the columns. */
function holdsKey(plan: LogicalPlan, columns: readonly number[]): boolean {
  switch (plan.kind) {
    case 'scan': {
      const { primaryKey } = plan.relation;
      const read = new Set(columns.map((column) => plan.paths[column]!).flatMap((path) => (path.length === 1 ? [path[0]!] : [])));
      return plan.variant === 'rows' && primaryKey !== null && primaryKey.length > 0 && primaryKey.every((column) => read.has(column));
    }
    case 'filter':
    case 'sort':
    case 'limit':
      return holdsKey(plan.input, columns);
    case 'project':
      return holdsKey(
        plan.input,
        columns.flatMap((column) => {
          const expression = plan.expressions[column]!;
          return expression.kind === 'column' ? [expression.index] : [];
        }),
      );
    case 'aggregate':
      return plan.groupingSets.length === 1 && plan.groupingSets[0]!.every((position) => columns.includes(position));
    default:
      return false;
  }
}
