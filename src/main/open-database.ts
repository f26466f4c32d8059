import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { secretBytes } from '../base/adapters/secret-bytes.ts';
import { systemClock } from '../base/adapters/system-clock.ts';
import { systemRandom } from '../base/adapters/system-random.ts';
import type { Clock, Logger, Random, ServerAddress, SqlError } from '../base/index.ts';
import type { SystemRow } from '../catalog/index.ts';
import {
  type Cluster,
  createCluster,
  inThreadSlots,
  plansOfSavepoint,
  type ReactiveMode,
  type SlotLaunch,
  type SlotLauncher,
  type TaskManagerRegistry,
  workerSlots,
} from '../cluster/index.ts';
import { type Engine, openEngine, type TestControls } from '../session/index.ts';
import {
  levelScratchPlace,
  MemoryDirectory,
  openMemoryStateStore,
  restoreSavepoint,
  type ScratchPlace,
  type StandbyOptions,
  type StateStore,
} from '../state/index.ts';
import { nodeSavepoints, openSavepoint } from './node-savepoints.ts';
import { createRegistries, type Registries, withConnectors } from './registries.ts';
import type { TestBench } from './test-bench.ts';

export interface DatabaseOptions {
  /** Null: everything in memory. */
  readonly dataDir: string | null;
  /** The savepoint that a new data directory begins with. */
  readonly fromSavepoint?: string | undefined;
  /** See EngineParts. */
  readonly allowDroppedState?: boolean | undefined;
  /** Slots of this process. */
  readonly slots: number;
  /** Subtasks a job is planned for; default: the slots of this process. */
  readonly parallelism?: number | undefined;
  /** See ClusterOptions. */
  readonly reactive?: ReactiveMode | undefined;
  /** Where TaskManagers of other processes register. */
  readonly taskManagers?: TaskManagerRegistry | null;
  /** `workers`: a thread a slot; `in-thread`: cooperatively in this one. */
  readonly host: 'workers' | 'in-thread';
  readonly logger: Logger;
  /** See ClusterOptions. */
  readonly pinnedBytesMax?: number | undefined;
  /** Waits for a data directory in use. */
  readonly standby?: StandbyOptions | undefined;
  /** Another server has taken the data directory over: this one can only end. */
  readonly lost?: ((error: SqlError) => void) | undefined;
  /** No epoch can be completed any more, as when the disk fails: every statement fails from now on. */
  readonly stopped?: ((error: SqlError) => void) | undefined;
  readonly stateBytesMax?: number | undefined;
  /** From one checkpoint to the next, default 10,000; 0: they are made on demand. */
  readonly checkpointIntervalMs?: number | undefined;
  /** Its time, and its topics for other systems, for a database in memory and in one thread; default: the machine's, and the systems themselves. */
  readonly bench?: TestBench | undefined;
  /** Asks no other system: for checking and explaining files. */
  readonly offline?: boolean;
  /** Live sessions, for pg_stat_activity. */
  readonly activity?: () => Iterable<SystemRow>;
}

export interface Database {
  readonly engine: Engine;
  readonly registries: Registries;
  readonly clock: Clock;
  readonly random: Random;
  /** Tells whoever finds the data directory in use where to connect. */
  announce(address: ServerAddress): Promise<void>;
  /** Checkpoint, then stop. */
  close(): Promise<void>;
}

/** Key groups of every job; part of the state's layout, so it never changes. */
export const MAX_PARALLELISM = 128;

/** Slots when nobody says: one a core. */
export function defaultSlots(): number {
  return availableParallelism();
}

