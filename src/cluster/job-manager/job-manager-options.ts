import type { Clock, Logger, Random, SqlError } from '../../base/index.ts';
import type { SlotSettings } from '../../runtime/index.ts';
import type { StateStore } from '../../state/index.ts';
import type { JobDefinition } from '../cluster.ts';
import type { RestoredStateStatus } from '../cluster-monitor.ts';
import type { TaskManagerHandle } from '../transport/index.ts';
import type { ReactiveMode } from './reactive-scaling.ts';
import type { RecordedPlans } from './recorded-plans.ts';

/** A job with its source, as deployed: what the catalog gives back at a start. */
export interface JobRequest extends JobDefinition {
  /** Is to stand still. */
  readonly paused?: boolean;
  /** Milliseconds for which changes of its relation are held for subscriptions; null and absent: there are none. */
  readonly heldForMs?: number | null;
}

export interface JobManagerOptions {
  readonly stateStore: StateStore;
  /** What the newest checkpoint says of its jobs. */
  readonly plans: RecordedPlans;
  /** What of it nobody goes on with. */
  readonly dropped: readonly RestoredStateStatus[];
  /** The TaskManager of this process. */
  readonly local: TaskManagerHandle;
  /** See SlotLauncher. */
  readonly settled: (() => Promise<void>) | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Slots that jobs are planned for. */
  readonly slots: number;
  /** TaskManagers of other processes may join: a job waits for them this long before it is refused. Null: there are none. */
  readonly slotTimeoutMs: number | null;
  readonly reactive: ReactiveMode | null;
  /** Null: epochs are made only when asked for (flush, write, checkpoint). */
  readonly epochIntervalMs: number | null;
  /** Null: checkpoints are made only when asked for. */
  readonly checkpointIntervalMs: number | null;
  readonly channelBytes: number;
  readonly settings: SlotSettings;
  /** Bytes a subscriber may be behind before it is cut. */
  readonly subscriptionBytesMax?: number | undefined;
  /** Ends what other processes reach the cluster by; called when it closes. */
  readonly closed: () => Promise<void>;
  /** The disk has failed in a way that makes going on unsafe. */
  readonly onFatal?: ((error: SqlError) => void) | undefined;
}
