import {
  type JoinPlan,
  type LogicalPlan,
  mapOuterColumnsOfExpression,
  mapPlanExpressions,
  planExpressions,
  type TableFunctionPlan,
  type ValuesPlan,
} from '../../logical/index.ts';
import { outerKey } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads, selectColumns } from './columns.ts';
import { outerValues } from './outer-values.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** Rows over outer columns: one projection of the outer values for each. */
export function unnestValues(plan: ValuesPlan, dependence: Dependence): Unnested {
  const columns = [...new Set(planExpressions(plan).flatMap(outerReads))];
  const values = outerValues(dependence, columns);
  const fields = [...plan.fields, ...values.fields];
  const carried = values.fields.map((_, index) => columnOf(values.fields, index));
  const rows = plan.rows.map((row): LogicalPlan => {
    const computed = row.map((expression) => bindOuterReads(expression, (column) => columns.indexOf(column)));
    return { kind: 'project', input: values, expressions: [...computed, ...carried], fields };
  });
  const united: LogicalPlan = rows.length === 1 ? rows[0]! : { kind: 'set-operation', operator: 'union', all: true, inputs: rows, fields };
  return tiedByValues(united, { columns, width: plan.fields.length, single: rows.length === 1, dependence });
}

/** The function over each of the outer values; such a join stays lateral, since it is what an operator does. */
export function unnestTableFunction(plan: TableFunctionPlan, dependence: Dependence): Unnested {
  const columns = [...new Set(planExpressions(plan).flatMap(outerReads))];
  const values = outerValues(dependence, columns);
  const right = movedFunction(plan, (column) => columns.indexOf(column));
  const joined: JoinPlan = {
    kind: 'join',
    left: values,
    right,
    joinType: 'cross',
    condition: null,
    lateral: true,
    fields: [...values.fields, ...plan.fields],
  };
  const own = plan.fields.map((_, index) => values.fields.length + index);
  const ordered = selectColumns(joined, [...own, ...values.fields.map((_, index) => index)]);
  return tiedByValues(ordered, { columns, width: plan.fields.length, single: false, dependence });
}

/** The function beside the outer values: they are the row right around it, and rows further out are one further. */
function movedFunction(plan: TableFunctionPlan, position: (outerColumn: number) => number): LogicalPlan {
  return mapPlanExpressions(plan, (expression) =>
    mapOuterColumnsOfExpression(expression, (column, level) => {
      const depth = column.depth - level;
      if (depth === 1) return { ...column, index: position(column.index) };
      return depth > 1 ? { ...column, depth: column.depth + 1 } : column;
    }),
  );
}

interface Tied {
  readonly columns: readonly number[];
  readonly width: number;
  readonly single: boolean;
  readonly dependence: Dependence;
}

function tiedByValues(plan: LogicalPlan, { columns, width, single, dependence }: Tied): Unnested {
  return { plan, keys: columns.map((column, index) => outerKey(column, width + index, dependence)), conditions: [], empty: null, single };
}
