import { type Logger, SqlError, SqlState } from '../../base/index.ts';
import type { OperatorSpec } from '../../jobgraph/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { JobRequest } from './job-manager-options.ts';
import { jobOfMarker, type RecordedOperator, type RecordedPlans, tableText } from './recorded-plans.ts';
import { sizesOf } from './state-sizes.ts';

/** Tables that an error lists. */
const LISTED_MAX = 10;

/** A table of state that no operator of its job would read. */
interface UnclaimedTable {
  readonly job: JobRequest['graph'];
  readonly operator: RecordedOperator;
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly reason: string;
}

/** A checkpoint holds rows for jobs of the catalog that their plans do not read: started as they are, these jobs would go on without them. */
export class UnclaimedState extends SqlError {
  override readonly name = 'UnclaimedState';
  /** Ids of those jobs. */
  readonly jobs: readonly string[];

  constructor(tables: readonly UnclaimedTable[]) {
    const names = [...new Set(tables.map(({ job }) => `${job.kind} "${job.name}"`))];
    const lines = tables.slice(0, LISTED_MAX).map(described);
    if (tables.length > LISTED_MAX) lines.push(`and ${tables.length - LISTED_MAX} more`);
    super({
      code: SqlState.objectNotInPrerequisiteState,
      message: `the checkpoint holds state of ${names.join(', ')} that would be dropped`,
      detail: lines.join('\n'),
      hint: 'Start with the version and the definitions that wrote it; or with --allow-dropped-state, which builds these jobs and what reads them anew from their inputs.',
      class: 'user',
    });
    this.jobs = [...new Set(tables.map(({ job }) => job.jobId))];
  }
}

function described({ job, operator, table, rows, bytes, reason }: UnclaimedTable): string {
  return `${job.name}: ${tableText(operator, table)}, ${rows} rows, ${bytes} bytes: ${reason}`;
}

/**
 * Of the jobs about to start, all state in the newest checkpoint must be somebody's: of an operator with the same id, which reads the version it was written
 * in. State of jobs that are not among them is not wanted any more. Throws UnclaimedState; tables without rows are nobody's loss.
 */
export async function requireClaimed(jobs: readonly JobRequest[], recorded: RecordedPlans, parts: StateAtStart): Promise<void> {
  const { store } = parts;
  warnOfUnrecorded(jobs, recorded, parts);
  const stored = store.restoredOperators();
  const suspects = jobs.flatMap(({ graph }) => {
    const planned = new Map(graph.vertices.flatMap(({ operators }) => operators).map((spec) => [spec.operatorId, spec]));
    const own = (recorded.get(graph.jobId)?.operators ?? []).filter(({ id }) => stored.has(id));
    return own.flatMap((operator) => {
      const reason = reasonAgainst(operator, planned.get(operator.id));
      return reason === null ? [] : [{ job: graph, operator, reason }];
    });
  });
  if (suspects.length === 0) return;
  const sizes = await sizesOf(new Set(suspects.map(({ operator }) => operator.id)), store);
  const unclaimed = suspects.flatMap((suspect) =>
    [...(sizes.get(suspect.operator.id) ?? [])].map(([table, size]): UnclaimedTable => ({ ...suspect, table, ...size })),
  );
  if (unclaimed.length > 0) throw new UnclaimedState(unclaimed);
}

export interface StateAtStart {
  readonly store: StateStore;
  readonly logger: Logger;
}

/** Null: the operator reads that state. */
function reasonAgainst(operator: RecordedOperator, planned: OperatorSpec | undefined): string | null {
  if (planned === undefined) return 'no operator of the plan goes on with it';
  if (operator.version === undefined || operator.version === planned.version) return null;
  return `it is of version ${operator.version} of the operator, this fsql reads version ${planned.version}`;
}

/** Directories whose newest checkpoint is of a time before plans were recorded cannot be compared with anything. */
function warnOfUnrecorded(jobs: readonly JobRequest[], recorded: RecordedPlans, { store, logger }: StateAtStart): void {
  const inCheckpoint = new Set([...store.restoredOperators()].map(jobOfMarker));
  const unknown = jobs.filter(({ graph }) => inCheckpoint.has(graph.jobId) && !recorded.has(graph.jobId)).map(({ graph }) => graph.name);
  if (unknown.length === 0) return;
  logger.log('warn', 'the checkpoint does not say which operators its state is of: nothing tells whether all of it is read', {
    jobs: unknown.join(', '),
  });
}
