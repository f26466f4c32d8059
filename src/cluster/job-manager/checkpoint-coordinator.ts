import type { Logger } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { CheckpointSummary, EpochRecord, SegmentReference, StateBlock, StateStore } from '../../state/index.ts';
import { jobOfMarker, markerBlock, markerId, planBlock, planOfText, planText, type RecordedPlan, type RecordedPlans } from './recorded-plans.ts';

/** Segments of blocks collected for a checkpoint that was given up are numbered apart from the slots' own. */
const LEFT_OVER_SLOT = 1_000_000;

/** A checkpoint under way. */
interface Pending {
  readonly record: EpochRecord;
  /** Subtasks whose state is awaited, by job. */
  readonly waiting: Map<string, Set<string>>;
  /** By job what is recorded of its plan. */
  readonly plans: ReadonlyMap<string, string>;
  readonly operators: readonly string[];
  readonly blocksBySlot: Map<number, StateBlock[]>;
  /** With the blocks of given-up checkpoints that go in front of its own; null: given up itself. */
  readonly resolve: (leftOver: readonly LeftOver[] | null) => void;
  /** To be called when it will be committed. */
  readonly gathered: readonly (() => void)[];
}

/** A job's part in a checkpoint. */
export interface JobInCheckpoint {
  /** Subtasks that hand in state. */
  readonly tasks: readonly string[];
  /** Ids of all operators. */
  readonly operators: readonly string[];
  /** See planText. */
  readonly plan: string;
  /** Called when all of the checkpoint's state is there, which will be committed. */
  readonly gathered?: () => void;
}

interface LeftOver {
  readonly job: string;
  readonly blocks: readonly StateBlock[];
}

interface Gathered extends Pending {
  readonly leftOver: readonly LeftOver[];
}

export interface SnapshotArrival {
  readonly job: string;
  /** `<vertex>/<subtask>`. */
  readonly task: string;
  readonly slot: number;
  readonly epoch: Epoch;
  readonly blocks: readonly StateBlock[];
}

/**
 * Gathers the state of one checkpoint at a time and commits it. A checkpoint that cannot complete leaves no effect: the rows already
 * handed in are no longer dirty in their operators, so they are kept here and go into the next checkpoint in front of its own.
 */
export class CheckpointCoordinator {
  readonly #store: StateStore;
  readonly #logger: Logger;
  /** Jobs that are part of the newest committed checkpoint. */
  readonly committedJobs: Set<string>;
  /** What that checkpoint says of their plans. */
  readonly #plans: Map<string, string>;
  #pending: Pending | null = null;
  #leftOver: LeftOver[] = [];
  #committing: Promise<unknown> = Promise.resolve();

  constructor(store: StateStore, logger: Logger, plans: RecordedPlans) {
    this.#store = store;
    this.#logger = logger;
    this.committedJobs = new Set([...store.restoredOperators()].map(jobOfMarker).filter((job) => job !== null));
    this.#plans = new Map([...plans].map(([job, plan]) => [job, planText(plan)]));
  }

  get pending(): boolean {
    return this.#pending !== null;
  }

  /** What the newest committed checkpoint says of a job; null when the job is not in it, or nothing is said. */
  recordedPlan(job: string): RecordedPlan | null {
    const text = this.#plans.get(job);
    return text === undefined ? null : planOfText(text);
  }

  /** Resolves to the committed checkpoint, or null when it was given up. `recordDurable` is awaited before the manifest is linked. */
  async make(record: EpochRecord, jobs: ReadonlyMap<string, JobInCheckpoint>, recordDurable: Promise<void>): Promise<CheckpointSummary | null> {
    // Awaited from now on: tasks that have finished answer at once, maybe before the checkpoint in front of this one is committed.
    const gathered = await new Promise<Gathered | null>((resolve) => {
      const pending: Pending = {
        record,
        waiting: new Map([...jobs].map(([job, { tasks }]) => [job, new Set(tasks)])),
        plans: new Map([...jobs].map(([job, { plan }]) => [job, plan])),
        operators: [...jobs.values()].flatMap(({ operators }) => operators),
        blocksBySlot: new Map(),
        gathered: [...jobs.values()].flatMap(({ gathered: told }) => told ?? []),
        resolve: (leftOver) => resolve(leftOver === null ? null : { ...pending, leftOver }),
      };
      this.#pending = pending;
      this.#check();
    });
    if (gathered === null) return null;
    const commit = this.#committing.then(() => recordDurable).then(() => this.#commit(gathered));
    this.#committing = commit.catch(() => undefined);
    return commit;
  }

