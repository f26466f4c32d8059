import { type Clock, type Logger, type Random, type SqlError, silentLogger } from '../base/index.ts';
import type { StateStore } from '../state/index.ts';
import type { Cluster } from './cluster.ts';
import { droppedState, JobManager, type JobRequest, type ReactiveMode, readPlans, requireClaimed } from './job-manager/index.ts';
import type { TaskManagerRegistry } from './resource-manager/index.ts';
import { TaskManager } from './task-manager/index.ts';
import { LOCAL_TASK_MANAGER, type SlotLauncher } from './transport/index.ts';

const CHANNEL_BYTES = 1024 * 1024;
/** How long a new job waits for slots of other processes. */
const SLOT_TIMEOUT_MS = 10_000;
const STATE_BYTES_MAX = 1024 * 1024 * 1024;
const PINNED_BYTES_MAX = 256 * 1024 * 1024;

export interface ClusterOptions {
  readonly stateStore: StateStore;
  /** inThreadSlots(…) or workerSlots(…). */
  readonly launcher: SlotLauncher;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: Logger;
  /** Slots that jobs are planned for: their largest parallelism. */
  readonly slots: number;
  /** Slots of this process; default: all. The others are those of TaskManagers of other processes. */
  readonly localSlots?: number;
  /** Where TaskManagers of other processes register; closed with the cluster. */
  readonly taskManagers?: TaskManagerRegistry | null;
  /** Jobs run as wide as the slots of the TaskManagers that are there allow, up to `slots`. Default null: as wide as they are planned, or they wait. */
  readonly reactive?: ReactiveMode | null;
  /** Default 100; null: epochs are made only by flush, write, deploy and checkpoint, for tests with a virtual clock. */
  readonly epochIntervalMs?: number | null;
  /** Default 10,000; null: only on demand. */
  readonly checkpointIntervalMs?: number | null;
  /** The jobs of the catalog: they continue from the newest checkpoint together. Jobs it does not name lose their state. */
  readonly jobs?: readonly JobRequest[];
  /** State of other jobs is dropped on demand, so its rows and bytes are counted, which takes reading it. Default false. */
  readonly countsDropped?: boolean;
  /** Credit of a channel. */
  readonly channelBytes?: number;
  /** State a slot may hold: what can spill does before, and a job that cannot fails with 53200. Default 1 GB. */
  readonly stateBytesMax?: number | undefined;
  /** State beyond which an operator that can spill does; default: its part of what the slot may hold. */
  readonly spillBytesMax?: number | null;
  /** What a slot keeps so that statements and transactions can go on reading an older epoch; beyond it they fail with 72000. Default 256 MB. */
  readonly pinnedBytesMax?: number | undefined;
  readonly interpreted?: boolean;
  readonly batchRows?: number | null;
  readonly thoroughChecks?: boolean;
  readonly subscriptionBytesMax?: number;
  readonly onFatal?: (error: SqlError) => void;
}

/** What tests see beside the Cluster. */
export interface ClusterHooks {
  /** Messages of attempts that are gone, dropped and counted. */
  readonly staleMessages: number;
}

/**
 * Starts a JobManager with its slots on a data directory. Resolves once the catalog's jobs have been started again; their relations become readable when
 * the recorded epochs have been replayed (`pin` waits). To crash it, `close` it and open another StateStore on the directory: nothing is saved on the way out.
 * Throws UnclaimedState before anything has been started when the checkpoint holds rows that these jobs would not read.
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster & ClusterHooks> {
  const registry = options.taskManagers ?? null;
  const { stateStore, jobs = [], logger = silentLogger } = options;
  const plans = await readPlans(stateStore);
  await requireClaimed(jobs, plans, { store: stateStore, logger });
  const dropped = await droppedState(jobs, plans, { store: stateStore, counted: options.countsDropped ?? false });
  const manager = new JobManager({
    stateStore,
    plans,
    dropped,
    local: new TaskManager({
      id: LOCAL_TASK_MANAGER,
      slots: options.localSlots ?? options.slots,
      launcher: options.launcher,
      remote: registry?.rings ?? null,
    }),
    settled: options.launcher.settled,
    slotTimeoutMs: registry === null ? null : SLOT_TIMEOUT_MS,
    reactive: options.reactive ?? null,
    closed: () => registry?.close() ?? Promise.resolve(),
    clock: options.clock,
    random: options.random,
    logger,
    slots: options.slots,
    epochIntervalMs: options.epochIntervalMs === undefined ? 100 : options.epochIntervalMs,
    checkpointIntervalMs: options.checkpointIntervalMs === undefined ? 10_000 : options.checkpointIntervalMs,
    channelBytes: options.channelBytes ?? CHANNEL_BYTES,
    settings: {
      interpreted: options.interpreted ?? false,
      batchRows: options.batchRows ?? null,
      thoroughChecks: options.thoroughChecks ?? false,
      stateBytesMax: options.stateBytesMax ?? STATE_BYTES_MAX,
      spillBytesMax: options.spillBytesMax ?? null,
      pinnedBytesMax: options.pinnedBytesMax ?? PINNED_BYTES_MAX,
    },
    subscriptionBytesMax: options.subscriptionBytesMax,
    onFatal: options.onFatal,
  });
  try {
    await registry?.open(manager.taskManagers, stateStore.incarnation);
    await manager.recover(jobs);
    return manager;
  } catch (error) {
    await manager.close();
    throw error;
  }
}
