import type { Epoch } from '../../batch/index.ts';
import type { EpochRecord } from '../../state/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';

/**
 * The epoch behind which a job's deltas are held in state, since a reader of it is paused there; null: none is. One that goes on counts until a checkpoint
 * has it running: after a crash it would begin again from where it was.
 */
export function heldBehind(job: ManagedJob, registry: JobRegistry, base: EpochRecord | null): Epoch | null {
  const epochs = registry.consumersOf(job).flatMap((consumer) => {
    const saved = base?.paused?.[consumer.id];
    return [consumer.pausedAt?.epoch, saved?.epoch].filter((epoch) => epoch !== undefined);
  });
  return epochs.length === 0 ? null : Math.min(...epochs);
}
