import { SqlError, type SqlErrorFields, SqlState } from '../../base/index.ts';
import type { CheckpointCoordinator } from './checkpoint-coordinator.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { HistoryCuts } from './history-cuts.ts';
import { wasInterrupted } from './interrupted-read.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import type { RelationScans } from './relation-scans.ts';
import type { SlotFleet } from './slot-fleet.ts';
import type { Subscriptions } from './subscriptions.ts';

/** Who knows of a job that runs. */
export interface Dataflow {
  readonly registry: JobRegistry;
  readonly fleet: SlotFleet;
  readonly scans: RelationScans;
  readonly subscriptions: Subscriptions;
  readonly epochs: EpochCoordinator;
  readonly checkpoints: CheckpointCoordinator;
  readonly histories: HistoryCuts;
}

/** What its readers fail with when it has failed for good. */
export function hasFailed(job: ManagedJob, { code, message }: SqlErrorFields): SqlErrorFields {
  return { code, message: `"${job.graph.name}" has failed: ${message}`, class: 'user' };
}

/** What others learn who still wait for it. */
export function wasDropped(job: ManagedJob): SqlErrorFields {
  return { code: SqlState.objectNotInPrerequisiteState, message: `"${job.graph.name}" was dropped`, class: 'user' };
}

/** Who is just being started together with the job, if it is, and waits for it. */
export function startingWith(job: ManagedJob, registry: JobRegistry): readonly ManagedJob[] {
  return job.live ? [] : registry.region(job).filter((other) => other !== job && !other.live);
}

/** The job takes no part in epochs any more, nor does what its tasks still say; its readers are told, and its producers stop sending. */
export function leaveDataflow(job: ManagedJob, { registry, fleet, scans, subscriptions, epochs, checkpoints, histories }: Dataflow): void {
  job.live = false;
  job.left = true;
  const interrupted = wasInterrupted(job);
  scans.fail(job.id, interrupted);
  // The taps went with the tasks; a subscriber resumes from the last epoch it saw as complete.
  if (job.graph.output !== null) subscriptions.fail(job.graph.output.relation, new SqlError(interrupted));
  epochs.inFlight.forget(job.id);
  epochs.cuts.forget(job.id);
  checkpoints.forget(job.id);
  histories.left(job);
  job.inputs.forEach((wiring, index) => {
    const producer = registry.producerOf(job.graph.inputs[index]!.relation);
    if (wiring.shared === null || producer === undefined) return;
    for (const task of producer.tasks) {
      if (task.relation !== null)
        fleet.send(producer.slotOf(task), { kind: 'detach', task: producer.taskId(task), edgeId: wiring.shared.id, afterEpoch: null });
    }
  });
}
