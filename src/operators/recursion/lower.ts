import { SqlError, SqlState } from '../../base/index.ts';
import { visitExpression } from '../../expr/index.ts';
import { freeOuterColumns, type LogicalPlan, planExpressions, planInputs, type RecursionPlan, withPlanInputs } from '../../plan/logical/index.ts';
import type { Lowering, LoweringContext, PhysicalInput, PhysicalPlan } from '../../plan/physical/index.ts';
import { monotoneStep } from './monotone-step.ts';
import { inputId, recursionSpecCodec } from './spec.ts';

/** WITH RECURSIVE. Whatever does not read the recursion's own rows is planned as any other query and becomes an input. */
export const lowerRecursion: Lowering = {
  operator: 'recursion',
  lower(plan, context) {
    if (plan.kind !== 'recursion') return null;
    const inputs: PhysicalInput[] = [];
    const cut = cutInputs(plan, context, inputs);
    const keys = plan.fields.map((_, index) => index);
    return {
      kind: 'operator',
      operator: {
        kind: recursionSpecCodec.kind,
        version: recursionSpecCodec.version,
        parameters: recursionSpecCodec.encode({ plan: cut }),
        label: `Recursion ${plan.name}: union${plan.all ? ' all' : ''} · ${monotoneStep(cut) === null ? 'evaluated as a whole when an input changes' : 'rows that come run through it, evaluated as a whole when rows go'}`,
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
      uniqueKeys: plan.all ? [] : [keys],
      window: null,
      latenessMicros: null,
    };
  },
};

/** The recursion over its inputs, which are added to `inputs`. */
function cutInputs(plan: RecursionPlan, context: LoweringContext, inputs: PhysicalInput[]): RecursionPlan {
  const asInput = (node: LogicalPlan): LogicalPlan => {
    const id = inputId(inputs.length);
    inputs.push(toOneTask(context.lower(node)));
    return { kind: 'recursive-scan', id, name: id, fields: node.fields };
  };
  const cut = (node: LogicalPlan): LogicalPlan => {
    if (node.kind === 'recursive-scan') return node;
    if (!readsRecursion(node) && freeOuterColumns(node).length === 0) return asInput(node);
    refuseUnevaluable(node);
    return withPlanInputs(node, planInputs(node).map(cut));
  };
  return { ...plan, base: asInput(plan.base), step: cut(plan.step) };
}

function readsRecursion(plan: LogicalPlan): boolean {
  return plan.kind === 'recursive-scan' || planInputs(plan).some(readsRecursion);
}

function toOneTask(plan: PhysicalPlan): PhysicalInput {
  return { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } };
}

function refuseUnevaluable(node: LogicalPlan): void {
  let subquery = false;
  for (const expression of planExpressions(node)) {
    visitExpression(expression, (part) => {
      subquery ||= part.kind === 'subquery';
    });
  }
  if (!subquery && node.kind !== 'table-function' && node.kind !== 'scan') return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `a continuous query cannot contain ${subquery ? 'a subquery' : 'LATERAL'} in the recursive part of WITH RECURSIVE`,
    hint: 'Join the recursive query with the relation, or with a view of it.',
  });
}
