import { compileRowInterpreter, type EvaluationContext } from '../../expr/index.ts';
import type { ValuesPlan } from '../../plan/logical/index.ts';
import { type Lowering, type LoweringContext, STATELESS } from '../../plan/physical/index.ts';
import { valuesSpecCodec } from './spec.ts';

const CONTEXT: EvaluationContext = { nowMicros: 0n, timeZone: 'UTC' };

/** VALUES, and a SELECT without FROM: the rows are known when the query is planned. Errors: those of the expressions. */
export const lowerValues: Lowering = {
  operator: 'values',
  lower(plan, context) {
    if (plan.kind !== 'values') return null;
    const parameters = valuesSpecCodec.encode({ types: plan.fields.map((field) => field.type), rows: constantRows(plan, context) });
    return {
      kind: 'operator',
      operator: { kind: valuesSpecCodec.kind, version: valuesSpecCodec.version, parameters, label: `Values ${plan.rows.length} rows` },
      state: STATELESS,
      inputs: [],
      parallelism: 'one',
      columns: plan.fields,
      appendOnly: true,
      net: false,
      distribution: { kind: 'single' },
      uniqueKeys: [],
      window: null,
      latenessMicros: null,
    };
  },
};

function constantRows(plan: ValuesPlan, { functions }: LoweringContext) {
  return plan.rows.map((row) => row.map((expression) => compileRowInterpreter(expression, functions)([], CONTEXT)));
}
