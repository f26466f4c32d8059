import { type CaseExpression, type Expression, expressionChildren, type SubqueryExpression, withExpressionChildren } from '../../../expr/index.ts';
import { boolType } from '../../../types/index.ts';
import type { LogicalPlan } from '../../logical/index.ts';
import { hasSubquery } from '../expression-facts.ts';
import type { OptimizerContext } from '../optimizer-rule.ts';
import { subqueryValue } from './subquery-value.ts';

/**
 * A plan that grows by what the subqueries of expressions over its row need: each becomes a join, and the subquery an expression over the joined row. The
 * plan's own columns keep their places.
 */
export class Extension {
  plan: LogicalPlan;
  readonly #context: OptimizerContext;

  constructor(plan: LogicalPlan, context: OptimizerContext) {
    this.plan = plan;
    this.#context = context;
  }

  /**
   * The expression without its subqueries, as far as that can be done. `guards`: conditions under all of which it is evaluated at all; what stands in a
   * branch is asked for under the branch's conditions too.
   */
  rewrite(expression: Expression, guards: readonly Expression[] = []): Expression {
    if (!hasSubquery(expression)) return expression;
    switch (expression.kind) {
      case 'case':
        return this.#case(expression, guards);
      case 'coalesce':
        return withChildren(
          expression,
          this.#each(expression.args, guards, (arg) => isNull(arg)),
        );
      case 'logical':
        return withChildren(
          expression,
          this.#each(expression.args, guards, (arg) => isNot(arg, expression.operator === 'or')),
        );
      case 'subquery':
        return this.#subquery(expression, guards);
      default:
        return withChildren(
          expression,
          expressionChildren(expression).map((child) => this.rewrite(child, guards)),
        );
    }
  }

  /** Operands in turn; the next one is evaluated where `goesOn` holds of those before. */
  #each(args: readonly Expression[], guards: readonly Expression[], goesOn: (arg: Expression) => Expression): Expression[] {
    let under = guards;
    return args.map((arg) => {
      const rewritten = this.rewrite(arg, under);
      under = [...under, goesOn(rewritten)];
      return rewritten;
    });
  }

  #case(expression: CaseExpression, guards: readonly Expression[]): Expression {
    let under = guards;
    const branches = expression.branches.map((branch) => {
      const condition = this.rewrite(branch.condition, under);
      const result = this.rewrite(branch.result, [...under, condition]);
      under = [...under, isNot(condition, true)];
      return { condition, result };
    });
    const otherwise = expression.otherwise && this.rewrite(expression.otherwise, under);
    const children = [...branches.flatMap(({ condition, result }) => [condition, result]), ...(otherwise === null ? [] : [otherwise])];
    return withChildren(expression, children);
  }

  #subquery(expression: SubqueryExpression, guards: readonly Expression[]): Expression {
    const inputs = expression.inputs.map((input) => this.rewrite(input, guards));
    const subquery = withChildren(expression, inputs) as SubqueryExpression;
    if (inputs.some(hasSubquery)) return subquery;
    const found = subqueryValue(subquery, { left: this.plan, guards, context: this.#context });
    if (found === null) return subquery;
    this.plan = found.plan;
    return found.value;
  }
}

/** The expression itself where its operands are the same. */
function withChildren(expression: Expression, children: readonly Expression[]): Expression {
  const before = expressionChildren(expression);
  return children.every((child, index) => child === before[index]) ? expression : withExpressionChildren(expression, children);
}

function isNull(input: Expression): Expression {
  return { kind: 'is-null', input, negated: false, type: boolType };
}

/** Where a condition is not `value`: NULL counts as such. */
function isNot(condition: Expression, value: boolean): Expression {
  const decided: Expression = { kind: 'coalesce', args: [condition, { kind: 'literal', type: boolType, value: !value }], type: boolType };
  return value ? { kind: 'logical', operator: 'not', args: [decided], type: boolType } : decided;
}
