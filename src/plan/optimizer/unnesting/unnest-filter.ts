import { type Expression, expressionColumns, type FunctionLookup, mapExpression, splitConjuncts } from '../../../expr/index.ts';
import type { FilterPlan } from '../../logical/index.ts';
import { sameKeyType } from '../key-type.ts';
import { filtered } from '../split-filter.ts';
import { bindOuter } from './bind-outer.ts';
import { appendColumns, bindOuterReads, outerReads } from './columns.ts';
import { complete } from './empty-row.ts';
import type { Dependence, OuterKey, Unnested } from './unnested.ts';

export function unnestFilter(plan: FilterPlan, dependence: Dependence): Unnested | null {
  const input = dependence.unnest(plan.input);
  if (input === null) return null;
  return addConditions(complete(input, dependence), splitConjuncts(plan.predicate), dependence);
}

/**
 * The plan under further conditions on its row and the outer row. Those on the outer row are pulled up where they may, equalities as keys; the others are
 * tested here, in their order.
 */
export function addConditions(unnested: Unnested, conjuncts: readonly Expression[], dependence: Dependence): Unnested {
  let current = unnested;
  const outerWidth = dependence.outer.fields.length;
  const here: Expression[] = [];
  for (const conjunct of conjuncts) {
    const reads = outerReads(conjunct);
    if (reads.length === 0) {
      here.push(conjunct);
      continue;
    }
    if (dependence.exact) {
      const bound = bindOuter(current, reads, dependence);
      current = bound.unnested;
      here.push(bindOuterReads(conjunct, bound.position));
      continue;
    }
    const equality = asEquality(conjunct, dependence.context.functions);
    if (equality === null) current = { ...current, conditions: [...current.conditions, sideBySide(conjunct, outerWidth)] };
    else current = addKey(current, equality, outerWidth);
  }
  return { ...current, plan: filtered(current.plan, here) };
}

interface Equality {
  readonly inner: Expression;
  readonly outer: Expression;
  readonly signature: string;
}

/** An equality between an expression of the plan's row and one of the outer row. */
function asEquality(conjunct: Expression, functions: FunctionLookup): Equality | null {
  if (conjunct.kind !== 'call' || conjunct.args.length !== 2 || functions.function(conjunct.signature).name !== '=') return null;
  const [first, second] = conjunct.args as [Expression, Expression];
  if (!sameKeyType(first.type, second.type) || first.type.kind !== second.type.kind) return null;
  const isInner = (expression: Expression): boolean => outerReads(expression).length === 0 && expressionColumns(expression).length > 0;
  const isOuter = (expression: Expression): boolean => outerReads(expression).length > 0 && expressionColumns(expression).length === 0;
  if (isInner(first) && isOuter(second)) return { inner: first, outer: second, signature: conjunct.signature };
  return isInner(second) && isOuter(first) ? { inner: second, outer: first, signature: conjunct.signature } : null;
}

function addKey(unnested: Unnested, { inner, outer, signature }: Equality, outerWidth: number): Unnested {
  const { plan, positions } = appendColumns(unnested.plan, [inner]);
  const key: OuterKey = { column: positions[0]!, outer: sideBySide(outer, outerWidth), signature };
  return { ...unnested, plan, keys: [...unnested.keys, key] };
}

/** An expression over the plan's row that reads the outer row, over both side by side: the outer row first. */
function sideBySide(expression: Expression, outerWidth: number): Expression {
  return mapExpression(expression, (node) => {
    if (node.kind === 'column') return { ...node, index: node.index + outerWidth };
    if (node.kind !== 'outer-column' || node.depth !== 1) return node;
    return { kind: 'column', index: node.index, name: node.name, type: node.type, span: node.span };
  });
}
