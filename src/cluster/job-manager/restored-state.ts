import type { Logger } from '../../base/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { RestoredStateStatus } from '../cluster-monitor.ts';
import type { TaskReport } from '../transport/index.ts';
import { isPrivateReader } from './job-topology.ts';
import type { ManagedJob } from './managed-job.ts';
import type { RecordedPlan, RecordedPlans } from './recorded-plans.ts';
import { statefulOperators } from './saved-jobs.ts';
import type { TableSize } from './state-sizes.ts';

/** Jobs that the line in the log names of each kind. */
const NAMED_MAX = 20;

/** Of a job that this start brings up. */
interface Expected {
  /** Has state in the checkpoint. */
  readonly restored: boolean;
  /** Null: the checkpoint does not say which operators. */
  readonly recorded: RecordedPlan | null;
  /** Its operators with the state they have before their first row; null until all of its slots have them. */
  operators: readonly RestoredStateStatus[] | null;
  readonly reports: Map<number, readonly TaskReport[]>;
}

export interface RestoredStateParts {
  readonly store: StateStore;
  readonly logger: Logger;
  readonly plans: RecordedPlans;
  /** State of jobs that do not start. */
  readonly dropped: readonly RestoredStateStatus[];
}

/** What became of the checkpoint's state at this server's start: counted by the slots once they have loaded it, so that nothing is read twice. */
export class RestoredState {
  readonly #parts: RestoredStateParts;
  readonly #expected = new Map<string, Expected>();

  constructor(parts: RestoredStateParts) {
    this.#parts = parts;
  }

  /** These jobs are about to start. A start without a checkpoint goes on from nothing, and lists nothing. */
  expect(jobs: readonly ManagedJob[]): void {
    const { store, plans } = this.#parts;
    if (store.restoredRecord() === null) return;
    for (const { id, inCheckpoint } of jobs) {
      this.#expected.set(id, { restored: inCheckpoint, recorded: plans.get(id) ?? null, operators: null, reports: new Map() });
    }
  }

  /** A slot has loaded what the checkpoint has for its tasks of the job. Only the first time counts: later ones are restarts. */
  loaded(job: ManagedJob, slot: number, tasks: readonly TaskReport[]): void {
    const expected = this.#expected.get(job.id);
    if (expected === undefined || expected.operators !== null) return;
    expected.reports.set(slot, tasks);
    const slots = new Set(job.tasks.map((task) => job.slotOf(task)));
    if ([...slots].some((one) => !expected.reports.has(one))) return;
    expected.operators = operatorsOf(job, expected);
    expected.reports.clear();
    if ([...this.#expected.values()].every(({ operators }) => operators !== null)) this.#tell();
  }

  /** By relation in the order of their jobs; those that have not come up yet are missing. */
  rows(): readonly RestoredStateStatus[] {
    return [...[...this.#expected.values()].flatMap(({ operators }) => operators ?? []), ...this.#parts.dropped];
  }

  #tell(): void {
    const rows = this.rows();
    const named = (state: RestoredStateStatus['state']): string | undefined => {
      const names = [...new Set(rows.filter((row) => row.state === state).map(({ name, jobId }) => name ?? `job ${jobId}`))];
      if (names.length === 0) return undefined;
      return names.length > NAMED_MAX ? `${names.slice(0, NAMED_MAX).join(', ')} and ${names.length - NAMED_MAX} more` : names.join(', ');
    };
    const sum = (value: (row: RestoredStateStatus) => number | null): number => rows.reduce((total, row) => total + (value(row) ?? 0), 0);
    const { logger, store } = this.#parts;
    logger.log('info', 'went on from a checkpoint; fsql_catalog.restored_state has the whole list', {
      epoch: store.restoredRecord()?.epoch,
      restored: named('restored'),
      rows: sum(({ rows: count }) => count),
      bytes: sum(({ bytes }) => bytes),
      new: named('new'),
      dropped: named('dropped'),
    });
  }
}

function operatorsOf(job: ManagedJob, { restored, recorded, reports }: Expected): RestoredStateStatus[] {
  const sizes = new Map<string, TableSize>();
  for (const { task, tables } of [...reports.values()].flat()) {
    if (isPrivateReader(task.vertex)) continue;
    for (const { operatorId, keys, bytes, spilledBytes } of tables) {
      const sum = sizes.get(operatorId) ?? { rows: 0, bytes: 0 };
      sizes.set(operatorId, { rows: sum.rows + keys, bytes: sum.bytes + bytes + spilledBytes });
    }
  }
  const { id: jobId, graph } = job;
  return statefulOperators(job).map(({ id, kind, label }): RestoredStateStatus => {
    const known = restored && (recorded === null || recorded.operators.some((one) => one.id === id));
    const about = { jobId, name: graph.name, kind: graph.kind, operator: label ?? kind, operatorId: id };
    return known ? { ...about, state: 'restored', ...sizes.get(id)! } : { ...about, state: 'new', rows: null, bytes: null };
  });
}
