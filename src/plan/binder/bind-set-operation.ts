import type { QueryBody, SetOperation, Span } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import type { QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, syntaxError, typeText } from './binder-error.ts';
import { castOutputs } from './cast-outputs.ts';
import { findCommonType } from './common-type.ts';
import { distinctOf, holdsInterval } from './written-keys.ts';

type BindBody = (body: QueryBody, environment: QueryEnvironment) => LogicalPlan;

/** UNION, INTERSECT, EXCEPT: names of the left side, types common to both. A chain of the same operation is one node. */
export function bindSetOperation(node: SetOperation, environment: QueryEnvironment, bindBody: BindBody): LogicalPlan {
  const left = bindBody(node.left, environment);
  const right = bindBody(node.right, environment);
  const operator = node.operator.toUpperCase();
  if (left.fields.length !== right.fields.length) {
    throw syntaxError(`each ${operator} query must have the same number of columns`, outputSpan(right, 0) ?? node.right.span);
  }
  const types = left.fields.map((field, index): SqlType => {
    const other = right.fields[index]!;
    const common = findCommonType([field.type, other.type], environment.state);
    if (common !== null) return common;
    throw datatypeMismatch(
      `${operator} types ${typeText(field.type)} and ${typeText(other.type)} cannot be matched`,
      outputSpan(right, index) ?? node.right.span,
    );
  });
  const inputs = [left, right].map((input) => castOutputs(input, types, environment.state));
  const fields = left.fields.map((field, index) => ({ name: field.name, type: types[index]! }));
  const [first, second] = inputs as [LogicalPlan, LogicalPlan];
  // UNION ALL is associative; writing the chain as one node saves a level an operand.
  const chain =
    first.kind === 'set-operation' &&
    first.operator === 'union' &&
    first.all &&
    node.operator === 'union' &&
    node.all &&
    node.left.kind === 'set-operation';
  const all = chain && first.kind === 'set-operation' ? [...first.inputs, second] : [first, second];
  if (node.operator === 'union' && !node.all && fields.some(({ type }) => holdsInterval(type)))
    return distinctOf({ kind: 'set-operation', operator: 'union', all: true, inputs: all, fields });
  return { kind: 'set-operation', operator: node.operator, all: node.all, inputs: all, fields };
}

/** Where an output column was written, if the plan still knows. */
function outputSpan(plan: LogicalPlan, index: number): Span | undefined {
  return plan.kind === 'project' ? plan.expressions[index]?.span : undefined;
}
