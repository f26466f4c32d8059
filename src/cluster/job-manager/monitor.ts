import type { Clock, Timer } from '../../base/index.ts';
import type { TaskMetrics } from '../../runtime/index.ts';
import type {
  BackfillStatus,
  ClusterMonitor,
  HistoryEntry,
  OperatorStateStatus,
  RestoredStateStatus,
  SinkProgressStatus,
  SlotStatus,
  SubtaskStatus,
  TaskManagerStatus,
  TimeRatios,
  VertexStatus,
} from '../cluster-monitor.ts';
import type { FromSlot } from '../transport/index.ts';
import { backfillStatus } from './backfill.ts';
import { History } from './history.ts';
import type { JobRegistry } from './job-registry.ts';
import { isPrivateReader } from './job-topology.ts';
import { type ManagedJob, taskName } from './managed-job.ts';
import { RestoredState, type RestoredStateParts } from './restored-state.ts';
import type { SlotFleet, SlotPlace } from './slot-fleet.ts';

/** From the end of an epoch to the reports that show it; epochs in between share them. */
const REPORT_INTERVAL_MS = 1000;

export interface MonitorParts extends RestoredStateParts {
  readonly registry: JobRegistry;
  readonly fleet: SlotFleet;
  readonly clock: Clock;
  readonly stateBytesMax: number;
  /** Of changes that a subtask should keep for others. */
  readonly pinnedBytesMax: number;
  /** Ask for a report at every epoch: epochs are on demand, and nobody waits a second. */
  readonly eager: boolean;
}

type Report = Extract<FromSlot, { kind: 'report' }>;
type TaskReport = Report['tasks'][number];

interface KeptReport extends TaskReport {
  readonly slot: number;
  /** As of the report before. */
  readonly before: TaskMetrics | null;
}

/** Collects what the slots report of their tasks, and answers with it. */
export class Monitor implements ClusterMonitor {
  readonly epochHistory: History;
  readonly checkpointHistory: History;
  readonly restored: RestoredState;
  readonly #parts: MonitorParts;
  readonly #reports = new Map<string, KeptReport>();
  readonly #reportedAt = new Map<number, bigint>();
  #timer: Timer | null = null;

  constructor(parts: MonitorParts) {
    this.#parts = parts;
    this.restored = new RestoredState(parts);
    this.epochHistory = new History(parts.clock);
    this.checkpointHistory = new History(parts.clock);
  }

  /** An epoch ends: the slots are asked to report within a second, when its rows have gone through, even if no other epoch follows. */
  ask(): void {
    if (this.#parts.eager) this.#parts.fleet.broadcast({ kind: 'report' });
    else this.#timer ??= this.#parts.clock.after(REPORT_INTERVAL_MS, () => this.#askNow());
  }

  close(): void {
    this.#timer?.cancel();
  }

  #askNow(): void {
    this.#timer = null;
    this.#parts.fleet.broadcast({ kind: 'report' });
    // While a new job reads what its inputs hold no epoch need end.
    if (this.#parts.registry.all().some((job) => job.backfill !== null && !job.published)) this.ask();
  }

  reported(slot: number, report: Report): void {
    this.#reportedAt.set(slot, this.#parts.clock.nowMicros());
    for (const one of report.tasks) {
      const key = reportKey(one.task);
      const last = this.#reports.get(key);
      const sameAttempt = last !== undefined && last.task.attempt === one.task.attempt;
      this.#reports.set(key, { ...one, slot, before: sameAttempt ? last.metrics : null });
    }
  }

  /** The job has gone. */
  forget(jobId: string): void {
    for (const [key, { task }] of this.#reports) if (task.jobId === jobId) this.#reports.delete(key);
  }

  subtasks(): readonly SubtaskStatus[] {
    const places = new Map(this.#parts.fleet.places().map((place) => [place.slot, placeName(place)]));
    return this.#parts.registry.all().flatMap((job) => {
      const { tasks } = this.#parts.registry.execution(job);
      const own = job.tasks.filter((task) => !isPrivateReader(task.vertex));
      return own.map((task) => ({
        ...this.#subtask(job, task, tasks[taskName(task)] ?? 'SCHEDULED'),
        slot: places.get(job.slotOf(task)) ?? null,
      }));
    });
  }

  vertices(): readonly VertexStatus[] {
    const subtasks = this.subtasks();
    return this.#parts.registry.all().flatMap((job) =>
      job.graph.vertices.map((vertex) => {
        const own = subtasks.filter((subtask) => subtask.jobId === job.id && subtask.vertexId === vertex.id);
        return vertexStatus(
          { jobId: job.id, vertexId: vertex.id, operators: vertex.operators.map(({ label }) => label), parallelism: vertex.parallelism },
          own,
        );
      }),
    );
  }

