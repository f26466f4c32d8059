import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { Conditions } from './conditions.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { Exclusive } from './exclusive.ts';
import type { JobRegistry } from './job-registry.ts';
import type { JobStarter } from './job-starter.ts';
import { isUp, jobsUp } from './jobs-up.ts';
import type { ManagedJob } from './managed-job.ts';
import { isPaused } from './paused-error.ts';
import type { Retention } from './retention.ts';
import type { SlotFleet } from './slot-fleet.ts';

export interface PausingParts {
  readonly registry: JobRegistry;
  readonly conditions: Conditions;
  readonly exclusive: Exclusive;
  /** Jobs start one group after the other. */
  readonly deploys: Exclusive;
  readonly epochs: EpochCoordinator;
  readonly fleet: SlotFleet;
  readonly starter: JobStarter;
  readonly retention: Retention;
  /** Makes one; null when a job has to start again for it. */
  readonly checkpoint: () => Promise<Epoch | null>;
  /** Ends the job's attempt; it is SUSPENDED once that is gone. */
  readonly suspend: (job: ManagedJob) => void;
  /** Stops what relations connect with the job, and starts it again from the newest checkpoint. */
  readonly restartRegion: (job: ManagedJob) => Promise<void>;
  readonly assertUsable: () => void;
}

/** Jobs that stand still behind an epoch, in the attempts they had then. */
export interface PausedJobs {
  readonly jobs: readonly ManagedJob[];
  readonly attempts: readonly number[];
  readonly boundary: Epoch;
}

/**
 * Jobs that stand still and go on. A job is paused at a checkpoint and leaves the barrier set there; its tasks stay, so that its content can be read. What
 * its inputs change from then on is held in their state, or stays behind the positions that the checkpoint notes. It goes on with all of that in one epoch.
 */
export class Pausing {
  readonly #parts: PausingParts;

  constructor(parts: PausingParts) {
    this.#parts = parts;
  }

