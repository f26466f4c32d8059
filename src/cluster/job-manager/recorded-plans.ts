import { batchFromRows, decodeBatch, encodeBatch, rowsOf } from '../../batch/index.ts';
import { consolidateBlocks, type SavedOperator, type SavepointJob, type StateBlock, type StateStore } from '../../state/index.ts';

const MARKER_PREFIX = 'job:';
const MARKER_TABLE = 'job';
const PLAN_TABLE = 'plan';
const int8 = { kind: 'int8' } as const;
const textType = { kind: 'text' } as const;

/** An operator with state, in words that outlive the plan it was in. */
export interface RecordedOperator {
  readonly id: string;
  readonly kind: string;
  /** Absent where a savepoint was made before versions were recorded. */
  readonly version?: number;
  readonly label?: string;
  readonly tables: readonly RecordedTable[];
}

export interface RecordedTable {
  readonly name: string;
  /** SQL names of the columns' types; the first `keyCount` are the key. */
  readonly columns: readonly string[];
  readonly keyCount: number;
}

/** An operator's table as errors name it. */
export function tableText({ id, kind, label }: RecordedOperator, table: string): string {
  return `${label ?? kind} (${kind} ${id}), table "${table}"`;
}

/** What a checkpoint says of a job. */
export interface RecordedPlan {
  /** The relation's name then; null: the checkpoint does not say. */
  readonly name: string | null;
  /** Those with state. */
  readonly operators: readonly RecordedOperator[];
}

/** By job id. */
export type RecordedPlans = ReadonlyMap<string, RecordedPlan>;

/** The operator that stands for the job itself: its rows say that the job is part of the checkpoint, and what its plan was. */
export function markerId(job: string): string {
  return MARKER_PREFIX + job;
}

/** The job a marker stands for; null for any other operator. */
export function jobOfMarker(operatorId: string): string | null {
  return operatorId.startsWith(MARKER_PREFIX) ? operatorId.slice(MARKER_PREFIX.length) : null;
}

/** The marker as a savepoint describes it; what it says of the plan is said by the savepoint itself. */
export function markerOperator(job: string): SavedOperator {
  return { id: markerId(job), kind: 'job', tables: [{ name: MARKER_TABLE, columns: ['bigint'], keyCount: 1, tieBreakers: null }] };
}

/** Says that a job is part of the checkpoint, also when it keeps no state. The same at every time: savepoints hold it, too. */
export function markerBlock(job: string): StateBlock {
  return blockOf(job, MARKER_TABLE, encodeBatch(batchFromRows([int8], [[1n]])));
}

/** Not part of a savepoint's state, where equal state makes equal bytes: what an operator is called may change. */
export function isPlanRecord({ operatorId, table }: { readonly operatorId: string; readonly table: string }): boolean {
  return jobOfMarker(operatorId) !== null && table === PLAN_TABLE;
}

/** The plan as the text that is recorded: a list of operators, each with its relation's name, which earlier versions pass over. */
export function planText({ name: relation, operators }: RecordedPlan): string {
  return JSON.stringify(
    operators.map(({ id, kind, version, label, tables }) => ({
      id,
      kind,
      version,
      label,
      relation,
      tables: tables.map(({ name, columns, keyCount }) => ({ name, columns, keyCount })),
    })),
  );
}

export function planOfText(text: string): RecordedPlan {
  const operators = JSON.parse(text) as (RecordedOperator & { readonly relation?: string | null })[];
  return { name: operators[0]?.relation ?? null, operators };
}

export function planBlock(job: string, text: string): StateBlock {
  return blockOf(job, PLAN_TABLE, encodeBatch(batchFromRows([int8, textType], [[1n, text]])));
}

/** What a savepoint says of its jobs, as the checkpoint that is made of it records it. */
export function plansOfSavepoint(jobs: readonly SavepointJob[]): StateBlock[] {
  return jobs.map(({ id, name, operators }) => planBlock(id, planText({ name, operators: operators.filter((one) => jobOfMarker(one.id) === null) })));
}

/** The plans of the checkpoint that a start goes on from. Jobs whose checkpoints have recorded none are missing. */
export async function readPlans(store: StateStore): Promise<RecordedPlans> {
  const plans = new Map<string, RecordedPlan>();
  for (const operatorId of store.restoredOperators()) {
    const job = jobOfMarker(operatorId);
    if (job === null) continue;
    const blocks: StateBlock[] = [];
    for await (const block of store.load(operatorId, PLAN_TABLE)) blocks.push(block);
    if (blocks.length === 0) continue;
    const [row] = rowsOf(decodeBatch(consolidateBlocks(blocks).upserts));
    plans.set(job, planOfText(row![1] as string));
  }
  return plans;
}

function blockOf(job: string, table: string, upserts: Uint8Array): StateBlock {
  const deletes = encodeBatch(batchFromRows([int8], []));
  return { operatorId: markerId(job), table, keyGroup: 0, upserts, deletes, upsertCount: 1, deleteCount: 0 };
}
