/**
 * A process with slots: hosts them, gives their channels shared memory, and carries the bytes of channels that lead to other processes. In the JobManager's
 * process a TaskManager is a part of it; elsewhere a TaskManagerProcess registers with the JobManager.
 *
 * Laws
 * - A registration has an id of its own; when its connection ends, or its process has slept for too long, everything in it ends.
 * - Bytes under way in a channel are never more than its receiver has granted room for.
 *
 * Start reading at task-manager.ts, then channel-rings.ts, data-plane.ts, task-manager-process.ts.
 */
export { parseAddress } from './address.ts';
export { parseChannel } from './channel-id.ts';
export type { RemoteRings } from './channel-rings.ts';
export { type BellWait, DataPlane } from './data-plane.ts';
export { TaskManager } from './task-manager.ts';
export { TaskManagerProcess, type TaskManagerProcessOptions } from './task-manager-process.ts';