  /**
   * Jobs and whatever reads them stand still behind the next checkpoint; `stay` is the other half. Null: some job restarts, and nothing has changed. Errors: 55000 for
   * one that does not run.
   */
  async leave(ids: readonly string[]): Promise<PausedJobs | null> {
    const { registry, conditions, exclusive, epochs } = this.#parts;
    const jobs = this.#withReaders(ids);
    const attempts = jobs.map((job) => job.attempt);
    if (jobs.length === 0) return { jobs, attempts, boundary: 0 };
    await conditions.until(() => {
      this.#parts.assertUsable();
      return epochs.canCheckpoint() || !registry.all().every((job) => isUp(job, registry));
    });
    const left = await exclusive.run(async () => (epochs.canCheckpoint() ? { boundary: await this.#leave(jobs) } : null));
    if (left === null) return null;
    const { boundary } = left;
    if (boundary !== null) return { jobs, attempts, boundary };
    await this.#goOn(jobs);
    throw hasRestarted(jobs);
  }

  /**
   * Waits until the checkpoint that has them stand still is durable, whatever else restarts meanwhile. Errors: 40001 when one of them has restarted, 55000 when
   * there is no checkpoint because a job fails again and again; then none is paused.
   */
  async stay({ jobs, attempts, boundary }: PausedJobs): Promise<void> {
    const { registry, conditions, deploys, epochs } = this.#parts;
    const broken = (): boolean => jobs.some((job, index) => job.attempt !== attempts[index] || !job.standsStill);
    const up = jobsUp(registry, () => registry.all());
    try {
      await conditions.until(() => {
        this.#parts.assertUsable();
        up();
        return broken() || (epochs.base?.epoch ?? 0) >= boundary;
      });
    } catch (error) {
      await deploys.run(() => this.#goOn(jobs));
      throw error;
    }
    if (!broken()) return;
    for (const job of jobs) job.wantsPause = false;
    throw hasRestarted(jobs);
  }

  /** Lets jobs go on, producers before their readers. Errors: 55000 when what one reads is paused. */
  async resume(ids: readonly string[]): Promise<true> {
    const { registry, epochs } = this.#parts;
    const known = ids.flatMap((id) => registry.job(id) ?? []).filter((job) => !this.#isDropped(job));
    const jobs = known.filter((job) => job.standsStill);
    for (const job of jobs) this.#requireProducers(job, jobs);
    // After a start one may run that was to be paused again: what reconciles it comes behind this, and lets it run.
    for (const job of known) job.wantsPause = false;
    try {
      for (const job of jobs) {
        if (!epochs.isPausedInBase(job)) await this.#goOn([job]);
        // Also where the checkpoint that was about to have it standing still has become the newest meanwhile.
        if (job.standsStill && !this.#isDropped(job)) await this.#resumeOne(job);
      }
    } catch (error) {
      // They are paused, as whoever asked is told: what has begun to run pauses again behind the next start.
      for (const job of jobs) job.wantsPause = true;
      throw error;
    }
    // Until a checkpoint has them running they start again from where they were paused, and are resumed again.
    if (jobs.length > 0) await this.#parts.checkpoint();
    this.#parts.retention.forget();
    return true;
  }

  /** After a start there may be something to reconcile. */
  isBehind(): boolean {
    return this.#parts.registry.all().some((job) => job.wantsPause !== job.standsStill);
  }

  /** After a start: what the newest checkpoint has paused and nobody wants so goes on, and the other way round. */
  async reconcile(): Promise<void> {
    const all = this.#parts.registry.all();
    await this.resume(all.filter((job) => job.standsStill && !job.wantsPause).map(({ id }) => id));
    // Where a job restarts meanwhile, there is something to reconcile again after that.
    await this.leave(all.filter((job) => job.live && job.wantsPause).map(({ id }) => id));
  }

  /** Jobs that no checkpoint has standing still start again from the newest one, as if nobody had paused them. */
  async #goOn(jobs: readonly ManagedJob[]): Promise<void> {
    for (const job of jobs) {
      job.wantsPause = false;
      job.pausedAt = null;
    }
    for (const job of jobs) if (!job.live) await this.#parts.restartRegion(job);
  }

  /** The boundary behind which the jobs stand still; null when it has not become a checkpoint. */
  async #leave(jobs: readonly ManagedJob[]): Promise<number | null> {
    const { conditions, epochs, retention } = this.#parts;
    const boundary = epochs.lastEpoch + 1;
    for (const job of jobs) {
      job.pausedAt = { epoch: boundary, sources: [] };
      job.wantsPause = true;
      for (const task of job.statefulTasks()) job.toHandIn.add(task);
    }
    retention.forget();
    for (const job of jobs) this.#detach(job, jobs, boundary);
    epochs.requestCheckpoint('statement');
    await epochs.make();
    for (const job of jobs) job.live = false;
    conditions.changed();
    return epochs.lastCheckpointCut === boundary ? boundary : null;
  }

  /** Producers outside stop sending behind the boundary. */
  #detach(job: ManagedJob, leaving: readonly ManagedJob[], boundary: number): void {
    const { registry, fleet } = this.#parts;
    job.inputs.forEach((wiring, index) => {
      const producer = registry.requireProducer(job.graph.inputs[index]!.relation);
      if (wiring.shared === null || leaving.includes(producer)) return;
      for (const task of producer.tasks) {
        if (task.relation === null) continue;
        fleet.send(producer.slotOf(task), { kind: 'detach', task: producer.taskId(task), edgeId: wiring.shared.id, afterEpoch: boundary });
      }
    });
  }

  /** One that is dropped meanwhile is nothing to wait for, and no reason for the others not to go on. */
  async #resumeOne(job: ManagedJob): Promise<void> {
    const { conditions, registry, starter } = this.#parts;
    this.#parts.suspend(job);
    await conditions.until(() => {
      this.#parts.assertUsable();
      return registry.execution(job).state === 'SUSPENDED' || this.#isDropped(job);
    });
    if (this.#isDropped(job)) return;
    try {
      await starter.resume(job);
    } catch (error) {
      if (!this.#isDropped(job)) throw error;
    }
  }

  /** It is gone, or about to be. */
  #isDropped(job: ManagedJob): boolean {
    const { state } = this.#parts.registry.execution(job);
    return state === 'CANCELING' || state === 'CANCELED';
  }

  #withReaders(ids: readonly string[]): ManagedJob[] {
    const { registry } = this.#parts;
    const found = new Set<ManagedJob>();
    const visit = (job: ManagedJob): void => {
      if (found.has(job) || job.standsStill) return;
      const { state } = registry.execution(job);
      if (state !== 'RUNNING') throw notRunning(job, state);
      found.add(job);
      for (const consumer of registry.consumersOf(job)) visit(consumer);
    };
    for (const id of ids) {
      const job = registry.job(id);
      if (job !== undefined) visit(job);
    }
    return [...found];
  }

  #requireProducers(job: ManagedJob, resumed: readonly ManagedJob[]): void {
    for (const { relation } of job.graph.inputs) {
      const producer = this.#parts.registry.requireProducer(relation);
      if (producer.standsStill && !resumed.slice(0, resumed.indexOf(job)).includes(producer))
        throw isPaused(producer, `"${job.graph.name}" cannot go on: `);
    }
  }
}

function hasRestarted(jobs: readonly ManagedJob[]): SqlError {
  return new SqlError({
    code: SqlState.serializationFailure,
    message: `"${jobs[0]!.graph.name}" could not be paused: it has restarted meanwhile`,
    hint: 'Try again.',
  });
}

function notRunning(job: ManagedJob, state: string): SqlError {
  return new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `"${job.graph.name}" cannot be paused: its job is ${state}` });
}
