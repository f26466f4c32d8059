/**
 * TaskManagers of other processes as the JobManager meets them: they register, live as long as their heartbeats, and offer slots.
 *
 * Which job gets which slot is decided in ../job-manager/slot-fleet.ts.
 *
 * Start reading at task-manager-registry.ts.
 */
export { TaskManagerRegistry, type TaskManagerRegistryOptions } from './task-manager-registry.ts';
