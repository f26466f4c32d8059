import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { LimitPlan, SortKey } from '../../plan/logical/index.ts';
import type { Lowering, LoweringContext, PhysicalPlan } from '../../plan/physical/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';
import { topNSpecCodec } from './spec.ts';

/** ORDER BY … LIMIT. An ORDER BY without LIMIT says nothing about a relation's content and is left out. */
export const lowerTopN: Lowering = {
  operator: 'top-n',
  lower(plan, context) {
    if (plan.kind === 'sort') return context.lower(plan.input);
    if (plan.kind !== 'limit') return null;
    if (plan.withTies) throw new SqlError({ code: SqlState.featureNotSupported, message: 'a continuous query cannot contain WITH TIES yet' });
    return topN(plan, context);
  },
};

function topN(plan: LimitPlan, context: LoweringContext): PhysicalPlan {
  const sorted = plan.input.kind === 'sort' ? plan.input : null;
  const input = context.lower(sorted === null ? plan.input : sorted.input);
  const columns: CalcColumn[] = passThrough(input);
  const orderBy = (sorted?.keys ?? []).map((key) => ({ column: orderColumn(key, columns), descending: key.descending, nullsFirst: key.nullsFirst }));
  const keyed = calcNode(input, null, columns);
  const limit = count(plan.limit, 'LIMIT');
  const offset = count(plan.offset, 'OFFSET') ?? 0;
  const node: PhysicalPlan = {
    kind: 'operator',
    operator: {
      kind: topNSpecCodec.kind,
      version: topNSpecCodec.version,
      parameters: topNSpecCodec.encode({ orderBy, limit, offset }),
      label: `TopN ${limit ?? 'all'}${offset > 0 ? ` from ${offset}` : ''}${orderBy.length === 0 ? '' : ` by ${orderBy.map((key) => `${columns[key.column]!.name}${key.descending ? ' desc' : ''}`).join(', ')}`}`,
    },
    inputs: [{ plan: keyed, partitioner: { kind: keyed.distribution.kind === 'single' ? 'forward' : 'global' } }],
    parallelism: 'one',
    columns: keyed.columns,
    appendOnly: false,
    net: true,
    distribution: { kind: 'single' },
    uniqueKeys: input.uniqueKeys,
    window: keyed.window,
    latenessMicros: keyed.latenessMicros,
  };
  return calcNode(node, null, passThrough(input));
}

function orderColumn(key: SortKey, columns: CalcColumn[]): number {
  if (key.expression.kind === 'column') return key.expression.index;
  return columns.push({ name: `order${columns.length}`, expression: key.expression }) - 1;
}

/** LIMIT and OFFSET of a view are constants. */
function count(expression: Expression | null, clause: string): number | null {
  if (expression === null) return null;
  if (expression.kind === 'literal') return expression.value === null ? null : Number(expression.value);
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${clause} of a continuous query must be a constant`,
    position: expression.span?.start,
  });
}
