import { SqlError, SqlState } from '../../base/index.ts';
import type { Closing, Epoch } from '../../batch/index.ts';
import type { JobGraph } from '../../jobgraph/index.ts';
import type { TaskId } from '../../runtime/index.ts';
import type { SplitCut } from '../../spi/index.ts';
import type { EpochRecord, HistoryAt, StateBlock, StateStore } from '../../state/index.ts';
import type { CheckpointCoordinator, JobInCheckpoint } from './checkpoint-coordinator.ts';
import type { Conditions } from './conditions.ts';
import type { JobRegistry } from './job-registry.ts';
import { isPrivateReader, privateReaderInput } from './job-topology.ts';
import { type ManagedJob, taskName } from './managed-job.ts';
import { planText } from './recorded-plans.ts';
import { statefulOperators } from './saved-jobs.ts';
import type { SlotFleet } from './slot-fleet.ts';
import { recordOfCuts } from './source-progress.ts';

/** A barrier on its way through a new job. */
interface Cut {
  readonly job: ManagedJob;
  readonly epoch: Epoch;
  /** Private readers that have not said where they were. */
  readonly toAnswer: Set<string>;
  /** Subtasks whose state has not come. */
  readonly toHandIn: Set<string>;
  readonly positions: Map<number, SplitCut[]>;
  readonly blocks: StateBlock[];
}

/** State of a job at one of its cuts. */
interface Progress {
  readonly at: HistoryAt;
  readonly plan: string;
}

interface KeptJob {
  cut: Cut | null;
  /** All of a cut has come; a later one's blocks come behind. */
  complete: (Progress & { readonly blocks: readonly StateBlock[] }) | null;
  /** The next checkpoint that can be completed has it. */
  handed: Progress | null;
  /** The newest checkpoint has it, committed or about to be. */
  kept: Progress | null;
}

export interface HistoryCutsParts {
  readonly registry: JobRegistry;
  readonly checkpoints: CheckpointCoordinator;
  readonly fleet: SlotFleet;
  readonly conditions: Conditions;
  readonly store: StateStore;
}

/**
 * New jobs that read the history of a source, in checkpoints before they take part in any epoch: a barrier of their own goes from their private readers through what these
 * feed. What a checkpoint has of a job that is gone stays in the next ones, until it goes on or nobody wants it any more.
 */
export class HistoryCuts {
  readonly #parts: HistoryCutsParts;
  readonly #jobs = new Map<string, KeptJob>();

  constructor(parts: HistoryCutsParts) {
    this.#parts = parts;
    for (const [id, at] of Object.entries(parts.store.restoredRecord()?.joining ?? {})) {
      const plan = planText(parts.checkpoints.recordedPlan(id) ?? { name: null, operators: [] });
      this.#jobs.set(id, { cut: null, complete: null, handed: null, kept: { at, plan } });
    }
  }

  /** Ids of jobs that do not run, whose state a deployment under the same id would go on with. */
  interrupted(): readonly string[] {
    return [...this.#jobs].flatMap(([id, { kept }]) => (kept !== null && this.#parts.registry.job(id) === undefined ? [id] : []));
  }

  /** What a checkpoint has of the job; null: nothing. Errors: 40001 when that is of another plan; nothing keeps it then. */
  progressOf({ id, graph }: ManagedJob, checkpoint: EpochRecord | null): HistoryAt | null {
    const at = this.#jobs.has(id) ? (checkpoint?.joining?.[id] ?? null) : null;
    if (at === null || isOf(at, graph)) return at;
    this.forget(id);
    const message = `"${graph.name}" has another plan by now, so its making begins again`;
    throw new SqlError({ code: SqlState.serializationFailure, message, class: 'external' });
  }

  /** The next checkpoint is without it. */
  forget(id: string): void {
    this.#jobs.delete(id);
  }

  /** Sends barriers into the jobs that read histories; they are of the newest epoch. Those that have had one of it already have to wait for the next: false then. */
  begin(newest: Closing): boolean {
    const jobs = this.#parts.registry.all().filter((job) => this.#mayBegin(job));
    const ready = jobs.filter(({ markedAt }) => markedAt < newest.epoch);
    for (const job of ready) this.#begin(job, newest);
    return ready.length === jobs.length;
  }

  #mayBegin(job: ManagedJob): boolean {
    if (!job.joining || !job.resumes || job.left || !canResume(job.graph) || this.isUnderWay(job)) return false;
    return job.privateReaders().length > 0 && this.#parts.registry.execution(job).state === 'RUNNING';
  }

