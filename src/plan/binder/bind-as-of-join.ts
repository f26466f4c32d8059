import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, splitConjuncts } from '../../expr/index.ts';
import type { Join, Span } from '../../sql/index.ts';
import type { AsOfTime, LogicalPlan } from '../logical/index.ts';
import type { BindState } from './bind-state.ts';
import { notSupported } from './binder-error.ts';
import { unify } from './common-type.ts';
import { equalityOf, joinedByTime, onSides } from './time-join.ts';

interface AsOfParts {
  readonly node: Join;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly condition: Expression | null;
  /** Of MATCH_CONDITION, over the joined row; null: the comparison is among the conditions of ON. */
  readonly match: Expression | null;
}

/** `ASOF JOIN`: equalities and exactly one comparison of times. Errors: 0A000 for any other condition and for RIGHT, FULL and CROSS. */
export function asOfJoin(parts: AsOfParts, state: BindState): LogicalPlan {
  const { node, left, right, match } = parts;
  if (node.type !== 'inner' && node.type !== 'left') {
    throw notSupported(`ASOF ${node.type.toUpperCase()} JOIN is not supported`, node.span, 'Exchange the sides and use ASOF LEFT JOIN.');
  }
  const { functions } = state.context;
  const keys: ReturnType<typeof equalityOf>[] = [];
  const comparisons: Comparison[] = [];
  const take = (conjunct: Expression, place: 'on' | 'match'): void => {
    const equality = place === 'on' ? equalityOf(conjunct, left.fields.length, functions.lookup) : null;
    if (equality !== null) keys.push(equality);
    else comparisons.push(comparisonOf(conjunct, left.fields.length, state) ?? refuseCondition(conjunct.span ?? node.span));
  };
  for (const conjunct of parts.condition === null ? [] : splitConjuncts(parts.condition)) take(conjunct, 'on');
  for (const conjunct of match === null ? [] : splitConjuncts(match)) take(conjunct, 'match');
  const [time, ...others] = comparisons;
  if (time === undefined || others.length > 0) {
    throw new SqlError({
      code: SqlState.syntaxError,
      message: `ASOF JOIN needs exactly one comparison of the sides, not ${comparisons.length}`,
      hint: 'Write ON a.k = b.k AND b.t <= a.t, or MATCH_CONDITION (a.t >= b.t).',
      position: node.span.start,
    });
  }
  const found = keys.filter((key) => key !== null);
  return joinedByTime({ left, right, joinType: node.type, keys: found, time, temporal: false });
}

interface Comparison {
  readonly left: Expression;
  readonly right: Expression;
  readonly direction: AsOfTime['direction'];
  readonly strict: boolean;
}

/** `left >= right` and its three sisters, in either order. */
function comparisonOf(conjunct: Expression, width: number, state: BindState): Comparison | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2) return null;
  const { name } = state.context.functions.lookup.function(conjunct.signature);
  if (name !== '<' && name !== '<=' && name !== '>' && name !== '>=') return null;
  const sides = onSides(conjunct.args[0]!, conjunct.args[1]!, width);
  if (sides === null) return null;
  const rightIsLess = name.startsWith('<') ? sides.swapped : !sides.swapped;
  const [left, right] = unify([sides.left, sides.right], 'ASOF JOIN', state).expressions as [Expression, Expression];
  return { left, right, direction: rightIsLess ? 'before' : 'after', strict: name.length === 1 };
}

function refuseCondition(span: Span): never {
  throw notSupported(
    'a condition of ASOF JOIN has to be an equality or a comparison of a left with a right value',
    span,
    'Put other conditions into a subquery in place of the table, or into WHERE.',
  );
}