  arrived(snapshot: SnapshotArrival): void {
    const pending = this.#pending;
    if (pending === null || pending.record.epoch !== snapshot.epoch || !pending.waiting.has(snapshot.job)) {
      this.keep(snapshot.job, snapshot.blocks);
      return;
    }
    const blocks = pending.blocksBySlot.get(snapshot.slot) ?? [];
    pending.blocksBySlot.set(snapshot.slot, [...blocks, ...snapshot.blocks]);
    this.#arrivals.push(snapshot);
    pending.waiting.get(snapshot.job)!.delete(snapshot.task);
    this.#check();
  }

  #arrivals: SnapshotArrival[] = [];

  /** The job restarts from the last committed checkpoint, or is gone: a checkpoint that counts on it is given up. */
  forget(job: string): void {
    const pending = this.#pending;
    if (pending?.waiting.has(job)) {
      this.#pending = null;
      const arrivals = this.#arrivals;
      this.#arrivals = [];
      for (const arrival of arrivals) this.keep(arrival.job, arrival.blocks);
      pending.resolve(null);
    }
    this.#leftOver = this.#leftOver.filter((entry) => entry.job !== job);
  }

  /** Blocks that are part of the next checkpoint, in front of what the job hands in itself. */
  keep(job: string, blocks: readonly StateBlock[]): void {
    if (blocks.length > 0) this.#leftOver.push({ job, blocks });
  }

  #check(): void {
    const pending = this.#pending;
    if (pending === null) return;
    for (const tasks of pending.waiting.values()) if (tasks.size > 0) return;
    this.#pending = null;
    this.#arrivals = [];
    const leftOver = this.#leftOver;
    this.#leftOver = [];
    for (const told of pending.gathered) told();
    pending.resolve(leftOver);
  }

  async #commit(pending: Gathered): Promise<CheckpointSummary> {
    const { epoch } = pending.record;
    const { leftOver } = pending;
    const segments: SegmentReference[] = [];
    for (let index = 0; index < leftOver.length; index++) {
      segments.push(await this.#store.prepare(epoch, LEFT_OVER_SLOT + index, leftOver[index]!.blocks));
    }
    const jobs = [...pending.plans.keys()];
    const fresh = jobs.filter((job) => !this.committedJobs.has(job));
    const changed = jobs.filter((job) => fresh.includes(job) || this.#plans.get(job) !== pending.plans.get(job));
    const slots = new Map(pending.blocksBySlot);
    const notes = [...fresh.map(markerBlock), ...changed.map((job) => planBlock(job, pending.plans.get(job)!))];
    if (notes.length > 0) slots.set(0, [...(slots.get(0) ?? []), ...notes]);
    const prepared = [...slots].filter(([, blocks]) => blocks.length > 0).map(([slot, blocks]) => this.#store.prepare(epoch, slot, blocks));
    segments.push(...(await Promise.all(prepared)));
    const operators = [...pending.operators, ...jobs.map(markerId)];
    const summary = await this.#store.commit(pending.record, segments, operators);
    this.committedJobs.clear();
    this.#plans.clear();
    for (const [job, plan] of pending.plans) {
      this.committedJobs.add(job);
      this.#plans.set(job, plan);
    }
    this.#store.confirm(epoch).catch((error: unknown) => this.#logger.log('error', 'applying a checkpoint to the base failed', { epoch, error }));
    return summary;
  }
}
