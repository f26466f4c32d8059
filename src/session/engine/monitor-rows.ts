import type { SystemProviders, SystemRow } from '../../catalog/index.ts';
import type { Cluster, HistoryEntry, RestoredStateStatus, SlotStatus, SubtaskStatus, TaskManagerStatus, VertexStatus } from '../../cluster/index.ts';

/** Rows of fsql_catalog's relations about the running cluster. `origin`: where the rows of a job's relation come from when it begins without state. */
export function monitorProviders(cluster: () => Cluster, origin: (jobId: string) => readonly string[]): SystemProviders {
  return {
    job_vertices: () => cluster().monitor.vertices().map(vertexRow),
    subtasks: () => cluster().monitor.subtasks().map(subtaskRow),
    task_managers: () => cluster().monitor.taskManagers().map(taskManagerRow),
    slots: () => cluster().monitor.slots().map(slotRow),
    epochs: () => cluster().monitor.epochs().map(historyRow),
    checkpoints: () => cluster().monitor.checkpoints().map(historyRow),
    sink_progress: () => cluster().monitor.sinks().map(sinkRow),
    operator_state: () => cluster().monitor.operatorStates().map(stateRow),
    restored_state: () =>
      cluster()
        .monitor.restoredState()
        .map((one) => restoredRow(one, origin)),
  };
}

function vertexRow(one: VertexStatus): SystemRow {
  return {
    job_id: one.jobId,
    vertex_id: one.vertexId,
    chain: one.operators.join(' -> '),
    operators: { elements: [...one.operators] },
    parallelism: one.parallelism,
    ...flowColumns(one),
  };
}

function subtaskRow(one: SubtaskStatus): SystemRow {
  return {
    job_id: one.jobId,
    vertex_id: one.vertexId,
    subtask: one.subtask,
    attempt: one.attempt,
    slot: one.slot,
    ...flowColumns(one),
  };
}

/** What a vertex and a subtask show alike. */
function flowColumns(one: VertexStatus | SubtaskStatus): SystemRow {
  return {
    state: one.state,
    rows_in: BigInt(one.rowsIn),
    rows_out: BigInt(one.rowsOut),
    bytes_in: BigInt(one.bytesIn),
    bytes_out: BigInt(one.bytesOut),
    busy_ratio: one.ratios?.busy ?? null,
    idle_ratio: one.ratios?.idle ?? null,
    backpressured_ratio: one.ratios?.backpressured ?? null,
    watermark: one.watermarkMicros,
  };
}

function taskManagerRow(one: TaskManagerStatus): SystemRow {
  return {
    id: one.id,
    address: one.address,
    slots: one.slots,
    free: one.freeSlots,
    memory_budget_bytes: BigInt(one.memoryBudgetBytes),
    memory_used_bytes: BigInt(one.memoryUsedBytes),
    last_heartbeat: one.lastHeartbeatMicros,
  };
}

function slotRow(one: SlotStatus): SystemRow {
  return {
    id: one.id,
    task_manager: one.taskManager,
    state: one.state,
    slot_sharing_group: one.slotSharingGroup,
    jobs: { elements: [...one.jobs] },
    memory_budget_bytes: BigInt(one.memoryBudgetBytes),
    memory_used_bytes: BigInt(one.memoryUsedBytes),
  };
}

function historyRow(one: HistoryEntry): SystemRow {
  return {
    id: BigInt(one.id),
    state: one.state,
    trigger: one.trigger,
    started_at: one.startedAtMicros,
    duration_ms: one.durationMs,
    bytes: one.bytes === null ? null : BigInt(one.bytes),
    rows: one.rows === null ? null : BigInt(one.rows),
    failure: one.failure,
  };
}

function sinkRow(one: ReturnType<Cluster['monitor']['sinks']>[number]): SystemRow {
  return {
    sink: one.sink,
    committed_epoch: BigInt(one.committedEpoch),
    rows: BigInt(one.rows),
    pending_rows: BigInt(one.pendingRows),
    last_error: one.problem,
    delivery: one.delivery,
    pending_bytes: BigInt(one.pendingBytes),
    marker: one.marker,
  };
}

function stateRow(one: ReturnType<Cluster['monitor']['operatorStates']>[number]): SystemRow {
  return {
    job_id: one.jobId,
    operator: one.operator,
    table_name: one.table,
    keys: BigInt(one.keys),
    bytes: BigInt(one.bytes),
    spilled_bytes: BigInt(one.spilledBytes),
  };
}

function restoredRow(one: RestoredStateStatus, origin: (jobId: string) => readonly string[]): SystemRow {
  const from = one.state === 'new' ? origin(one.jobId) : [];
  return {
    job_id: one.jobId,
    relation: one.name,
    kind: one.kind,
    operator: one.operator,
    operator_id: one.operatorId,
    state: one.state,
    rows: one.rows === null ? null : BigInt(one.rows),
    bytes: one.bytes === null ? null : BigInt(one.bytes),
    built_from: from.length === 0 ? null : { elements: [...from] },
  };
}
