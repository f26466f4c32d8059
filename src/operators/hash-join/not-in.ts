import { type Expression, type FunctionLookup, splitConjuncts } from '../../expr/index.ts';
import type { JoinPlan } from '../../plan/logical/index.ts';
import { extractJoinKeys, type JoinKey, type JoinKeys } from '../../plan/optimizer/index.ts';
import { boolType } from '../../types/index.ts';

/** An anti join in which a comparison with NULL counts as a match: NOT IN. */
export interface NotInJoin {
  /** What is compared so. */
  readonly compared: JoinKey;
  /** The rest of the condition (a correlation), which has to be true. */
  readonly rest: JoinKeys;
}

/** The join as NOT IN; null when its condition does not hold exactly one `coalesce(left = right, true)`. */
export function notInJoin(plan: JoinPlan, functions: FunctionLookup): NotInJoin | null {
  const conjuncts = plan.condition === null ? [] : splitConjuncts(plan.condition);
  const lenient = conjuncts.filter((conjunct) => lenientComparison(conjunct) !== null);
  if (lenient.length !== 1) return null;
  const { keys, residual } = extractJoinKeys({ ...plan, condition: lenientComparison(lenient[0]!) }, functions);
  const [compared] = keys;
  // Of several comparisons one alone does not decide.
  if (compared === undefined || keys.length > 1 || residual !== null) return null;
  const rest = conjuncts.filter((conjunct) => conjunct !== lenient[0]);
  const condition: Expression = { kind: 'logical', operator: 'and', args: rest, type: boolType };
  return { compared, rest: extractJoinKeys({ ...plan, condition: rest.length === 0 ? null : condition }, functions) };
}

function lenientComparison(conjunct: Expression): Expression | null {
  if (conjunct.kind !== 'coalesce' || conjunct.args.length !== 2) return null;
  const [compared, otherwise] = conjunct.args as [Expression, Expression];
  return otherwise.kind === 'literal' && otherwise.value === true ? compared : null;
}
