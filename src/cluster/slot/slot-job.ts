import { assert } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { keyGroupRange } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import {
  type BuiltTask,
  type JobDeployment,
  type RelationCatchUp,
  restoreTable,
  SourceTask,
  type TaskDescription,
  type TaskId,
} from '../../runtime/index.ts';
import type { ReadableRelation, StateTableDeclaration, TableRowsTaken } from '../../spi/index.ts';
import type { StateBlock } from '../../state/index.ts';
import type { DeployedTable, TaskReport } from '../transport/index.ts';
import type { Turn } from './rota.ts';
import type { TaskTime } from './task-time.ts';

/** A task of this slot with what the slot keeps beside it. */
export interface SlotTask {
  readonly description: TaskDescription;
  readonly built: BuiltTask;
  readonly turn: Turn;
  readonly time: TaskTime;
  /** Restored blocks, by operator and table, until the job runs. */
  readonly restored: Map<string, StateBlock[]>;
  readonly catchUps: { readonly edgeId: string; readonly catchUp: RelationCatchUp; readonly turn: Turn }[];
  lastEpoch: Epoch;
  /** What its metrics say of spilling, at the last barrier and of the epoch before it. */
  /** Rows of relations it has said to have read. */
  rowsTold: number;
  spilled: { readonly totalMs: number; readonly newestMs: number };
  finished: boolean;
}

/** The tasks of one job in one slot, one attempt. */
export class SlotJob {
  readonly jobId: string;
  readonly attempt: number;
  readonly maxParallelism: number;
  readonly tasks = new Map<string, SlotTask>();
  readonly readables: { readonly relation: RelationId; readonly task: TaskId; readonly readable: ReadableRelation }[] = [];
  /** Sinks into stored tables, by task. */
  readonly tableRowsTaken = new Map<string, TableRowsTaken>();
  running = false;

  constructor(deployment: JobDeployment) {
    this.jobId = deployment.jobId;
    this.attempt = deployment.attempt;
    this.maxParallelism = deployment.maxParallelism;
  }

  wakeAll(): void {
    for (const { turn } of this.tasks.values()) turn.wake();
  }

  task(id: TaskId): SlotTask | undefined {
    return id.attempt === this.attempt ? this.tasks.get(taskKey(id)) : undefined;
  }

  readable(relation: RelationId, id: TaskId): ReadableRelation | null {
    const found = this.readables.find((entry) => entry.relation === relation && taskKey(entry.task) === taskKey(id));
    return found?.readable ?? null;
  }

  reports(): TaskReport[] {
    return [...this.tasks.values()].map(({ description, built, time, catchUps }) => {
      time.settle();
      const tables = built.state.tables().map(({ operatorId, table }) => ({
        operatorId,
        table: table.declaration.name,
        keys: table.keyCount(),
        bytes: table.sizeBytes(),
        spilledBytes: table.spilledBytes?.() ?? 0,
      }));
      return {
        task: built.task.id,
        metrics: { ...built.task.metrics },
        tables,
        catchUps: catchUps.map(({ edgeId, catchUp }) => ({ edgeId, ...catchUp.progress() })),
        retainedBytes: this.#retainedBytes(built.task.id),
        positions: description.source?.private === true ? positionsOf(built.task) : null,
      };
    });
  }

  #retainedBytes(id: TaskId): number {
    const own = this.readables.filter(({ task }) => taskKey(task) === taskKey(id));
    return own.reduce((sum, { readable }) => sum + (readable.retainedBytes?.() ?? 0), 0);
  }

  /** Hands the restored blocks to the tables. */
  loadState(): void {
    for (const task of this.tasks.values()) {
      const { subtask, parallelism } = task.description;
      const owned = keyGroupRange(subtask, parallelism, this.maxParallelism);
      for (const { operatorId, table } of task.built.state.tables()) {
        const blocks = task.restored.get(tableKey(operatorId, table.declaration.name));
        if (blocks === undefined) continue;
        const { partitionKeyCount, replicated = false } = table.declaration;
        const all = { first: 0, last: replicated || subtask === 0 ? this.maxParallelism - 1 : -1 };
        restoreTable(table, blocks, replicated || partitionKeyCount === 0 ? all : owned);
      }
      task.restored.clear();
    }
  }
}

/** A private reader is asked for no other cut: its rows have been judged before. */
function positionsOf(task: BuiltTask['task']): ReadonlyMap<string, number> {
  assert(task instanceof SourceTask, 'a private reader is a source');
  return new Map(task.source.cut().map(({ split, position }) => [split, position]));
}

export function taskKey(id: { readonly vertex: string; readonly subtask: number }): string {
  return `${id.vertex}/${id.subtask}`;
}

export function tableKey(operatorId: string, table: string): string {
  return `${operatorId}/${table}`;
}

/** A state table as the JobManager is told of it. */
export function deployedTable(operatorId: string, { name, columns, keyCount, tieBreakers, replicated }: StateTableDeclaration): DeployedTable {
  return { operatorId, table: name, columns, keyCount, tieBreakers: tieBreakers ?? null, replicated: replicated === true };
}
