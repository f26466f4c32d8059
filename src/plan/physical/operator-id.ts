import { createHash } from 'node:crypto';
import { storageNumber } from '../../catalog/index.ts';
import type { PhysicalPlan } from './physical-plan.ts';

interface OperatorMeaning {
  readonly kind: string;
  readonly parameters: unknown;
  readonly inputIds: readonly string[];
  readonly disambiguator: string;
  readonly twin?: number | undefined;
}

/**
 * Identity of an operator's state: a hash of what it computes (kind, parameters, inputs) and a disambiguator from the catalog, never
 * a position. An unrelated change elsewhere leaves it unchanged; changing the operator's own meaning changes it.
 */
function operatorId({ kind, parameters, inputIds, disambiguator, twin }: OperatorMeaning): string {
  return createHash('sha256')
    .update(JSON.stringify([kind, parameters, inputIds, disambiguator, ...(twin === undefined ? [] : [twin])]))
    .digest('hex')
    .slice(0, 24);
}

/** The id an operator of a plan has in the job of the object the disambiguator names. `known` keeps what was found for the nodes of one such plan. */
export function planOperatorId(plan: PhysicalPlan, disambiguator: string, known = new Map<PhysicalPlan, string>()): string {
  let id = known.get(plan);
  if (id === undefined) {
    id = freshId(plan, disambiguator, known);
    known.set(plan, id);
  }
  return id;
}

function freshId(plan: PhysicalPlan, disambiguator: string, known: Map<PhysicalPlan, string>): string {
  if (plan.kind === 'relation') {
    const aside = plan.setAside === undefined ? [] : [plan.setAside];
    return operatorId({ kind: 'relation', parameters: [storageNumber(plan.relation), plan.paths, ...aside], inputIds: [], disambiguator: '' });
  }
  const inputIds = plan.inputs.map((input) => planOperatorId(input.plan, disambiguator, known));
  const { kind, parameters } = plan.operator;
  return operatorId({ kind, parameters, inputIds, disambiguator, twin: plan.twin });
}
