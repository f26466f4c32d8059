import { createHash } from 'node:crypto';
import { storageNumber } from '../../catalog/index.ts';
import type { PhysicalPlan } from './physical-plan.ts';

/**
 * Identity of an operator's state: a hash of what it computes (kind, parameters, inputs) and a disambiguator from the catalog, never
 * a position. An unrelated change elsewhere leaves it unchanged; changing the operator's own meaning changes it.
 */
export function operatorId(kind: string, parameters: unknown, inputIds: readonly string[], disambiguator: string): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, parameters, inputIds, disambiguator]))
    .digest('hex')
    .slice(0, 24);
}

/** The id an operator of a plan has in the job of the object the disambiguator names. */
export function planOperatorId(plan: PhysicalPlan, disambiguator: string): string {
  if (plan.kind === 'relation') return operatorId('relation', [storageNumber(plan.relation), plan.paths], [], '');
  const inputs = plan.inputs.map((input) => planOperatorId(input.plan, disambiguator));
  return operatorId(plan.operator.kind, plan.operator.parameters, inputs, disambiguator);
}
