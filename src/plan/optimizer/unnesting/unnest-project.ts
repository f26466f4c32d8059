import { type Expression, mapExpression } from '../../../expr/index.ts';
import { type ProjectPlan, rowColumns } from '../../logical/index.ts';
import { bindOuter } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads } from './columns.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** Computes the columns over the unnested input; what ties it to the outer row goes along. */
export function unnestProject(plan: ProjectPlan, dependence: Dependence): Unnested | null {
  const input = dependence.unnest(plan.input);
  if (input === null) return null;
  const reads = [...new Set(plan.expressions.flatMap(outerReads))];
  const { unnested, position } = bindOuter(input, reads, dependence);
  const expressions = plan.expressions.map((expression) => bindOuterReads(expression, position));
  const { empty } = unnested;
  return carryTies({ ...unnested, empty: empty && plan.expressions.map((expression) => overEmptyRow(expression, empty)) }, expressions, {
    fields: plan.fields,
    dependence,
  });
}

/** The expression over the row that stands for none. */
function overEmptyRow(expression: Expression, empty: readonly Expression[]): Expression {
  return mapExpression(expression, (node) => {
    if (node.kind === 'column') return empty[node.index]!;
    if (node.kind !== 'outer-column' || node.depth !== 1) return node;
    return { kind: 'column', index: node.index, name: node.name, type: node.type, span: node.span };
  });
}

/** A projection of the unnested plan to these expressions, with the columns that keys and conditions read behind them. */
function carryTies(
  unnested: Unnested,
  expressions: readonly Expression[],
  shape: { readonly fields: ProjectPlan['fields']; readonly dependence: Dependence },
): Unnested {
  const { plan } = unnested;
  const outerWidth = shape.dependence.outer.fields.length;
  const ofConditions = unnested.conditions.flatMap(rowColumns).flatMap((column) => (column < outerWidth ? [] : [column - outerWidth]));
  const carried = [...new Set([...unnested.keys.map((key) => key.column), ...ofConditions])];
  const position = (column: number): number => expressions.length + carried.indexOf(column);
  return {
    ...unnested,
    plan: {
      kind: 'project',
      input: plan,
      expressions: [...expressions, ...carried.map((column) => columnOf(plan.fields, column))],
      fields: [...shape.fields, ...carried.map((column) => plan.fields[column]!)],
    },
    ...moveTies(unnested, outerWidth, position),
  };
}

/** Keys and conditions after the plan's columns have moved. */
export function moveTies(unnested: Unnested, outerWidth: number, position: (column: number) => number): Pick<Unnested, 'keys' | 'conditions'> {
  return {
    keys: unnested.keys.map((key) => ({ ...key, column: position(key.column) })),
    conditions: unnested.conditions.map((condition) =>
      mapExpression(condition, (node) =>
        node.kind === 'column' && node.index >= outerWidth ? { ...node, index: outerWidth + position(node.index - outerWidth) } : node,
      ),
    ),
  };
}
