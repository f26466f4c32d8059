import { freeOuterColumns, type LogicalPlan, type SetOperationPlan } from '../../logical/index.ts';
import { joinOuterValues, outerKey } from './bind-outer.ts';
import { selectColumns } from './columns.ts';
import { complete } from './empty-row.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** Every input gets the same further columns: the outer values any of them reads. */
export function unnestSetOperation(plan: SetOperationPlan, dependence: Dependence): Unnested | null {
  const reads = freeOuterColumns(plan).flatMap((column) => (column.depth === 1 ? [column.index] : []));
  const columns = [...new Set(reads)].sort((left, right) => left - right);
  const width = plan.fields.length;
  const inputs: LogicalPlan[] = [];
  for (const input of plan.inputs) {
    const below = dependence.unnest(input);
    if (below === null) return null;
    const { unnested, position } = joinOuterValues(complete(below, dependence), columns, dependence);
    inputs.push(selectColumns(unnested.plan, [...plan.fields.map((_, index) => index), ...columns.map(position)]));
  }
  const fields = [...plan.fields, ...inputs[0]!.fields.slice(width)];
  return {
    plan: { ...plan, inputs, fields },
    keys: columns.map((column, index) => outerKey(column, width + index, dependence)),
    conditions: [],
    empty: null,
    single: false,
  };
}
