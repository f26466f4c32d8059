/**
 * What travels between the JobManager and its slots, and the links it travels on. Messages are plain data; links keep order.
 *
 * Start reading at slot-messages.ts, then slot-link.ts.
 */
export type { ServedAt } from './served-at.ts';
export type { SlotEvents, SlotLaunch, SlotLauncher, SlotLink, SlotRequest } from './slot-link.ts';
export {
  type Attachment,
  type DeployedTable,
  type DeployedTask,
  type EmbeddedRows,
  type FromSlot,
  type TaskReport,
  type ToSlot,
  transferables,
} from './slot-messages.ts';
export { LOCAL_TASK_MANAGER, type TaskManagerHandle } from './task-manager-handle.ts';
export type { FromTaskManager, ToTaskManager } from './task-manager-messages.ts';
