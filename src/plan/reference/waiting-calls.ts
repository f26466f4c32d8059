import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, expressionChildren, type FunctionLookup, visitWithBodies, withExpressionChildren } from '../../expr/index.ts';
import type { Datum } from '../../types/index.ts';
import { type LogicalPlan, planExpressions, planInputs, subqueryPlan } from '../logical/index.ts';
import type { ReferenceRun } from './reference-run.ts';
import type { Row } from './row.ts';

/** The first call of a plan, its subqueries included, that waits; null: nothing does. */
export function waitingCallOf(plan: LogicalPlan, functions: FunctionLookup): Expression | null {
  for (const input of planInputs(plan)) {
    const call = waitingCallOf(input, functions);
    if (call !== null) return call;
  }
  return ownWaitingCall(plan, functions);
}

/** The same of the node's own expressions. */
export function ownWaitingCall(plan: LogicalPlan, functions: FunctionLookup): Expression | null {
  for (const expression of planExpressions(plan)) {
    const call = waitingCallIn(expression, functions);
    if (call !== null) return call;
  }
  return null;
}

function waitingCallIn(expression: Expression, functions: FunctionLookup): Expression | null {
  let found: Expression | null = null;
  visitWithBodies(expression, (node) => {
    if (node.kind === 'call' && functions.function(node.signature).waitFor !== undefined) found ??= node;
    else if (node.kind === 'subquery') found ??= waitingCallOf(subqueryPlan(node), functions);
  });
  return found;
}

/** Errors: 0A000, with its place, where a call waits in the middle of what is worked out at one go. */
export function refuseWaiting(plan: LogicalPlan, functions: FunctionLookup): void {
  const call = waitingCallOf(plan, functions);
  if (call?.kind !== 'call') return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${functions.function(call.signature).name}() cannot wait here`,
    hint: 'Call it in a SELECT list, WHERE, VALUES or FROM, without columns of a query around it.',
    position: call.span?.start,
  });
}

/** Makes the calls that wait in an expression over one row, one after another and only those that its value asks for; gives that value. */
export async function valueAfterWaiting(expression: Expression, row: Row, run: ReferenceRun): Promise<Datum | null> {
  return run.valueOnce(await afterWaiting(expression, row, run), row);
}

/** The expression with its calls that wait replaced by what they gave. */
async function afterWaiting(expression: Expression, row: Row, run: ReferenceRun): Promise<Expression> {
  const { functions, evaluation } = run.environment;
  if (waitingCallIn(expression, functions) === null) return expression;
  if (expression.kind === 'case') return branchAfterWaiting(expression, row, run);
  if (expression.kind === 'coalesce' || (expression.kind === 'logical' && expression.operator !== 'not'))
    return lazyAfterWaiting(expression, row, run);
  const children: Expression[] = [];
  for (const child of expressionChildren(expression)) children.push(await afterWaiting(child, row, run));
  const ready = withExpressionChildren(expression, children);
  const definition = ready.kind === 'call' ? functions.function(ready.signature) : null;
  if (definition?.waitFor === undefined) return ready;
  const args = children.map((child) => run.valueOnce(child, row));
  const missing = definition.nullBehaviour !== 'called' && args.includes(null);
  return { kind: 'literal', type: ready.type, value: missing ? null : await definition.waitFor(args, evaluation), span: ready.span };
}

async function branchAfterWaiting(expression: Extract<Expression, { kind: 'case' }>, row: Row, run: ReferenceRun): Promise<Expression> {
  for (const { condition, result } of expression.branches) {
    if ((await valueAfterWaiting(condition, row, run)) === true) return afterWaiting(result, row, run);
  }
  return expression.otherwise === null ? { kind: 'literal', type: expression.type, value: null } : afterWaiting(expression.otherwise, row, run);
}

/** COALESCE, AND and OR: as many operands as it takes. */
async function lazyAfterWaiting(expression: Extract<Expression, { kind: 'coalesce' | 'logical' }>, row: Row, run: ReferenceRun): Promise<Expression> {
  const { type } = expression;
  const decides = (value: Datum | null): boolean => (expression.kind === 'coalesce' ? value !== null : value === (expression.operator === 'or'));
  let unknown = expression.kind === 'coalesce';
  for (const argument of expression.args) {
    const value = await valueAfterWaiting(argument, row, run);
    if (decides(value)) return { kind: 'literal', type, value };
    if (value === null) unknown = true;
  }
  return { kind: 'literal', type, value: unknown ? null : expression.kind === 'logical' && expression.operator === 'and' };
}
