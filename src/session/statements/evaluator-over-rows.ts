import { compileRowInterpreter, type Expression } from '../../expr/index.ts';
import { hasSubquery, type LogicalPlan } from '../../plan/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type Row, substituteInExpression } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { readRows } from './read-rows.ts';

/** Bound expressions over rows whose columns have these types. */
export interface OverRows {
  readonly expressions: readonly Expression[];
  readonly types: readonly SqlType[];
}

/** What expressions give for each row, in the order of the rows. */
export type EvaluatorOverRows = (rows: readonly Row[]) => Promise<readonly Row[]>;

/** Subqueries read what the statement reads: without its own changes, as long as the transaction does not have them. */
export function evaluatorOverRows(over: OverRows, context: StatementContext): EvaluatorOverRows {
  if (over.expressions.some(hasSubquery)) return async (rows) => (rows.length === 0 ? [] : readRows(planOver(rows, over), context));
  const { evaluation } = binderOf(context).context;
  const evaluators = over.expressions.map((expression) =>
    compileRowInterpreter(substituteInExpression(expression, context.parameters ?? []), context.engine.registries.lookup),
  );
  return async (rows) => rows.map((row) => evaluators.map((evaluate) => evaluate(row, evaluation)));
}

function planOver(rows: readonly Row[], { expressions, types }: OverRows): LogicalPlan {
  const values = rows.map((row) => row.map((value, index): Expression => ({ kind: 'literal', type: types[index]!, value })));
  const named = (type: SqlType, index: number) => ({ name: `column${index}`, type });
  const input: LogicalPlan = { kind: 'values', rows: values, fields: types.map(named) };
  return { kind: 'project', input, expressions, fields: expressions.map(({ type }, index) => named(type, index)) };
}
