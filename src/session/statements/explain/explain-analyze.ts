import { SqlError, SqlState } from '../../../base/index.ts';
import type { Relation } from '../../../catalog/index.ts';
import type { SubtaskStatus, TimeRatios } from '../../../cluster/index.ts';
import type { Json } from '../../../jobgraph/index.ts';
import { hasJob, relationId } from '../../engine/index.ts';
import type { StatementContext } from '../../statement-context.ts';
import type { Explanation } from './explanation.ts';

/** What the job of a relation has done and does: rows, shares of the time, state, chain by chain and subtask by subtask. Errors: 42809, 55000. */
export function explainAnalyzeJob(relation: Relation, { engine }: StatementContext, position: number): Explanation {
  if (!hasJob(relation)) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${relation.name}" has no job`,
      hint: 'EXPLAIN ANALYZE its query instead.',
      position,
    });
  }
  const id = relationId(relation);
  const { cluster } = engine;
  const job = cluster.jobs().find((one) => one.jobId === id);
  if (job === undefined) {
    throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `the job of "${relation.name}" does not run`, position });
  }
  const { graph } = engine.jobOf(relation);
  const subtasks = cluster.monitor.subtasks().filter((one) => one.jobId === id);
  const held = heldByOperator(id, engine.cluster.monitor.operatorStates());
  const chains = graph.vertices.map((vertex) => ({ vertex, subtasks: subtasks.filter((one) => one.vertexId === vertex.id) }));
  const total = (list: readonly SubtaskStatus[], of: 'rowsIn' | 'rowsOut'): number => list.reduce((sum, one) => sum + one[of], 0);
  const lines = chains.flatMap(({ vertex, subtasks: own }) => [
    `${vertex.id} x ${vertex.parallelism} · ${total(own, 'rowsIn')} rows in, ${total(own, 'rowsOut')} rows out`,
    ...vertex.operators.map(({ label, operatorId }) => `  ${label}${stateText(held.get(operatorId))}`),
    ...own.map((one) => `  subtask ${one.subtask}: ${one.rowsIn} rows in, ${one.rowsOut} rows out${ratioText(one.ratios)}`),
  ]);
  const json: Json = {
    Job: job.name,
    State: job.state,
    ...(job.epochPaceMs !== null && { 'Epoch Pace': job.epochPaceMs }),
    Chains: chains.map(({ vertex, subtasks: own }) => ({
      Chain: vertex.id,
      Operators: vertex.operators.map(({ label, operatorId }) => ({ Operator: label, ...held.get(operatorId) })),
      Subtasks: own.map((one) => ({
        Subtask: one.subtask,
        'Rows In': one.rowsIn,
        'Rows Out': one.rowsOut,
        ...(one.ratios === null ? {} : { ...one.ratios }),
      })),
    })),
  };
  const pace = job.epochPaceMs === null ? '' : ` · spilling, an epoch every ${Math.round(job.epochPaceMs)} ms`;
  return { lines: [`Job ${job.name} (${job.kind}) · ${job.state} · ${job.restarts} restarts${pace}`, ...lines], json };
}

interface Held {
  readonly Entries: number;
  readonly Bytes: number;
  readonly 'Spilled Bytes': number;
}

function heldByOperator(jobId: string, states: ReturnType<StatementContext['engine']['cluster']['monitor']['operatorStates']>): Map<string, Held> {
  const held = new Map<string, Held>();
  for (const one of states) {
    if (one.jobId !== jobId) continue;
    const before = held.get(one.operator) ?? { Entries: 0, Bytes: 0, 'Spilled Bytes': 0 };
    const spilled = before['Spilled Bytes'] + one.spilledBytes;
    held.set(one.operator, { Entries: before.Entries + one.keys, Bytes: before.Bytes + one.bytes, 'Spilled Bytes': spilled });
  }
  return held;
}

function stateText(held: Held | undefined): string {
  if (held === undefined) return '';
  const spilled = held['Spilled Bytes'];
  return ` · state ${held.Entries} entries, ${held.Bytes} bytes${spilled === 0 ? '' : `, ${spilled} on disk`}`;
}

function ratioText(ratios: TimeRatios | null): string {
  if (ratios === null) return '';
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return ` · busy ${percent(ratios.busy)}, idle ${percent(ratios.idle)}, backpressured ${percent(ratios.backpressured)}`;
}
