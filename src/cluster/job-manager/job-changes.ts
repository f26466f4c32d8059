import type { Random } from '../../base/index.ts';
import { Draining, type DrainingParts } from './draining.ts';
import { Pausing, type PausingParts } from './pausing.ts';
import { RegionRestarts } from './region-restarts.ts';
import { Rescaling, type RescalingParts } from './rescaling.ts';
import { SlotWaits, type SlotWaitsParts } from './slot-waits.ts';

export interface JobChangesParts extends Omit<SlotWaitsParts, 'start'>, RescalingParts, DrainingParts, Omit<PausingParts, 'restartRegion'> {
  readonly random: Random;
}

/** What stops jobs and starts them again. */
export interface JobChanges {
  readonly waits: SlotWaits;
  readonly restarts: RegionRestarts;
  readonly rescaling: Rescaling;
  readonly pausing: Pausing;
  readonly draining: Draining;
}

export function jobChanges(parts: JobChangesParts): JobChanges {
  const waits = new SlotWaits({ ...parts, start: parts.startTogether });
  const rescaling = new Rescaling(parts);
  return {
    waits,
    draining: new Draining(parts),
    restarts: new RegionRestarts({ ...parts, waits }),
    rescaling,
    pausing: new Pausing({ ...parts, restartRegion: (job) => rescaling.restartRegion(job) }),
  };
}
