import type { Expression } from '../../../expr/index.ts';
import {
  type DistinctPlan,
  type Field,
  mapOverCall,
  type OverCall,
  type OverPlan,
  planExpressions,
  type SortPlan,
  type WindowAssignPlan,
} from '../../logical/index.ts';
import { bindOuter, withoutConditions } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads, selectColumns } from './columns.ts';
import { complete } from './empty-row.ts';
import { moveTies } from './unnest-project.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** Rows are distinct among those of an outer row: the keys count too. */
export function unnestDistinct(plan: DistinctPlan, dependence: Dependence): Unnested | null {
  const below = dependence.unnest(plan.input);
  if (below === null) return null;
  const input = withoutConditions(below, dependence);
  if (plan.on === null) {
    // What stands for no row is one row. Columns appended for ties would make equal rows distinct, unless they are keys.
    const keys = input.keys.map((key) => key.column);
    const width = plan.fields.length;
    const kept = [...plan.fields.map((_, index) => index), ...new Set(keys.filter((column) => column >= width))];
    const narrow = selectColumns(input.plan, kept);
    const ties = moveTies(input, dependence.outer.fields.length, (column) => kept.indexOf(column));
    return { ...input, plan: { ...plan, input: narrow, fields: narrow.fields }, ...ties };
  }
  const { unnested, position } = bindOuter(complete(input, dependence), [...new Set(plan.on.flatMap(outerReads))], dependence);
  const keys = unnested.keys.map((key) => columnOf(unnested.plan.fields, key.column));
  const on = [...keys, ...plan.on.map((expression) => bindOuterReads(expression, position))];
  return { ...unnested, plan: { ...plan, input: unnested.plan, on, fields: unnested.plan.fields } };
}

export function unnestSort(plan: SortPlan, dependence: Dependence): Unnested | null {
  const input = dependence.unnest(plan.input);
  if (input === null) return null;
  const { unnested, position } = bindOuter(input, [...new Set(planExpressions(plan).flatMap(outerReads))], dependence);
  const keys = plan.keys.map((key) => ({ ...key, expression: bindOuterReads(key.expression, position) }));
  return { ...unnested, plan: { ...plan, input: unnested.plan, keys, fields: unnested.plan.fields } };
}

/** Each outer row has partitions of its own. */
export function unnestOver(plan: OverPlan, dependence: Dependence): Unnested | null {
  const below = dependence.unnest(plan.input);
  if (below === null) return null;
  const input = withoutConditions(complete(below, dependence), dependence);
  const { unnested, position } = bindOuter(input, [...new Set(planExpressions(plan).flatMap(outerReads))], dependence);
  const bind = (expression: Expression): Expression => bindOuterReads(expression, position);
  const calls = plan.calls.map((call) => mapOverCall(call, bind));
  return overPartitions(unnested, calls, { width: plan.input.fields.length, fields: plan.fields.slice(plan.input.fields.length), dependence });
}

interface Added {
  /** How many columns of the unnested plan are the dependent plan's own. */
  readonly width: number;
  /** Of the columns that come behind those. */
  readonly fields: readonly Field[];
  readonly dependence: Dependence;
}

/** Window calls over the unnested rows, partitioned by the keys besides. */
export function overPartitions(unnested: Unnested, calls: readonly OverCall[], added: Added): Unnested {
  const { plan } = unnested;
  const keys = unnested.keys.map((key) => columnOf(plan.fields, key.column));
  const partitioned = calls.map((call): OverCall => ({ ...call, partitionBy: [...keys, ...call.partitionBy] }));
  return withAddedColumns(unnested, { kind: 'over', input: plan, calls: partitioned, fields: [...plan.fields, ...added.fields] }, added);
}

/** A session's rows are those of one outer row. */
export function unnestWindowAssign(plan: WindowAssignPlan, dependence: Dependence): Unnested | null {
  const below = dependence.unnest(plan.input);
  if (below === null) return null;
  const input = withoutConditions(complete(below, dependence), dependence);
  const keys = input.keys.map((key) => key.column);
  const window = plan.window.kind === 'session' ? { ...plan.window, partitionBy: [...new Set([...keys, ...plan.window.partitionBy])] } : plan.window;
  const width = plan.input.fields.length;
  const fields = plan.fields.slice(width);
  const assigned: WindowAssignPlan = { ...plan, input: input.plan, window, fields: [...input.plan.fields, ...fields] };
  return withAddedColumns(input, assigned, { width, fields, dependence });
}

/** A plan that adds columns behind those of its unnested input: they come right behind the dependent plan's own. */
function withAddedColumns(unnested: Unnested, plan: OverPlan | WindowAssignPlan, { width, fields, dependence }: Added): Unnested {
  const { length: wide } = unnested.plan.fields;
  const all = Array.from({ length: wide + fields.length }, (_, index) => index);
  const order = [...all.slice(0, width), ...all.slice(wide), ...all.slice(width, wide)];
  return { ...unnested, plan: selectColumns(plan, order), ...moveTies(unnested, dependence.outer.fields.length, (column) => order.indexOf(column)) };
}
