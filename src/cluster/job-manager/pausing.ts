import { SqlError, SqlState } from '../../base/index.ts';
import type { Conditions } from './conditions.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { Exclusive } from './exclusive.ts';
import type { JobRegistry } from './job-registry.ts';
import type { JobStarter } from './job-starter.ts';
import type { ManagedJob } from './managed-job.ts';
import { isPaused } from './paused-error.ts';
import type { Retention } from './retention.ts';
import type { SlotFleet } from './slot-fleet.ts';

export interface PausingParts {
  readonly registry: JobRegistry;
  readonly conditions: Conditions;
  readonly exclusive: Exclusive;
  readonly epochs: EpochCoordinator;
  readonly fleet: SlotFleet;
  readonly starter: JobStarter;
  readonly retention: Retention;
  readonly checkpoint: () => Promise<unknown>;
  /** Ends the job's attempt; it is SUSPENDED once that is gone. */
  readonly suspend: (job: ManagedJob) => void;
  /** Stops what relations connect with the job, and starts it again from the newest checkpoint. */
  readonly restartRegion: (job: ManagedJob) => Promise<void>;
  readonly assertUsable: () => void;
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

  /** Pauses jobs and whatever reads them. Errors: 55000 for one that does not run, 40001 when one failed meanwhile; then none is paused. */
  async pause(ids: readonly string[]): Promise<void> {
    const { conditions, exclusive, epochs } = this.#parts;
    const jobs = this.#withReaders(ids);
    if (jobs.length === 0) return;
    const attempts = jobs.map((job) => job.attempt);
    const boundary = await exclusive.run(() => this.#leave(jobs));
    const broken = (): boolean => boundary === null || jobs.some((job, index) => job.attempt !== attempts[index] || !job.standsStill);
    await conditions.until(() => {
      this.#parts.assertUsable();
      return broken() || (epochs.base?.epoch ?? 0) >= boundary!;
    });
    if (!broken()) return;
    for (const job of jobs) job.wantsPause = false;
    if (boundary === null) {
      for (const job of jobs) job.pausedAt = null;
      await this.#parts.restartRegion(jobs[0]!);
    }
    throw new SqlError({
      code: SqlState.serializationFailure,
      message: `"${jobs[0]!.graph.name}" could not be paused: it has restarted meanwhile`,
      hint: 'Try again.',
    });
  }

  /** Lets jobs go on, producers before their readers. Errors: 55000 when what one reads is paused. */
  async resume(ids: readonly string[]): Promise<void> {
    const { registry } = this.#parts;
    const jobs = ids.map((id) => registry.job(id)).filter((job) => job?.standsStill === true) as ManagedJob[];
    for (const job of jobs) this.#requireProducers(job, jobs);
    for (const job of jobs) {
      job.wantsPause = false;
      await this.#resumeOne(job);
    }
    // Until a checkpoint has them running they would start again from where they were paused.
    if (jobs.length > 0) await this.#parts.checkpoint();
    this.#parts.retention.forget();
  }

  /** After a start there may be something to reconcile. */
  isBehind(): boolean {
    return this.#parts.registry.all().some((job) => job.wantsPause !== job.standsStill);
  }

  /** After a start: what the newest checkpoint has paused and nobody wants so goes on, and the other way round. */
  async reconcile(): Promise<void> {
    const all = this.#parts.registry.all();
    await this.resume(all.filter((job) => job.standsStill && !job.wantsPause).map(({ id }) => id));
    await this.pause(all.filter((job) => job.live && job.wantsPause).map(({ id }) => id));
  }

  /** The boundary behind which the jobs stand still; null when it has not become a checkpoint. */
  async #leave(jobs: readonly ManagedJob[]): Promise<number | null> {
    const { conditions, epochs, retention } = this.#parts;
    await conditions.until(() => {
      this.#parts.assertUsable();
      return epochs.canCheckpoint();
    });
    const boundary = epochs.lastEpoch + 1;
    for (const job of jobs) {
      job.pausedAt = { epoch: boundary, sources: [] };
      job.wantsPause = true;
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
        fleet.send(task.subtask, { kind: 'detach', task: producer.taskId(task), edgeId: wiring.shared.id, afterEpoch: boundary });
      }
    });
  }

  async #resumeOne(job: ManagedJob): Promise<void> {
    const { conditions, registry, starter } = this.#parts;
    this.#parts.suspend(job);
    await conditions.until(() => {
      this.#parts.assertUsable();
      return registry.execution(job).state === 'SUSPENDED';
    });
    await starter.resume(job);
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

function notRunning(job: ManagedJob, state: string): SqlError {
  return new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `"${job.graph.name}" cannot be paused: its job is ${state}` });
}