  slots(): readonly SlotStatus[] {
    const { registry, fleet, stateBytesMax } = this.#parts;
    return fleet.places().map((place): SlotStatus => {
      const { taskManager, slot, group } = place;
      const jobs = slot === null ? [] : registry.all().filter((job) => job.tasks.some((task) => job.slotOf(task) === slot));
      let used = 0;
      for (const { slot: reporter, tables } of this.#reports.values()) if (reporter === slot) for (const { bytes } of tables) used += bytes;
      return {
        id: placeName(place),
        taskManager,
        state: jobs.length === 0 ? 'free' : 'allocated',
        slotSharingGroup: jobs.length === 0 ? null : group,
        jobs: jobs.map((job) => job.id),
        memoryBudgetBytes: stateBytesMax,
        memoryUsedBytes: used,
        reportedAtMicros: slot === null ? null : (this.#reportedAt.get(slot) ?? null),
      };
    });
  }

  taskManagers(): readonly TaskManagerStatus[] {
    const slots = this.slots();
    const hosts = this.#parts.fleet.taskManagers.filter((host) => host.slots > 0);
    return hosts.map((host): TaskManagerStatus => {
      const own = slots.filter((slot) => slot.taskManager === host.id);
      const reported = own.flatMap(({ reportedAtMicros }) => reportedAtMicros ?? []);
      return {
        id: host.id,
        address: host.address,
        slots: host.slots,
        freeSlots: own.filter(({ state }) => state === 'free').length,
        memoryBudgetBytes: own.reduce((sum, slot) => sum + slot.memoryBudgetBytes, 0),
        memoryUsedBytes: own.reduce((sum, slot) => sum + slot.memoryUsedBytes, 0),
        lastHeartbeatMicros: host.lastHeartbeatMicros ?? reported.sort((left, right) => Number(left - right)).at(-1) ?? null,
      };
    });
  }

  epochs(): readonly HistoryEntry[] {
    return this.epochHistory.entries();
  }

  checkpoints(): readonly HistoryEntry[] {
    return this.checkpointHistory.entries();
  }

  operatorStates(): readonly OperatorStateStatus[] {
    const states = new Map<string, { jobId: string; operator: string; table: string; keys: number; bytes: number; spilledBytes: number }>();
    for (const { task, tables } of this.#reports.values()) {
      if (isPrivateReader(task.vertex)) continue;
      for (const { operatorId, table, keys, bytes, spilledBytes } of tables) {
        const key = `${task.jobId}/${operatorId}/${table}`;
        const sum = states.get(key) ?? { jobId: task.jobId, operator: operatorId, table, keys: 0, bytes: 0, spilledBytes: 0 };
        sum.keys += keys;
        sum.bytes += bytes;
        sum.spilledBytes += spilledBytes;
        states.set(key, sum);
      }
    }
    return [...states.values()];
  }

  restoredState(): readonly RestoredStateStatus[] {
    return this.restored.rows();
  }

  sinks(): readonly SinkProgressStatus[] {
    return this.#parts.registry.all().flatMap((job) => {
      const subtasks = [...job.sinkProgress.values()];
      if (subtasks.length === 0) return [];
      const sum = (value: (one: (typeof subtasks)[number]) => number): number => subtasks.reduce((total, one) => total + value(one), 0);
      return {
        jobId: job.id,
        sink: job.graph.name,
        committedEpoch: Math.min(...subtasks.map((one) => one.committedEpoch)),
        rows: sum((one) => one.rows),
        pendingRows: sum((one) => one.pendingRows),
        problem: subtasks.find((one) => one.problem !== null)?.problem ?? null,
        delivery: subtasks[0]!.delivery,
        pendingBytes: sum((one) => one.pendingBytes),
        marker: subtasks.find((one) => one.marker !== null)?.marker ?? null,
      };
    });
  }

