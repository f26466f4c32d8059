import { SqlError, SqlState } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { Exclusive } from './exclusive.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import type { SlotFleet } from './slot-fleet.ts';

export interface DrainingParts {
  readonly registry: JobRegistry;
  readonly exclusive: Exclusive;
  readonly epochs: EpochCoordinator;
  readonly fleet: SlotFleet;
}

/**
 * Jobs whose inputs come to their end although what they read goes on for others: in one epoch, behind its rows, their edges carry the watermark +infinity and a last
 * barrier. The epoch's record says whose inputs ended there, so a replay ends them at the same place.
 */
export class Draining {
  readonly #parts: DrainingParts;

  constructor(parts: DrainingParts) {
    this.#parts = parts;
  }

  /**
   * Ends the inputs of jobs in the next epoch; those that have ended by themselves are left as they are. Null: one of them restarts, and its inputs have not ended. Errors:
   * 55000 for one that does not run.
   */
  async drain(ids: readonly string[]): Promise<true | null> {
    const { registry, exclusive, epochs } = this.#parts;
    const jobs = ids.map((id) => registry.job(id)).filter((job) => job !== undefined);
    return exclusive.run(async () => {
      const running = jobs.filter((job) => this.#isRunning(job));
      if (!running.every((job) => job.live)) return null;
      if (running.length === 0) return true;
      const epoch = epochs.lastEpoch + 1;
      for (const job of running) {
        job.drainedAt = epoch;
        endInputs(job, { epoch, atOnce: false }, this.#parts);
      }
      const producers = running.flatMap((job) => job.graph.inputs.map(({ relation }) => registry.requireProducer(relation)));
      await epochs.make([...running, ...producers]);
      for (const job of running) job.drainedAt = drainedAt(job, epochs);
      return running.every((job) => job.drainedAt !== null) ? true : null;
    });
  }

  #isRunning(job: ManagedJob): boolean {
    const { state } = this.#parts.registry.execution(job);
    if (state === 'FINISHED') return false;
    if (state === 'RUNNING' && !job.standsStill) return true;
    throw new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: `"${job.graph.name}" cannot be drained: its job is ${job.standsStill ? 'SUSPENDED' : state}`,
      hint: job.standsStill ? `RESUME ${job.graph.name} first.` : 'STOP JOB … without WITH DRAIN ends it as it is.',
    });
  }
}

/** The epoch in which the job's inputs have ended, as the newest checkpoint and the records since say; null: they go on. */
export function drainedAt({ id }: ManagedJob, epochs: EpochCoordinator): Epoch | null {
  const { base } = epochs;
  if (base?.drained?.includes(id) === true) return base.epoch;
  return epochs.recordsSinceBase().find(({ drained }) => drained?.includes(id) === true)?.epoch ?? null;
}

/** Of a job that starts at the end of `base`: its inputs end where they have ended before. Its edges are there, and nothing has gone over them yet. */
export function endInputsAgain(job: ManagedJob, base: Epoch, parts: Pick<DrainingParts, 'registry' | 'fleet' | 'epochs'>): void {
  const { drainedAt: epoch } = job;
  if (epoch !== null) endInputs(job, epoch > base ? { epoch, atOnce: false } : { epoch: base + 1, atOnce: true }, parts);
}

function endInputs(
  job: ManagedJob,
  { epoch, atOnce }: { readonly epoch: Epoch; readonly atOnce: boolean },
  { registry, fleet, epochs }: Pick<DrainingParts, 'registry' | 'fleet' | 'epochs'>,
): void {
  const closing = { epoch, timestampMicros: epochs.lastTimestampMicros };
  job.inputs.forEach(({ shared }, index) => {
    const producer = registry.requireProducer(job.graph.inputs[index]!.relation);
    if (shared === null) return;
    for (const task of producer.tasks) {
      if (task.relation !== null)
        fleet.send(producer.slotOf(task), { kind: 'endEdge', task: producer.taskId(task), edgeId: shared.id, closing, atOnce });
    }
  });
}
