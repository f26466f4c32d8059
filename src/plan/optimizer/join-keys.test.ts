import { describe, expect, it } from 'vitest';
import { printBoundExpression } from '../../expr/index.ts';
import type { JoinPlan, LogicalPlan } from '../logical/index.ts';
import { aggregates, bindText, evaluation, lookup } from '../testing/plan-fixture.ts';
import { planRelations } from '../testing/plan-relations.ts';
import { extractJoinKeys } from './join-keys.ts';
import { optimize } from './optimize.ts';

function joinOf(plan: LogicalPlan): JoinPlan {
  if (plan.kind === 'join') return plan;
  if ('input' in plan) return joinOf(plan.input);
  throw new Error('no join');
}

/** `left = right` for each key, then the residual condition. */
function described(sql: string): string {
  const join = joinOf(optimize(bindText(sql, planRelations).plan, { functions: lookup, aggregates, continuous: true, evaluation }));
  const names = (plan: LogicalPlan): string[] => plan.fields.map((field) => field.name);
  const { keys, residual } = extractJoinKeys(join, lookup);
  const shown = keys.map((key) => `${printBoundExpression(key.left, names(join.left))} = ${printBoundExpression(key.right, names(join.right))}`);
  return [...shown, residual === null ? 'nothing else' : printBoundExpression(residual, [...names(join.left), ...names(join.right)])].join('; ');
}

describe('extractJoinKeys', () => {
  const cases: readonly (readonly [sql: string, keys: string])[] = [
    ['SELECT 1 FROM t JOIN u ON t.id = u.id', 'id = id; nothing else'],
    ['SELECT 1 FROM t JOIN u ON u.id + 1 = t.id AND t.name = u.w', 'id = id + 1; name = w; nothing else'],
    ['SELECT 1 FROM t, u WHERE t.id = u.id AND t.name < u.w', 'id = id; name < w'],
    ['SELECT 1 FROM t JOIN bids ON t.id = bids.auction', 'id = auction; nothing else'],
    ['SELECT 1 FROM t JOIN u ON t.id = u.id + t.id', 'id = (id + id)'],
    ['SELECT 1 FROM t LEFT JOIN u ON t.id > u.id', 'id > id'],
  ];
  for (const [sql, keys] of cases) it(sql, () => expect(described(sql)).toBe(keys));
});
