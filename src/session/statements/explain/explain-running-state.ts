import { explainState, type HeldState, planOperatorId } from '../../../plan/index.ts';
import { relationId } from '../../engine/index.ts';
import type { StatementContext } from '../../statement-context.ts';
import type { ExplainedQuery } from './explain-target.ts';
import type { Explanation } from './explanation.ts';

/** What a query's operators keep; of a relation that runs, with what they hold now. */
export function explainRunningState({ relation, root }: ExplainedQuery, { engine }: StatementContext): Explanation {
  const { lines, json } = explainState(root(), (node) => {
    if (relation === null) return null;
    return heldBy(planOperatorId(node, relationId(relation)));
  });
  return { lines, json: { State: json } };

  function heldBy(operator: string): HeldState | null {
    const tables = engine.cluster.monitor.operatorStates().filter((one) => one.operator === operator && one.jobId === relationId(relation!));
    if (tables.length === 0) return null;
    return { keys: tables.reduce((sum, { keys }) => sum + keys, 0), bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0) };
  }
}