  #begin(job: ManagedJob, at: Closing): void {
    const readers = job.privateReaders();
    const fed = job.tasks.filter(({ inputs }) => inputs.some(({ ofHistory }) => ofHistory));
    job.markedAt = at.epoch;
    this.#of(job.id).cut = {
      job,
      epoch: at.epoch,
      toAnswer: new Set(readers.map(taskName)),
      toHandIn: new Set(fed.map(taskName)),
      positions: new Map(),
      blocks: [],
    };
    this.#parts.fleet.sendGrouped(
      readers.map((task) => ({ task: job.taskId(task) })),
      (own) => ({ kind: 'mark', tasks: own.map(({ task }) => task), at }),
    );
  }

  isUnderWay(job: ManagedJob): boolean {
    const cut = this.#jobs.get(job.id)?.cut ?? null;
    return cut !== null && cut.job === job;
  }

  /** A private reader says where it was when it sent the barrier. True when that was the last thing to come. */
  answered(task: TaskId, epoch: Epoch, cuts: readonly SplitCut[]): boolean {
    const cut = this.#cutOf(task, epoch);
    if (cut === null || !isPrivateReader(task.vertex)) return false;
    const input = privateReaderInput(task.vertex);
    cut.positions.set(input, [...(cut.positions.get(input) ?? []), ...cuts]);
    cut.toAnswer.delete(taskName(task));
    return this.#completed(cut);
  }

  /** State of a subtask at the barrier. True when that was the last thing to come. */
  handedIn(task: TaskId, epoch: Epoch, blocks: readonly StateBlock[]): boolean {
    const cut = this.#cutOf(task, epoch);
    if (cut === null) return false;
    cut.blocks.push(...blocks);
    cut.toHandIn.delete(taskName(task));
    return this.#completed(cut);
  }

  /** What belongs to a barrier of a new job, and to no checkpoint of the others. */
  concerns(task: TaskId, epoch: Epoch): boolean {
    return this.#cutOf(task, epoch) !== null;
  }

  #cutOf({ jobId, attempt }: TaskId, epoch: Epoch): Cut | null {
    const cut = this.#jobs.get(jobId)?.cut ?? null;
    return cut !== null && cut.epoch === epoch && cut.job.attempt === attempt ? cut : null;
  }

  #completed(cut: Cut): boolean {
    const { job, toAnswer, toHandIn, positions, blocks } = cut;
    if (toAnswer.size + toHandIn.size > 0) return false;
    const own = this.#of(job.id);
    const plan = planText({ name: job.graph.name, operators: statefulOperators(job) });
    own.cut = null;
    own.complete = { at: this.#at(job, positions), plan, blocks: [...(own.complete?.blocks ?? []), ...blocks] };
    this.#parts.conditions.changed();
    return true;
  }

  #at({ graph }: ManagedJob, positions: ReadonlyMap<number, readonly SplitCut[]>): HistoryAt {
    const sources = [...positions].map(([input, cuts]) => [input, recordOfCuts(graph.inputs[input]!.relation, cuts)] as const);
    return { ...shapeOf(graph), sources: Object.fromEntries(sources) };
  }

  /** The job's attempt is gone: what no checkpoint has yet is nobody's. */
  left(job: ManagedJob): void {
    const own = this.#jobs.get(job.id);
    if (own !== undefined) Object.assign(own, { cut: null, complete: null, handed: null });
  }

  /** What a checkpoint that begins says of new jobs. Their state goes into it, also of those that take part in it as any other by now. */
  hand(): Readonly<Record<string, HistoryAt>> {
    for (const [id, own] of this.#jobs) {
      if (own.complete !== null) {
        this.#parts.checkpoints.keep(id, own.complete.blocks);
        own.handed = own.complete;
        own.complete = null;
      }
      if (this.#parts.registry.job(id)?.published === true) this.#jobs.delete(id);
    }
    return Object.fromEntries(this.#handed().map(([id, { at }]) => [id, at]));
  }

  /** Their parts in the checkpoint that `hand` was called for. */
  parts(): [string, JobInCheckpoint][] {
    return this.#handed().map(([id, progress]) => {
      const gathered = (): void => {
        const own = this.#jobs.get(id);
        if (own !== undefined) Object.assign(own, { kept: progress, handed: null });
      };
      return [id, { tasks: [], operators: progress.at.operators, plan: progress.plan, gathered }];
    });
  }

  #handed(): (readonly [string, Progress])[] {
    return [...this.#jobs].flatMap(([id, { handed, kept }]) => {
      const progress = handed ?? kept;
      return progress === null ? [] : [[id, progress] as const];
    });
  }

  #of(id: string): KeptJob {
    const own = this.#jobs.get(id) ?? { cut: null, complete: null, handed: null, kept: null };
    this.#jobs.set(id, own);
    return own;
  }
}

/** What a part of a history gives stands for itself: nothing depends on the time of epochs, nor fails on what is not whole yet. */
function canResume({ timed, expires, failOnRowError }: JobGraph): boolean {
  return timed !== true && expires !== true && failOnRowError !== true;
}

function shapeOf({ inputs, vertices }: JobGraph): Pick<HistoryAt, 'reads' | 'operators'> {
  return {
    reads: inputs.map(({ relation }) => relation),
    operators: vertices.flatMap((vertex) => vertex.operators.map(({ operatorId }) => operatorId)),
  };
}

/** The state is of this graph, over the same inputs. */
function isOf({ reads, operators }: HistoryAt, graph: JobGraph): boolean {
  const now = shapeOf(graph);
  const same = (left: readonly string[], right: readonly string[]): boolean =>
    left.length === right.length && left.every((one, at) => one === right[at]);
  return same(reads, now.reads) && same(operators, now.operators);
}
