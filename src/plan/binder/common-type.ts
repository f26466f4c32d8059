import type { Expression } from '../../expr/index.ts';
import { type SqlType, sameType, textType } from '../../types/index.ts';
import type { BindState } from './bind-state.ts';
import { datatypeMismatch, typeText } from './binder-error.ts';
import { canCoerce, mustCoerce, plainType, settledType } from './coercion.ts';
import { isPreferred, sameKind, typeCategory } from './type-category.ts';

/**
 * The type several expressions are brought to (PostgreSQL, "UNION, CASE, and Related Constructs"), or null where they cannot meet.
 * All untyped: text. A modifier stays only when all agree on it.
 */
export function findCommonType(types: readonly SqlType[], state: BindState): SqlType | null {
  const known = types.filter((type) => type.kind !== 'unknown');
  const [first, ...rest] = known;
  if (first === undefined) return textType;
  if (known.every((type) => sameType(type, first))) return settledType(first);
  const { functions } = state.context;
  let chosen = first;
  for (const type of rest) {
    if (sameKind(chosen, type)) continue;
    if (typeCategory(chosen) !== typeCategory(type)) return null;
    const upgrade = !isPreferred(chosen) && canCoerce(chosen, type, 'implicit', functions) && !canCoerce(type, chosen, 'implicit', functions);
    if (upgrade) chosen = type;
  }
  if (known.some((type) => !canCoerce(type, chosen, 'implicit', functions))) return null;
  return settledType(plainType(chosen));
}

/** The common type and the expressions brought to it. `what` names the construct: `CASE`, `UNION`, `ARRAY`. Errors: 42804. */
export function unify(expressions: readonly Expression[], what: string, state: BindState): { type: SqlType; expressions: Expression[] } {
  const type = findCommonType(
    expressions.map((expression) => expression.type),
    state,
  );
  if (type === null) throw mismatch(expressions, what, state);
  return { type, expressions: expressions.map((expression) => coerceExactly(expression, type, state)) };
}

/** Converts by implicit rules to just this type: where only lengths or precisions differ, the value is relabelled. */
export function coerceExactly(expression: Expression, type: SqlType, state: BindState): Expression {
  const coerced = mustCoerce(expression, type, 'implicit', state);
  return sameType(coerced.type, type) ? coerced : { kind: 'cast', type, input: coerced, mode: 'implicit', span: expression.span };
}

/** Names the first two types that do not meet. */
function mismatch(expressions: readonly Expression[], what: string, state: BindState) {
  const known = expressions.filter((expression) => expression.type.kind !== 'unknown');
  const first = known[0]!;
  const index = known.findIndex(
    (_, position) =>
      findCommonType(
        known.slice(0, position + 1).map((expression) => expression.type),
        state,
      ) === null,
  );
  const other = known[index] ?? first;
  const before =
    findCommonType(
      known.slice(0, index).map((expression) => expression.type),
      state,
    ) ?? first.type;
  return datatypeMismatch(`${what} types ${typeText(before)} and ${typeText(other.type)} cannot be matched`, other.span);
}
