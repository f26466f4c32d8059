/**
 * From plain descriptions to running parts: a slot builds its subtasks and channel ends from here.
 *
 * Start reading at task-description.ts, then build-task.ts.
 */
export { type BuiltTask, buildTask, type SlotRegistries, type SlotSettings, type TaskSurroundings } from './build-task.ts';
export { ROW_ERRORS } from './row-errors.ts';
export { SlotChannels } from './slot-channels.ts';
export type {
  ChannelDescription,
  ChannelRing,
  EdgeDescription,
  InputDescription,
  JobDeployment,
  SourceDescription,
  TaskDescription,
} from './task-description.ts';
