import type { Random, ServerAddress } from '../../base/index.ts';
import type { ReactiveMode } from '../../cluster/index.ts';

/** Which processes a world has. */
export interface Topology {
  /** Processes that may lead: one, or one and a standby. */
  readonly servers: number;
  /** Slots of the process that leads. */
  readonly localSlots: number;
  /** Slots of each TaskManager in a process of its own. */
  readonly taskManagers: readonly number[];
  /** Subtasks jobs are planned for. */
  readonly parallelism: number;
  /** Jobs are as wide as the slots there are; null: as wide as they are planned. */
  readonly reactive: ReactiveMode | null;
  /** State beyond which operators spill it, in bytes; null: as long as there is memory it stays there. */
  readonly spillBytesMax: number | null;
}

const PORT = 7_000;
/** Most worlds are small: a fault in a task costs as much to live through beside few others, and more worlds are tried in the time. */
const PARALLELISM = [1, 1, 1, 2, 2, 3];
/** A TaskManager stays away for 12 s at most: now jobs go on without it, now it is back in time. */
const STABILIZATION_MS_MAX = 6_000;
const COOLDOWN_MS_MAX = 20_000;
/** Worlds in which state leaves memory: one in so many. */
const SPILL_SHARE = 6;

export function serverHost(index: number): string {
  return `server-${index + 1}`;
}

export function taskManagerHost(index: number): string {
  return `tasks-${index + 1}`;
}

/** Where TaskManagers register with the server that leads. */
export function serverAddress(index: number): ServerAddress {
  return { host: serverHost(index), port: PORT };
}

/** Slots of all processes, while all of them are there. */
export function placesOf({ localSlots, taskManagers }: Topology): number {
  return taskManagers.reduce((sum, slots) => sum + slots, localSlots);
}

/** Half of the worlds have one process; the others a standby, TaskManagers of their own, or both. */
export function randomTopology(random: Random): Topology {
  const parallelism = PARALLELISM[random.nextInt(PARALLELISM.length)]!;
  const spillBytesMax = random.nextInt(SPILL_SHARE) === 0 ? 1 + random.nextInt(2_000) : null;
  if (random.nextInt(2) === 0) return { servers: 1, localSlots: parallelism, taskManagers: [], parallelism, reactive: null, spillBytesMax };
  const servers = 1 + random.nextInt(2);
  const localSlots = random.nextInt(parallelism + 1);
  const reactive = random.nextInt(2) === 0 ? randomReactive(random) : null;
  const count = localSlots === parallelism ? (servers === 1 ? 1 : 0) : 1 + random.nextInt(2);
  // One of them alone has room for what the server has not, but where jobs make do with less.
  const missing = Math.max(1, parallelism - localSlots);
  const slots = (): number => (reactive === null ? missing : 1 + random.nextInt(missing));
  return { servers, localSlots, taskManagers: Array.from({ length: count }, slots), parallelism, reactive, spillBytesMax };
}

function randomReactive(random: Random): ReactiveMode {
  return { stabilizationMs: 1 + random.nextInt(STABILIZATION_MS_MAX), cooldownMs: random.nextInt(COOLDOWN_MS_MAX) };
}
