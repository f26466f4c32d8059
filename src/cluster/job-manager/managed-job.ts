import type { SqlError } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { JobGraph, JobVertex, RelationId } from '../../jobgraph/index.ts';
import type { TaskDescription, TaskId, TaskMetrics } from '../../runtime/index.ts';
import type { SinkProgress } from '../../spi/index.ts';
import type { EpochRecord, HistoryAt, PausedAt } from '../../state/index.ts';
import type { JobDefinition, JobState, SourceDeployment } from '../cluster.ts';
import type { DeployedTable, DeployedTask } from '../transport/index.ts';
import type { Backfill } from './backfill.ts';
import type { InputWiring } from './job-topology.ts';
import { isPrivateReader } from './job-topology.ts';
import { narrowGraph } from './narrow-graph.ts';
import type { SlotDemand } from './slot-fleet.ts';
import { SourceProgress } from './source-progress.ts';

/** A job as the JobManager keeps it beside its execution state. */
export class ManagedJob {
  #definition: JobDefinition;
  #graph: JobGraph;
  #sources: readonly SourceProgress[];
  readonly createdAtMicros: bigint;
  startedAtMicros: bigint | null = null;
  finishedAtMicros: bigint | null = null;
  attempt = 0;
  /** The subtasks of the present attempt, private readers included. */
  tasks: readonly TaskDescription[] = [];
  inputs: readonly InputWiring[] = [];
  /** Where the subtasks of the present attempt live; by subtask. */
  slots: readonly number[] = [];
  /** Takes part in epochs. */
  live = false;
  /** The present attempt has left the dataflow, to come back as another: what its tasks still say counts nowhere. */
  left = false;
  /** It was there when the JobManager began, and has not run since: what it reads is not known yet. */
  awaited = false;
  /** Its relation may be read; before that it does not exist for anybody. */
  published = false;
  /** Has tasks, and takes part in nothing yet: a checkpoint is made without it, which it is to begin with. */
  joining = false;
  /** Of a new job: what it has read is kept while it is made, for another attempt under its id. */
  resumes = false;
  /** Newest epoch of a barrier that it has had of its own, or that its attempt begins behind. */
  markedAt: Epoch = 0;
  /** What of its inputs' histories its state has: the attempt goes on behind that. */
  historyAt: HistoryAt | null = null;
  /** Part of the newest committed checkpoint. */
  inCheckpoint = false;
  /** The epoch behind which the job began; complete up to there, trivially. */
  joinedAfter: Epoch = 0;
  /** Recorded epochs up to this one are being made again; new ones begin behind them. */
  replayThrough: Epoch = 0;
  /** The newest epoch it took part in. */
  newestEpoch: Epoch = 0;
  /** Below this epoch nothing is shown, since later ones were shown before a restart. */
  shownFrom: Epoch = 0;
  /** Terminal subtasks whose last barrier has passed. */
  readonly ended = new Set<string>();
  /** Source vertices whose last barrier has been released. */
  readonly endedSources = new Set<string>();
  /** Private readers that have reached their limit. */
  readonly atLimit = new Set<string>();
  /** Nobody wants more of what it reads than it has read. */
  hasEnough = false;
  /** State tables of each subtask, as the slots report them. */
  readonly tables = new Map<string, readonly DeployedTable[]>();
  readonly metrics = new Map<string, TaskMetrics>();
  /** What the newest epoch of each task took to move state between memory and disk, in milliseconds, where it did. */
  readonly spillMs = new Map<string, { readonly slot: number; readonly ms: number }>();
  /** When it took part in an epoch last, by the monotonic clock. */
  lastCutMs = Number.NEGATIVE_INFINITY;
  /** How far each subtask of a sink has come. */
  readonly sinkProgress = new Map<string, SinkProgress>();
  /** Relations readable in the job beside its own. */
  readonly relations = new Set<RelationId>();
  /** Inputs that began with the producer's content, by index: they hold its deltas back. */
  readonly catchingUp = new Set<number>();
  /** Of a job that has begun over running inputs since the JobManager did. */
  backfill: Backfill | null = null;
  /** Where it stands still, or will from that epoch on. */
  pausedAt: PausedAt | null = null;
  /** Subtasks whose state at `pausedAt` has not come yet; of this attempt. */
  readonly toHandIn = new Set<string>();
  /** Somebody has paused it; where it differs from pausedAt, it is on its way. */
  wantsPause = false;
  /** The epoch in which its inputs end, or have ended, though what it reads goes on; null: they do not. */
  drainedAt: Epoch | null = null;
  /** Changes of its relation are held this long, for subscriptions; null: there are none. */
  heldForMicros: number | null = null;
  failure: SqlError | null = null;

  constructor(graph: JobGraph, source: SourceDeployment | null, now: { readonly micros: bigint; readonly monotonicMs: number }) {
    this.#definition = { graph, source };
    this.createdAtMicros = now.micros;
    this.#graph = graph;
    this.#sources = sourcesOf(this, now.monotonicMs);
  }

  /** With as many subtasks as it can have at most. */
  get planned(): JobGraph {
    return this.#definition.graph;
  }

  get source(): SourceDeployment | null {
    return this.#definition.source;
  }

  /** As it runs, or is to run when it starts next. */
  get graph(): JobGraph {
    return this.#graph;
  }

  get sources(): readonly SourceProgress[] {
    return this.#sources;
  }

  /** Its next attempt is over another graph of the same operators, its source as given now; to be called while nothing of it runs. Who waits for the job waits on. */
  become(definition: JobDefinition, monotonicMs: number): void {
    this.#definition = definition;
    this.relations.clear();
    this.finishedAtMicros = null;
    this.#rebuild(definition.graph, monotonicMs);
  }

