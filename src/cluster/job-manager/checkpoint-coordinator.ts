import type { Logger } from '../../base/index.ts';
import { batchFromRows, type Epoch, encodeBatch } from '../../batch/index.ts';
import type { CheckpointSummary, EpochRecord, SavedJob, SegmentReference, StateBlock, StateStore } from '../../state/index.ts';

/** Segments of blocks collected for a checkpoint that was given up are numbered apart from the slots' own. */
const LEFT_OVER_SLOT = 1_000;
const MARKER_PREFIX = 'job:';
const MARKER_TABLE = 'job';

/** A checkpoint under way. */
interface Pending {
  readonly record: EpochRecord;
  /** Subtasks whose state is awaited, by job. */
  readonly waiting: Map<string, Set<string>>;
  readonly jobs: readonly string[];
  readonly operators: readonly string[];
  readonly blocksBySlot: Map<number, StateBlock[]>;
  /** With the blocks of given-up checkpoints that go in front of its own; null: given up itself. */
  readonly resolve: (leftOver: readonly LeftOver[] | null) => void;
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
  #pending: Pending | null = null;
  #leftOver: LeftOver[] = [];
  #committing: Promise<unknown> = Promise.resolve();

  constructor(store: StateStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
    const markers = [...store.restoredOperators()].filter((operator) => operator.startsWith(MARKER_PREFIX));
    this.committedJobs = new Set(markers.map((marker) => marker.slice(MARKER_PREFIX.length)));
  }

  get pending(): boolean {
    return this.#pending !== null;
  }

  /** Resolves to the committed checkpoint, or null when it was given up. `recordDurable` is awaited before the manifest is linked. */
  async make(
    record: EpochRecord,
    jobs: ReadonlyMap<string, { readonly tasks: readonly string[]; readonly operators: readonly string[] }>,
    recordDurable: Promise<void>,
  ): Promise<CheckpointSummary | null> {
    // Awaited from now on: tasks that have finished answer at once, maybe before the checkpoint in front of this one is committed.
    const gathered = await new Promise<Gathered | null>((resolve) => {
      const pending: Pending = {
        record,
        waiting: new Map([...jobs].map(([job, { tasks }]) => [job, new Set(tasks)])),
        jobs: [...jobs.keys()],
        operators: [...jobs.values()].flatMap(({ operators }) => operators),
        blocksBySlot: new Map(),
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
      this.#keep(snapshot.job, snapshot.blocks);
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
      for (const arrival of arrivals) this.#keep(arrival.job, arrival.blocks);
      pending.resolve(null);
    }
    this.#leftOver = this.#leftOver.filter((entry) => entry.job !== job);
  }

  #keep(job: string, blocks: readonly StateBlock[]): void {
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
    pending.resolve(leftOver);
  }

  async #commit(pending: Gathered): Promise<CheckpointSummary> {
    const { epoch } = pending.record;
    const { leftOver } = pending;
    const segments: SegmentReference[] = [];
    for (let index = 0; index < leftOver.length; index++) {
      segments.push(await this.#store.prepare(epoch, LEFT_OVER_SLOT + index, leftOver[index]!.blocks));
    }
    const fresh = pending.jobs.filter((job) => !this.committedJobs.has(job));
    const slots = new Map(pending.blocksBySlot);
    if (fresh.length > 0) slots.set(0, [...(slots.get(0) ?? []), ...fresh.map(markerBlock)]);
    const prepared = [...slots].filter(([, blocks]) => blocks.length > 0).map(([slot, blocks]) => this.#store.prepare(epoch, slot, blocks));
    segments.push(...(await Promise.all(prepared)));
    const operators = [...pending.operators, ...pending.jobs.map((job) => MARKER_PREFIX + job)];
    const summary = await this.#store.commit(pending.record, segments, operators);
    this.committedJobs.clear();
    for (const job of pending.jobs) this.committedJobs.add(job);
    this.#store.confirm(epoch).catch((error: unknown) => this.#logger.log('error', 'applying a checkpoint to the base failed', { epoch, error }));
    return summary;
  }
}

/** The operator that stands for the job itself, as a savepoint describes it. */
export function markerOperator(job: string): SavedJob['operators'][number] {
  return { id: MARKER_PREFIX + job, kind: 'job', tables: [{ name: MARKER_TABLE, columns: ['bigint'], keyCount: 1, tieBreakers: null }] };
}

/** Says that a job is part of the checkpoint, also when it keeps no state. The same at every time: savepoints hold it, too. */
function markerBlock(job: string): StateBlock {
  const key = { kind: 'int8' } as const;
  return {
    operatorId: MARKER_PREFIX + job,
    table: MARKER_TABLE,
    keyGroup: 0,
    upserts: encodeBatch(batchFromRows([key], [[1n]])),
    deletes: encodeBatch(batchFromRows([key], [])),
    upsertCount: 1,
    deleteCount: 0,
  };
}
