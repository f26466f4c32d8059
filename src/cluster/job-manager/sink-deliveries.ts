import type { SqlError } from '../../base/index.ts';
import { decodeBatch, type Epoch } from '../../batch/index.ts';
import type { TaskId } from '../../runtime/index.ts';
import type { TableDeliveries, TableRows } from '../cluster.ts';
import type { FromSlot } from '../transport/index.ts';
import type { Conditions } from './conditions.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { SlotFleet } from './slot-fleet.ts';

export interface SinkDeliveriesParts {
  readonly fleet: SlotFleet;
  readonly epochs: EpochCoordinator;
  readonly conditions: Conditions;
  /** Whether the task's attempt is the present one; a stale message is counted. */
  readonly isCurrent: (task: TaskId) => boolean;
}

/**
 * Hands on what sinks have for stored tables, once it would come again after a crash as it is: when the record of its epoch is durable, and the newest checkpoint
 * does not have the sink stand still, for then it would begin with an epoch of its own.
 */
export class SinkDeliveries implements TableDeliveries {
  readonly #parts: SinkDeliveriesParts;
  #receiver: ((rows: TableRows) => void) | null = null;
  /** To be handed on, and nobody is there yet. */
  #early: TableRows[] = [];
  /** By job: what has come of it before. */
  readonly #orders = new Map<string, Promise<void>>();

  constructor(parts: SinkDeliveriesParts) {
    this.#parts = parts;
  }

  receive(receiver: (rows: TableRows) => void): void {
    this.#receiver = receiver;
    for (const rows of this.#early) receiver(rows);
    this.#early = [];
  }

  async settled(): Promise<void> {
    await Promise.all(this.#orders.values());
  }

  arrived({ task, epoch, rows }: Extract<FromSlot, { kind: 'tableRows' }>): void {
    const { conditions, epochs, isCurrent } = this.#parts;
    if (!isCurrent(task)) return;
    const { jobId } = task;
    const answer = (through: Epoch, problem: SqlError | null): void => this.#answer(task, through, problem);
    const delivered: TableRows = { jobId, epoch, rows: decodeBatch(rows), answer };
    const order = (this.#orders.get(jobId) ?? Promise.resolve()).then(async () => {
      await conditions.until(() => epochs.inFlight.isDurable(epoch) && epochs.base?.paused?.[jobId] === undefined);
      if (this.#receiver === null) this.#early.push(delivered);
      else this.#receiver(delivered);
      if (this.#orders.get(jobId) === order) this.#orders.delete(jobId);
    });
    this.#orders.set(jobId, order);
  }

  #answer(task: TaskId, through: Epoch, problem: SqlError | null): void {
    this.#parts.fleet.sendTo(task, { kind: 'tableRowsTaken', task, through, problem: problem?.fields() ?? null });
  }
}