  /** One of its subtasks keeps more of the changes to its relations than it should. */
  keepsTooMuch(job: ManagedJob): boolean {
    const { pinnedBytesMax } = this.#parts;
    for (const { task, retainedBytes } of this.#reports.values()) if (task.jobId === job.id && retainedBytes > pinnedBytesMax) return true;
    return false;
  }

  backfill(jobId: string): BackfillStatus | null {
    return backfillStatus(jobId, this.#parts.registry, this.#reports.values());
  }

  #subtask(job: ManagedJob, task: { readonly vertex: string; readonly subtask: number }, state: string): Omit<SubtaskStatus, 'slot'> {
    const report = this.#reports.get(reportKey({ jobId: job.id, ...task }));
    const metrics = report?.task.attempt === job.attempt ? report.metrics : null;
    return {
      jobId: job.id,
      vertexId: task.vertex,
      subtask: task.subtask,
      attempt: job.attempt,
      state,
      rowsIn: metrics?.rowsIn ?? 0,
      rowsOut: metrics?.rowsOut ?? 0,
      bytesIn: metrics?.bytesIn ?? 0,
      bytesOut: metrics?.bytesOut ?? 0,
      ratios: metrics === null ? null : ratiosOf(metrics, report!.before),
      watermarkMicros: metrics?.watermarkMicros ?? null,
    };
  }
}

function placeName({ taskManager, index }: SlotPlace): string {
  return `${taskManager}/${index}`;
}

function ratiosOf(now: TaskMetrics, before: TaskMetrics | null): TimeRatios | null {
  const busy = now.busyMs - (before?.busyMs ?? 0);
  const idle = now.idleMs - (before?.idleMs ?? 0);
  const backpressured = now.backpressuredMs - (before?.backpressuredMs ?? 0);
  const total = busy + idle + backpressured;
  return total <= 0 ? null : { busy: busy / total, idle: idle / total, backpressured: backpressured / total };
}

function vertexStatus(
  vertex: Pick<VertexStatus, 'jobId' | 'vertexId' | 'operators' | 'parallelism'>,
  subtasks: readonly SubtaskStatus[],
): VertexStatus {
  const sum = (value: (one: SubtaskStatus) => number): number => subtasks.reduce((total, one) => total + value(one), 0);
  const ratios = subtasks.flatMap((one) => one.ratios ?? []).sort((left, right) => right.busy + right.backpressured - left.busy - left.backpressured);
  const states = new Set(subtasks.map(({ state }) => state));
  const watermarks = subtasks.flatMap(({ watermarkMicros }) => (watermarkMicros === null ? [] : [watermarkMicros]));
  return {
    ...vertex,
    state: states.size === 1 ? [...states][0]! : (['FAILED', 'CANCELING', 'SCHEDULED', 'DEPLOYING'].find((state) => states.has(state)) ?? 'RUNNING'),
    rowsIn: sum((one) => one.rowsIn),
    rowsOut: sum((one) => one.rowsOut),
    bytesIn: sum((one) => one.bytesIn),
    bytesOut: sum((one) => one.bytesOut),
    ratios: ratios[0] ?? null,
    watermarkMicros: watermarks.sort((left, right) => (left < right ? -1 : 1))[0] ?? null,
  };
}

function reportKey(task: { readonly jobId: string; readonly vertex: string; readonly subtask: number }): string {
  return `${task.jobId} ${task.vertex}/${task.subtask}`;
}
