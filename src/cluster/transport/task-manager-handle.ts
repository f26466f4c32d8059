import type { SlotEvents, SlotLink, SlotRequest } from './slot-link.ts';

/** A TaskManager as the JobManager sees it: slots to be filled, in this process or in another. */
export interface TaskManagerHandle {
  /** Never given twice by one JobManager, so that what comes from an earlier registration can be told. */
  readonly id: string;
  /** Where its process listens (host:port); null: it is the JobManager's own. */
  readonly address: string | null;
  readonly slots: number;
  /** Wall clock of its last sign of life; null where it cannot die alone. */
  readonly lastHeartbeatMicros: bigint | null;
  launch(request: SlotRequest, events: SlotEvents): SlotLink;
}

/** Id of the TaskManager in the JobManager's own process. */
export const LOCAL_TASK_MANAGER = 'local';
