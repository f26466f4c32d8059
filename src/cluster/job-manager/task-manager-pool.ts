import type { Logger, SqlError } from '../../base/index.ts';
import type { TaskId } from '../../runtime/index.ts';
import type { TaskManagerHandle } from '../transport/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { SlotFleet } from './slot-fleet.ts';

export interface TaskManagerPoolParts {
  readonly fleet: SlotFleet;
  readonly registry: JobRegistry;
  readonly logger: Logger;
  readonly failed: (task: TaskId, error: SqlError) => void;
}

/** How TaskManagers of other processes come and go. */
export class TaskManagerPool {
  readonly #parts: TaskManagerPoolParts;

  constructor(parts: TaskManagerPoolParts) {
    this.#parts = parts;
  }

  /** It offers its slots. */
  join(host: TaskManagerHandle): void {
    this.#parts.logger.log('info', 'a TaskManager has joined', { id: host.id, address: host.address, slots: host.slots });
    this.#parts.fleet.join(host);
  }

  /** It is gone, or counts as gone: what its slots were doing starts again elsewhere. */
  leave(host: TaskManagerHandle, error: SqlError): void {
    this.#parts.logger.log('warn', 'a TaskManager is lost', { id: host.id, address: host.address, reason: error.message });
    this.#parts.fleet.leave(host, error);
  }

  /** A channel of a job's attempt has broken between two TaskManagers that live: the attempt cannot go on. */
  channelLost(channel: { readonly jobId: string; readonly attempt: number }, error: SqlError): void {
    const job = this.#parts.registry.job(channel.jobId);
    const task = job?.tasks[0];
    if (job !== undefined && task !== undefined && job.attempt === channel.attempt) this.#parts.failed(job.taskId(task), error);
  }
}
