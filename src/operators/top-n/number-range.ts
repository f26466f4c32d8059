import { type Expression, splitConjuncts } from '../../expr/index.ts';

/** Rows a condition on a row number leaves, numbers from 1, and what else the condition says. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
  readonly residual: readonly Expression[];
}

const COMPARISON = /^int8 (<|<=|=|>=|>) int8 -> bool$/;
const mirrored: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' };

/** `rn <= 3`, `rn = 1`, `4 > rn`, `rn BETWEEN 2 AND 3` over the column; null when the condition has no upper end. */
export function numberRange(predicate: Expression, column: number): NumberRange | null {
  let from = 1;
  let to: number | null = null;
  const residual: Expression[] = [];
  for (const conjunct of splitConjuncts(predicate)) {
    const bound = boundOf(conjunct, column);
    if (bound === null) {
      residual.push(conjunct);
      continue;
    }
    from = Math.max(from, bound.from);
    if (bound.to !== null) to = Math.min(to ?? bound.to, bound.to);
  }
  return to === null ? null : { from, to: Math.max(to, 0), residual };
}

function boundOf(condition: Expression, column: number): { readonly from: number; readonly to: number | null } | null {
  if (condition.kind !== 'call') return null;
  const operator = COMPARISON.exec(condition.signature)?.[1];
  const [left, right] = condition.args;
  if (operator === undefined || left === undefined || right === undefined) return null;
  if (left.kind === 'column' && left.index === column && right.kind === 'literal') return boundBy(operator, right.value);
  if (right.kind === 'column' && right.index === column && left.kind === 'literal') return boundBy(mirrored[operator]!, left.value);
  return null;
}

function boundBy(operator: string, value: unknown): { readonly from: number; readonly to: number | null } | null {
  const number = Number(value);
  if (typeof value !== 'bigint' || !Number.isSafeInteger(number)) return null;
  switch (operator) {
    case '<':
      return { from: 1, to: number - 1 };
    case '<=':
      return { from: 1, to: number };
    case '=':
      return { from: number, to: number };
    case '>=':
      return { from: number, to: null };
    default:
      return { from: number + 1, to: null };
  }
}