  /** Its next attempt has at most so many subtasks a vertex; to be called while nothing of it runs. */
  startAt(width: number, monotonicMs: number): void {
    const graph = narrowGraph(this.planned, width);
    if (demandOf(graph).width !== this.width) this.#rebuild(graph, monotonicMs);
  }

  #rebuild(graph: JobGraph, monotonicMs: number): void {
    this.#graph = graph;
    this.#sources = sourcesOf(this, monotonicMs);
    this.tasks = [];
    this.inputs = [];
    this.slots = [];
    this.metrics.clear();
  }

  get id(): string {
    return this.graph.jobId;
  }

  /** Slots it needs. */
  get width(): number {
    return this.demand.width;
  }

  get demand(): SlotDemand {
    return demandOf(this.graph);
  }

  /** Slots of the present attempt that have subtasks of its graph. */
  ownSlots(): readonly number[] {
    return this.slots.slice(0, this.width);
  }

  slotOf(task: { readonly subtask: number }): number {
    return this.slots[task.subtask] ?? -1;
  }

  taskId(task: { readonly vertex: string; readonly subtask: number }): TaskId {
    return { jobId: this.id, attempt: this.attempt, vertex: task.vertex, subtask: task.subtask };
  }

  /** Slots have made these of its tasks. */
  deployed(tasks: readonly DeployedTask[]): void {
    for (const { task, tables, relations } of tasks) {
      this.tables.set(taskName(task), tables);
      for (const relation of relations) if (relation !== this.graph.output?.relation) this.relations.add(relation);
    }
  }

  /** Subtasks whose barriers complete an epoch, without those that have ended. */
  terminalTasks(): string[] {
    return this.tasks.filter((task) => task.terminal && !this.ended.has(taskName(task))).map(taskName);
  }

  /** Subtasks that hand in state at a checkpoint. */
  statefulTasks(): string[] {
    return this.tasks.filter((task) => !isPrivateReader(task.vertex)).map(taskName);
  }

  privateReaders(): TaskDescription[] {
    return this.tasks.filter((task) => isPrivateReader(task.vertex));
  }

  /** Nothing more will come out. */
  get outputEnded(): boolean {
    return this.tasks.length > 0 && this.terminalTasks().length === 0;
  }

  /** A sink has prepared what is not committed yet. */
  get committing(): boolean {
    return [...this.sinkProgress.values()].some((progress) => progress.pendingCommits > 0);
  }

  /** Takes no part in epochs and is complete in all of them: its content does not change. */
  get standsStill(): boolean {
    return this.pausedAt !== null && !this.live;
  }

  /** State of a subtask has come. True when it was the last that a pause has waited for. */
  handedIn(task: string, epoch: Epoch): boolean {
    return epoch === this.pausedAt?.epoch && this.toHandIn.delete(task) && this.toHandIn.size === 0;
  }

  holdFor(ms: number | null): void {
    this.heldForMicros = ms === null ? null : Math.ceil(ms * 1000);
  }

  outputParallelism(): number {
    return this.graph.vertices.find((vertex) => vertex.id === this.graph.output?.vertex)?.parallelism ?? 1;
  }

  noteSpilled(task: TaskId, ms: number): void {
    this.spillMs.set(taskName(task), { slot: this.slotOf(task), ms });
  }

  /** A new attempt begins: nothing of the last one counts. */
  reset(attempt: number): void {
    this.attempt = attempt;
    this.left = false;
    this.live = false;
    this.failure = null;
    this.tasks = [];
    this.inputs = [];
    this.ended.clear();
    this.endedSources.clear();
    this.tables.clear();
    this.atLimit.clear();
    this.hasEnough = false;
    this.catchingUp.clear();
    this.sinkProgress.clear();
    this.toHandIn.clear();
    this.spillMs.clear();
  }
}

function sourcesOf({ graph, source }: ManagedJob, monotonicMs: number): SourceProgress[] {
  return graph.vertices.filter((vertex) => vertex.inputCount === 0).map((vertex) => new SourceProgress(graph, vertex, source, monotonicMs));
}

/** Nothing of a job in this state is left in a slot, and it is to be started. */
export function isToStart(state: JobState): boolean {
  return state === 'CREATED' || state === 'RESTARTING' || state === 'SUSPENDED';
}

/** Subtask i of every vertex lives in one slot, so a job needs as many as its widest vertex has subtasks. */
export function demandOf(graph: JobGraph): SlotDemand {
  const width = Math.max(...graph.vertices.map((vertex) => vertex.parallelism));
  return { jobId: graph.jobId, name: graph.name, group: graph.vertices[0]!.slotSharingGroup, width };
}

export function taskName(task: { readonly vertex: string; readonly subtask: number }): string {
  return `${task.vertex}/${task.subtask}`;
}

/** All subtasks of one of the job's vertices. */
export function subtasksOf(job: ManagedJob, vertex: JobVertex): TaskId[] {
  return Array.from({ length: vertex.parallelism }, (_, subtask) => job.taskId({ vertex: vertex.id, subtask }));
}

/** The slots these tasks run in, ascending. */
export function slotsWith(tasks: readonly TaskDescription[], job: ManagedJob): number[] {
  return [...new Set(tasks.map((task) => job.slotOf(task)))].sort((left, right) => left - right);
}

/** Whether the epoch has cuts of sources of these jobs. */
export function concerns(record: EpochRecord, jobs: readonly ManagedJob[]): boolean {
  return jobs.some((job) => job.sources.some((source) => source.recordIn(record) !== undefined));
}
