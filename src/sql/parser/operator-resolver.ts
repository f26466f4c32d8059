import type { Expression, Span } from '../ast/index.ts';
import type { BetweenItem, LikeItem, OperatorItem } from './operator-item.ts';
import { isNonassociative, Precedence } from './precedence.ts';
import { StackDepthError, SyntaxErrorAt } from './syntax-failure.ts';

/** How many operators may stand inside one another within one pair of parentheses. A chain of AND or OR counts once. */
const OPERATOR_DEPTH_LIMIT = 1000;

/** Levels that PostgreSQL allows in the lower bound of BETWEEN, whose AND is not the logical one (b_expr of gram.y). */
const BETWEEN_BOUND = { excluded: new Set<number>([Precedence.or, Precedence.and, Precedence.not, Precedence.membership, Precedence.escape]) };

/**
 * Puts a flat list of operands and operators into a tree, as an operator precedence parser does (Pratt 1973). It decides exactly
 * as PostgreSQL's grammar does with its %left, %right and %nonassoc lines: the operator before an operand is compared with the one behind it.
 */
export class OperatorResolver {
  readonly #items: readonly (Expression | OperatorItem)[];
  readonly #outerSpans: ReadonlyMap<Expression, Span>;
  /** The operand lists of chains that this run has made: they may still grow, so that a long chain costs no copies. */
  readonly #openChains = new WeakSet<readonly Expression[]>();
  #position = 0;

  /** `outerSpans`: for an operand that stood in parentheses, the span with them. */
  constructor(items: readonly (Expression | OperatorItem)[], outerSpans: ReadonlyMap<Expression, Span>) {
    this.#items = items;
    this.#outerSpans = outerSpans;
  }

  resolve(): Expression {
    const expression = this.#parse({ minimum: 0, depth: 0, bound: false });
    const rest = this.#items[this.#position];
    if (rest !== undefined) throw new SyntaxErrorAt(rest.span.start);
    return expression;
  }

  #parse(context: { readonly minimum: number; readonly depth: number; readonly bound: boolean }): Expression {
    const { minimum, depth, bound } = context;
    if (depth > OPERATOR_DEPTH_LIMIT) throw new StackDepthError();
    let left = this.#parseOperand(depth, bound);
    // A nonassociative operator that ended in an operand forbids its own level next.
    let forbidden = -1;
    let chained = 0;
    for (;;) {
      const item = this.#items[this.#position];
      // ESCAPE belongs to the LIKE around, however loosely the operator in between binds.
      if (item === undefined || item.kind !== 'operator-item' || item.form === 'prefix' || item.form === 'escape') return left;
      const level = item.precedence;
      if (level < minimum || (bound && BETWEEN_BOUND.excluded.has(level))) return left;
      if (level === forbidden) throw new SyntaxErrorAt(item.span.start);
      this.#position++;
      if (level > Precedence.and && ++chained > OPERATOR_DEPTH_LIMIT) throw new StackDepthError();
      left = this.#applyItem(item, left, { depth: depth + 1, bound });
      forbidden = item.form !== 'postfix' && isNonassociative(level) ? level : -1;
    }
  }

  #parseOperand(depth: number, bound: boolean): Expression {
    const item = this.#items[this.#position++];
    if (item === undefined) throw new SyntaxErrorAt(this.#items.at(-1)?.span.end ?? 0);
    if (item.kind !== 'operator-item') return item;
    if (item.form !== 'prefix') throw new SyntaxErrorAt(item.span.start);
    const operand = this.#parse({ minimum: item.operandPrecedence, depth: depth + 1, bound });
    return item.build(operand, { start: item.span.start, end: this.#spanOf(operand).end });
  }

  #applyItem(
    item: Exclude<OperatorItem, { form: 'prefix' | 'escape' }>,
    left: Expression,
    context: { readonly depth: number; readonly bound: boolean },
  ): Expression {
    const start = this.#spanOf(left).start;
    switch (item.form) {
      case 'postfix':
        return item.build(left, { start, end: item.span.end });
      case 'infix': {
        const right = this.#parse({ minimum: item.precedence + 1, ...context });
        return item.build(left, right, { start, end: this.#spanOf(right).end });
      }
      case 'logical': {
        const right = this.#parse({ minimum: item.precedence + 1, ...context });
        const operands = this.#extendChain(item.operator, left, right);
        return { kind: 'logical', operator: item.operator, operands, span: { start, end: this.#spanOf(right).end } };
      }
      case 'between':
        return this.#applyBetween(item, left, context.depth);
      case 'like':
        return this.#applyLike(item, left, context.depth);
    }
  }

  #extendChain(operator: 'and' | 'or', left: Expression, right: Expression): readonly Expression[] {
    if (left.kind !== 'logical' || left.operator !== operator) return this.#openChain([left, right]);
    if (!this.#openChains.has(left.operands)) return this.#openChain([...left.operands, right]);
    const operands = left.operands as Expression[];
    operands.push(right);
    return operands;
  }

  #openChain(operands: readonly Expression[]): readonly Expression[] {
    this.#openChains.add(operands);
    return operands;
  }

  #applyBetween(item: BetweenItem, operand: Expression, depth: number): Expression {
    const low = this.#parse({ minimum: 0, depth, bound: true });
    const and = this.#items[this.#position];
    if (and === undefined) throw new SyntaxErrorAt(this.#items.at(-1)!.span.end);
    if (and.kind !== 'operator-item' || and.precedence !== Precedence.and) throw new SyntaxErrorAt(and.span.start);
    this.#position++;
    const high = this.#parse({ minimum: Precedence.membership + 1, depth, bound: false });
    return item.build({ operand, low, high }, { start: this.#spanOf(operand).start, end: this.#spanOf(high).end });
  }

  #applyLike(item: LikeItem, operand: Expression, depth: number): Expression {
    const pattern = this.#parse({ minimum: Precedence.escape + 1, depth, bound: false });
    const next = this.#items[this.#position];
    let escapeOperand: Expression | null = null;
    if (next?.kind === 'operator-item' && next.form === 'escape') {
      this.#position++;
      escapeOperand = this.#parse({ minimum: Precedence.escape + 1, depth, bound: false });
    }
    const start = this.#spanOf(operand).start;
    return item.build({ operand, pattern, escape: escapeOperand }, { start, end: this.#spanOf(escapeOperand ?? pattern).end });
  }

  #spanOf(expression: Expression): Span {
    return this.#outerSpans.get(expression) ?? expression.span;
  }
}
