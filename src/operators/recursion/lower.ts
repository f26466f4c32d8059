import { SqlError, SqlState } from '../../base/index.ts';
import { visitExpression } from '../../expr/index.ts';
import { freeOuterColumns, freeRecursions, type LogicalPlan, planExpressions, planInputs, withPlanInputs } from '../../plan/logical/index.ts';
import type { Lowering, LoweringContext, PhysicalInput, PhysicalPlan } from '../../plan/physical/index.ts';
import { monotoneStep } from './monotone-step.ts';
import { inputId, type RecursionSpec, recursionSpecCodec } from './spec.ts';

/** WITH RECURSIVE and WITH MUTUALLY RECURSIVE. Whatever does not read the recursion's own rows is planned as any other query and becomes an input. */
export const lowerRecursion: Lowering = {
  operator: 'recursion',
  lower(plan, context) {
    if (plan.kind !== 'recursion' && plan.kind !== 'mutual-recursion') return null;
    const inputs: PhysicalInput[] = [];
    const cut = cutInputs(plan, context, inputs);
    const keys = plan.fields.map((_, index) => index);
    return {
      kind: 'operator',
      operator: {
        kind: recursionSpecCodec.kind,
        version: recursionSpecCodec.version,
        parameters: recursionSpecCodec.encode({ plan: cut }),
        label: labelOf(cut),
      },
      state: {
        kept: inputs.map((input, at) => ({
          what: `rows of input ${at + 1}`,
          key: [],
          columns: input.plan.columns,
          bound: { kind: 'content', input: at, remedy: "let the rows of its inputs go with WHERE time > now() - INTERVAL '…'" },
        })),
        content: 'input',
      },
      inputs,
      parallelism: 'one',
      columns: plan.fields,
      appendOnly: false,
      net: true,
      distribution: { kind: 'single' },
      uniqueKeys: plan.kind === 'mutual-recursion' || plan.all ? [] : [keys],
      window: null,
      latenessMicros: null,
    };
  },
};

/** The recursion over its inputs, which are added to `inputs`. */
function cutInputs(plan: RecursionSpec['plan'], context: LoweringContext, inputs: PhysicalInput[]): RecursionSpec['plan'] {
  const asInput = (node: LogicalPlan): LogicalPlan => {
    const id = inputId(inputs.length);
    inputs.push(toOneTask(context.lower(node)));
    return { kind: 'recursive-scan', id, name: id, fields: node.fields };
  };
  const cut = (node: LogicalPlan): LogicalPlan => {
    if (node.kind === 'recursive-scan') return node;
    if (freeRecursions(node).size === 0 && freeOuterColumns(node).length === 0) return asInput(node);
    refuseUnevaluable(node, plan.kind === 'mutual-recursion');
    return withPlanInputs(node, planInputs(node).map(cut));
  };
  if (plan.kind === 'mutual-recursion') {
    return { ...plan, bindings: plan.bindings.map((binding) => ({ ...binding, plan: cut(binding.plan) })) };
  }
  return { ...plan, base: asInput(plan.base), step: cut(plan.step) };
}

function labelOf(plan: RecursionSpec['plan']): string {
  if (plan.kind === 'mutual-recursion') {
    const names = plan.bindings.map((binding) => binding.name).join(', ');
    return `Mutual recursion ${names}: rows of ${plan.bindings[plan.shown]!.name} · evaluated as a whole when an input changes`;
  }
  const how =
    monotoneStep(plan) === null ? 'evaluated as a whole when an input changes' : 'rows that come run through it, evaluated as a whole when rows go';
  return `Recursion ${plan.name}: union${plan.all ? ' all' : ''} · ${how}`;
}

function toOneTask(plan: PhysicalPlan): PhysicalInput {
  return { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } };
}

function refuseUnevaluable(node: LogicalPlan, mutual: boolean): void {
  let subquery = false;
  for (const expression of planExpressions(node)) {
    visitExpression(expression, (part) => {
      subquery ||= part.kind === 'subquery';
    });
  }
  if (!subquery && node.kind !== 'table-function' && node.kind !== 'scan') return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `a continuous query cannot contain ${subquery ? 'a subquery' : 'LATERAL'} in the recursive part of WITH ${mutual ? 'MUTUALLY ' : ''}RECURSIVE`,
    hint: 'Join the recursive query with the relation, or with a view of it.',
  });
}
