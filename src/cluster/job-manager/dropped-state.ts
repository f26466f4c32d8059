import type { StateStore } from '../../state/index.ts';
import type { RestoredStateStatus } from '../cluster-monitor.ts';
import type { JobRequest } from './job-manager-options.ts';
import type { RecordedPlans } from './recorded-plans.ts';
import { sizesOf } from './state-sizes.ts';

/**
 * State in the newest checkpoint that none of the jobs about to start goes on with: of relations that were dropped since, or that are built anew. `counted`: its rows and
 * bytes are wanted, which takes reading all of it.
 */
export async function droppedState(
  jobs: readonly JobRequest[],
  plans: RecordedPlans,
  { store, counted }: { readonly store: StateStore; readonly counted: boolean },
): Promise<RestoredStateStatus[]> {
  const joining = Object.keys(store.restoredRecord()?.joining ?? {});
  const started = new Set([...jobs.map(({ graph }) => graph.jobId), ...joining]);
  const stored = store.restoredOperators();
  const gone = [...plans].flatMap(([jobId, { name, operators }]) =>
    started.has(jobId) ? [] : operators.filter(({ id }) => stored.has(id)).map((operator) => ({ jobId, name, operator })),
  );
  const sizes = counted && gone.length > 0 ? await sizesOf(new Set(gone.map(({ operator }) => operator.id)), store) : null;
  return gone.map(({ jobId, name, operator: { id, kind, label } }): RestoredStateStatus => {
    const about = { jobId, name, kind: null, operator: label ?? kind, operatorId: id, state: 'dropped' } as const;
    if (sizes === null) return { ...about, rows: null, bytes: null };
    const tables = [...(sizes.get(id)?.values() ?? [])];
    return { ...about, rows: tables.reduce((sum, { rows }) => sum + rows, 0), bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0) };
  });
}
