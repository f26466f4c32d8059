import { type ClusterOptions, createCluster } from '../../cluster/index.ts';
import { type Engine, openEngine } from '../../session/index.ts';
import type { StateStore } from '../../state/index.ts';
import { CONNECTOR, type SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const MAX_PARALLELISM = 16;
const CHANNEL_BYTES = 16 * 1024;

export interface SimulatedEngineOptions {
  readonly stateStore: StateStore;
  /** Slots, and subtasks of a job that does not say how many it wants. */
  readonly parallelism: number;
  /** Nothing outside is reached at the start. */
  readonly offline: boolean;
  /** What else the cluster is to know. */
  readonly cluster?: Partial<ClusterOptions>;
}

/** Opens the engine of a process as the composition root does, on the process's clock, randomness and log. */
export function openSimulatedEngine(
  world: World,
  { clock, random, logger, builtIns, launcher, identity }: SimulatedProcess,
  { stateStore, parallelism, offline, cluster }: SimulatedEngineOptions,
): Promise<Engine> {
  return openEngine({
    registries: builtIns.engine,
    catalogLog: stateStore.catalogLog,
    embeddedLog: stateStore.embeddedLog,
    clock,
    random,
    secretBytes: identity.secretBytes,
    logger,
    parallelism,
    maxParallelism: MAX_PARALLELISM,
    futureSkewGuard: false,
    offline,
    bindConnector: (options) => new Map([...options, ['connector', CONNECTOR]]),
    savepoints: { absolute: (path) => path, open: (path) => world.savepoint(path) },
    startCluster: (jobs) =>
      createCluster({
        stateStore,
        launcher,
        clock,
        random,
        logger,
        slots: parallelism,
        channelBytes: CHANNEL_BYTES,
        jobs,
        thoroughChecks: true,
        ...cluster,
      }),
  });
}