/** Puts the engine together for a process: real clock, real randomness, real disk and threads. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { bench } = options;
  const clock = bench?.clock ?? systemClock;
  const random = systemRandom();
  const registries = bench === undefined ? createRegistries() : withConnectors(createRegistries(), [bench.connector]);
  const { stateStore, announce } = await openState(options, clock);
  const parallelism = options.parallelism ?? options.slots;
  const scratchDir = options.dataDir === null ? temporaryScratchDir() : join(options.dataDir, 'scratch');
  const launcher = options.host === 'workers' ? threadSlots(scratchDir) : localSlots(registries, { clock, logger: options.logger, scratchDir });
  const engine: Engine = await openEngine({
    registries,
    catalogLog: stateStore.catalogLog,
    embeddedLog: stateStore.embeddedLog,
    clock,
    random,
    secretBytes,
    logger: options.logger,
    parallelism,
    maxParallelism: MAX_PARALLELISM,
    // Rows of tests come from whatever time they like.
    futureSkewGuard: bench === undefined,
    bindConnector: (connectorOptions) => bench?.bound.bind(connectorOptions) ?? connectorOptions,
    testing: bench === undefined ? undefined : testControls(bench, () => engine.cluster),
    savepoints: nodeSavepoints,
    offline: options.offline ?? false,
    allowDroppedState: options.allowDroppedState ?? false,
    ...(options.activity === undefined ? {} : { activity: options.activity }),
    startCluster: (jobs, { countsDropped }) =>
      createCluster({
        countsDropped,
        stateStore,
        launcher,
        clock,
        random,
        logger: options.logger,
        slots: parallelism,
        localSlots: options.slots,
        taskManagers: options.taskManagers ?? null,
        reactive: options.reactive ?? null,
        jobs,
        pinnedBytesMax: options.pinnedBytesMax,
        stateBytesMax: options.stateBytesMax,
        ...(options.checkpointIntervalMs === undefined ? {} : { checkpointIntervalMs: options.checkpointIntervalMs || null }),
        ...(options.stopped === undefined ? {} : { onFatal: options.stopped }),
      }),
  }).catch(async (error: unknown) => {
    await stateStore.close();
    throw error;
  });
  return {
    engine,
    registries,
    clock,
    random,
    announce,
    close: async () => {
      try {
        await engine.close();
      } finally {
        await stateStore.close();
      }
    },
  };
}

function testControls(bench: TestBench, cluster: () => Cluster): TestControls {
  return {
    advanceTo: (micros) => bench.advanceTo(micros),
    settle: () => bench.settle(cluster()),
    outside: () => bench.bound.outside,
    hasTopic: (name) => bench.topics.has(name),
  };
}

async function openState(
  options: DatabaseOptions,
  clock: Clock,
): Promise<{ readonly stateStore: StateStore; readonly announce: Database['announce'] }> {
  if (options.dataDir === null) return { stateStore: await openMemory(options.fromSavepoint), announce: async () => undefined };
  const { openDirectory } = await import('./open-directory.ts');
  const { logger, standby, lost, fromSavepoint } = options;
  const { stateStore, lock } = await openDirectory(options.dataDir, { clock, logger, standby, lost, fromSavepoint });
  return { stateStore, announce: (address) => lock.announce(address) };
}

async function openMemory(fromSavepoint: string | undefined): Promise<StateStore> {
  const directory = new MemoryDirectory();
  if (fromSavepoint !== undefined) {
    const savepoint = await openSavepoint(fromSavepoint);
    await savepoint.requireSound();
    await restoreSavepoint(savepoint, openMemoryStateStore(directory), plansOfSavepoint(savepoint.manifest.jobs));
  }
  return openMemoryStateStore(directory);
}

/**
 * A slot makes few objects but many buffers outside the heap, which only a collection lets go. With the usual young generation
 * collections are so rare that the buffers reach the limit of the old one first, and all of the heap is marked again and again.
 */
const SLOT_LIMITS = { maxYoungGenerationSizeMb: 3 };

/** What a slot's worker thread is started with. */
export interface SlotWorkerData {
  readonly launch: SlotLaunch;
  /** Slots have folders of their own in it. */
  readonly scratchDir: string;
}

/** Slots in worker threads of this process, which spill to folders in `scratchDir`. */
export function threadSlots(scratchDir: string): SlotLauncher {
  return workerSlots((launch) => {
    const workerData: SlotWorkerData = { launch, scratchDir };
    return new Worker(join(import.meta.dirname, 'load-slot.cjs'), { workerData, resourceLimits: SLOT_LIMITS });
  });
}

/** For processes without a data directory: nothing is made there before something spills. */
export function temporaryScratchDir(): string {
  return join(tmpdir(), `fsql-scratch-${process.pid}`);
}

function localSlots(
  registries: Registries,
  { clock, logger, scratchDir }: { readonly clock: Clock; readonly logger: Logger; readonly scratchDir: string },
): SlotLauncher {
  const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const scratch = ({ slot, incarnation }: SlotLaunch): ScratchPlace => levelScratchPlace(join(scratchDir, `slot-${slot}`), String(incarnation));
  return inThreadSlots({ registries: slotRegistries(registries), clock, logger, scratch, random: null, pause });
}

/** What a slot gets of the built-ins. */
export function slotRegistries(registries: Registries) {
  const { operators, sources, lookup, aggregates, tableFunctions, connectors, formats } = registries;
  return { operators, sources, functions: lookup, aggregates, tableFunctions, connectors, formats };
}
