import { SqlError, SqlState } from '../../base/index.ts';
import type { LogicalPlan, MutualRecursionPlan, RecursionPlan } from '../../plan/logical/index.ts';
import { type SpecCodec, SpecReader } from '../spec/index.ts';
import { planFromJson, planToJson } from './plan-json.ts';

/** A recursion whose other leaves are recursive scans of the ids `inputId` gives: the operator's inputs. */
export interface RecursionSpec {
  readonly plan: RecursionPlan | MutualRecursionPlan;
}

/** What stands in the plan for the rows of an input. */
export function inputId(input: number): string {
  return `input ${input}`;
}

export const recursionSpecCodec: SpecCodec<RecursionSpec> = {
  kind: 'recursion',
  version: 1,
  encode: (spec) => ({ plan: planToJson(spec.plan) }),
  decode: (json) => {
    const plan: LogicalPlan = planFromJson(new SpecReader(json).raw('plan'));
    if (plan.kind === 'recursion' || plan.kind === 'mutual-recursion') return { plan };
    throw new SqlError({ code: SqlState.dataCorrupted, message: 'damaged operator parameters in a job graph: a recursion expected' });
  },
};
