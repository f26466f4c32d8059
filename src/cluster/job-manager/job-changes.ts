import type { Random } from '../../base/index.ts';
import { Draining, type DrainingParts } from './draining.ts';
import { GraphChanges, type GraphChangesParts } from './graph-changes.ts';
import { Pausing, type PausingParts } from './pausing.ts';
import { type ReactiveMode, ReactiveScaling } from './reactive-scaling.ts';
import { RegionRestarts } from './region-restarts.ts';
import { Rescaling, type RescalingParts } from './rescaling.ts';
import { SlotShares } from './slot-shares.ts';
import { SlotWaits, type SlotWaitsParts } from './slot-waits.ts';

type Made = 'start' | 'shares' | 'restartRegion' | 'waits' | 'waitsForSlots';

export interface JobChangesParts
  extends Omit<SlotWaitsParts, Made>,
    Omit<RescalingParts, Made>,
    DrainingParts,
    Omit<PausingParts, Made>,
    Omit<GraphChangesParts, Made> {
  readonly random: Random;
  readonly reactive: ReactiveMode | null;
}

/** What stops jobs and starts them again. */
export interface JobChanges {
  readonly shares: SlotShares;
  readonly waits: SlotWaits;
  readonly graph: GraphChanges;
  readonly restarts: RegionRestarts;
  readonly rescaling: Rescaling;
  readonly reactive: ReactiveScaling;
  readonly pausing: Pausing;
  readonly draining: Draining;
}

export function jobChanges(parts: JobChangesParts): JobChanges {
  const shares = new SlotShares({ ...parts, isReactive: parts.reactive !== null });
  const waits = new SlotWaits({ ...parts, shares, start: parts.startTogether });
  const rescaling = new Rescaling({ ...parts, shares });
  const graph = new GraphChanges({ ...parts, waits, waitsForSlots: () => waits.problem() });
  return {
    shares,
    waits,
    graph,
    draining: new Draining(parts),
    restarts: new RegionRestarts({ ...parts, waits }),
    rescaling,
    reactive: new ReactiveScaling({ ...parts, shares, waits, rescaling, graph }),
    pausing: new Pausing({ ...parts, restartRegion: (job) => rescaling.restartRegion(job) }),
  };
}
