import type { Expression } from '../../../expr/index.ts';
import { boolType, int8Type } from '../../../types/index.ts';
import type { LimitPlan, OverCall, SortKey } from '../../logical/index.ts';
import { filtered } from '../split-filter.ts';
import { bindOuter, withoutConditions } from './bind-outer.ts';
import { bindOuterReads, columnOf, outerReads, selectColumns } from './columns.ts';
import { complete } from './empty-row.ts';
import { moveTies } from './unnest-project.ts';
import { overPartitions } from './unnest-row-nodes.ts';
import type { Dependence, Unnested } from './unnested.ts';

/** The first rows of each outer row: rows are numbered within it. Null when a count is no constant. */
export function unnestLimit(plan: LimitPlan, dependence: Dependence): Unnested | null {
  const limit = constantCount(plan.limit);
  const offset = constantCount(plan.offset);
  if (limit === undefined || offset === undefined) return null;
  const sorted = plan.input.kind === 'sort' ? plan.input : null;
  const below = dependence.unnest(sorted === null ? plan.input : sorted.input);
  if (below === null) return null;
  const input = withoutConditions(complete(below, dependence), dependence);
  const keys: readonly SortKey[] = sorted?.keys ?? [];
  const { unnested, position } = bindOuter(input, [...new Set(keys.flatMap((key) => outerReads(key.expression)))], dependence);
  const orderBy = keys.map((key) => ({ ...key, expression: bindOuterReads(key.expression, position) }));
  const width = plan.fields.length;
  const numbers = plan.withTies ? ['row_number', 'rank'] : ['row_number'];
  const numbered = overPartitions(
    unnested,
    numbers.map((name) => numbering(name, orderBy)),
    { width, fields: numbers.map((name) => ({ name, type: int8Type })), dependence },
  );
  const [first, last] = [columnOf(numbered.plan.fields, width), columnOf(numbered.plan.fields, width + numbers.length - 1)];
  const conditions: Expression[] = [];
  if (offset !== null && offset > 0n) conditions.push(compare('>', first, offset));
  if (limit !== null) conditions.push(compare('<=', last, limit + (offset ?? 0n)));
  const kept = filtered(numbered.plan, conditions);
  const order = kept.fields.map((_, index) => index).filter((index) => index < width || index >= width + numbers.length);
  const ties = moveTies(numbered, dependence.outer.fields.length, (column) => order.indexOf(column));
  const single = unnested.single || (limit !== null && limit <= 1n && !plan.withTies);
  return { ...numbered, plan: selectColumns(kept, order), ...ties, single };
}

/** Undefined for what is no constant, null for no bound. */
function constantCount(expression: Expression | null): bigint | null | undefined {
  if (expression === null) return null;
  if (expression.kind !== 'literal') return undefined;
  if (expression.value === null) return null;
  const count = BigInt(expression.value as number | bigint);
  return count < 0n ? undefined : count;
}

function numbering(name: string, orderBy: readonly SortKey[]): OverCall {
  return {
    function: { kind: 'window', name },
    args: [],
    filter: null,
    partitionBy: [],
    orderBy,
    frame: { unit: 'range', start: { kind: 'unbounded-preceding', offset: null }, end: { kind: 'current-row', offset: null }, exclude: 'no-others' },
    type: int8Type,
  };
}

function compare(symbol: '>' | '<=', column: Expression, count: bigint): Expression {
  const literal: Expression = { kind: 'literal', type: int8Type, value: count };
  return { kind: 'call', signature: `int8 ${symbol} int8 -> bool`, args: [column, literal], type: boolType };
}
