import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import type { AggregateDefinition } from '../../spi/index.ts';
import type * as ast from '../../sql/index.ts';
import type { AggregateCall, SortKey } from '../logical/index.ts';
import { bindSortKeys } from './bind-sort-key.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { notSupported, syntaxError, wrongObject } from './binder-error.ts';
import { unify } from './common-type.ts';
import { convertArguments, resolveOverload, resultTypeOf } from './resolve-call.ts';

/** A call as bound, without its FILTER. */
type OrderedSetCall = Omit<AggregateCall, 'filter'>;

/** `percentile_cont(0.5) WITHIN GROUP (ORDER BY x)`. Errors: 42809 for an aggregate that is not called so. */
export function bindOrderedSetCall(node: ast.FunctionCall, named: readonly AggregateDefinition[], scope: ExpressionScope): OrderedSetCall {
  const name = named[0]!.name;
  const definitions = named.filter((definition) => definition.orderedSet !== undefined);
  if (definitions.length === 0) throw wrongObject(`${name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP`, node.span);
  if (node.distinct) throw syntaxError('cannot use DISTINCT with WITHIN GROUP', node.span);
  if (node.orderBy.length > 0) throw syntaxError('cannot use multiple ORDER BY clauses with WITHIN GROUP', node.span);
  const direct = node.arguments.map((argument) => constantArgument(bind(argument.value, scope), name));
  const keys = bindSortKeys(node.withinGroup!, scope);
  const [hypothetical] = definitions.filter((definition) => definition.orderedSet === 'hypothetical');
  if (hypothetical !== undefined) return hypotheticalCall(hypothetical, { direct, keys, node }, scope);
  const args = [...direct, ...keys.map((key) => key.expression)];
  const candidate = resolveOverload(name, definitions, { args, span: node.span, state: scope.state });
  const converted = convertArguments(candidate, args, scope.state);
  return {
    signature: candidate.definition.signature,
    name,
    args: converted,
    distinct: false,
    orderBy: keys.map((key, index) => ({ ...key, expression: converted[direct.length + index]! })),
    type: resultTypeOf(candidate.definition, converted),
  };
}

interface HypotheticalParts {
  readonly direct: readonly Expression[];
  readonly keys: readonly SortKey[];
  readonly node: ast.FunctionCall;
}

/** Each argument meets the ordered expression at its place in a common type. */
function hypotheticalCall(definition: AggregateDefinition, { direct, keys, node }: HypotheticalParts, scope: ExpressionScope): OrderedSetCall {
  const { name, signature } = definition;
  if (direct.length !== keys.length) {
    throw new SqlError({
      code: SqlState.undefinedFunction,
      message: `function ${name} needs as many arguments as WITHIN GROUP has expressions`,
      hint: `To use the hypothetical-set aggregate ${name}, the number of hypothetical direct arguments (here ${direct.length}) must match the number of ordering columns (here ${keys.length}).`,
      position: node.span.start,
    });
  }
  const pairs = direct.map((arg, index) => unify([keys[index]!.expression, arg], 'WITHIN GROUP', scope.state).expressions);
  return {
    signature,
    name,
    args: pairs.map(([, arg]) => arg!),
    distinct: false,
    orderBy: keys.map((key, index) => ({ ...key, expression: pairs[index]![0]! })),
    type: resultTypeOf(definition, []),
  };
}

/** Direct arguments are evaluated once a group, so that they cannot look at its rows. */
function constantArgument(expression: Expression, name: string): Expression {
  visitExpression(expression, (part) => {
    if (part.kind !== 'column' && part.kind !== 'subquery') return;
    throw notSupported(
      `the direct arguments of ${name} have to be constants`,
      part.span ?? expression.span ?? { start: 0, end: 0 },
      'Compute the aggregate for each constant, with FILTER where it is for some rows only.',
    );
  });
  return expression;
}
