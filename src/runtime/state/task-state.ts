import { SqlError, SqlState } from '../../base/index.ts';
import type { Batch, Epoch } from '../../batch/index.ts';
import type { StateTable, StateTableDeclaration } from '../../spi/index.ts';
import type { SlotBudget } from './slot-budget.ts';
import { SpillShare } from './spill-share.ts';

/** Changed rows of one table at a checkpoint barrier. The batches are copies: the operator goes on while they are encoded. */
export interface TableSnapshot {
  readonly operatorId: string;
  readonly declaration: StateTableDeclaration;
  readonly upserts: Batch;
  readonly deletes: Batch;
}

export interface StateSnapshot {
  readonly epoch: Epoch;
  readonly tables: readonly TableSnapshot[];
}

/** The state tables of one task: what its operators have declared, for snapshot, restore and the memory budget. */
export class TaskState {
  readonly #tables: { readonly operatorId: string; readonly table: StateTable; readonly spilling: SpillShare | null }[] = [];
  readonly #shares: SpillShare[] = [];
  readonly #budget: SlotBudget;
  #bytes = 0;

  constructor(budget: SlotBudget) {
    this.#budget = budget;
  }

  register(operatorId: string, table: StateTable): void {
    this.#tables.push({ operatorId, table, spilling: null });
  }

  /** A table that moves out of memory what is more than the share. */
  registerSpilling(operatorId: string, table: StateTable, share: SpillShare): void {
    this.#tables.push({ operatorId, table, spilling: share });
  }

  /** The part of the slot's memory of one more operator that can spill. */
  addShare(): SpillShare {
    const share = new SpillShare(this.#budget);
    this.#shares.push(share);
    return share;
  }

  tables(): readonly { readonly operatorId: string; readonly table: StateTable }[] {
    return this.#tables;
  }

  bytes(): number {
    return this.#bytes;
  }

  snapshot(epoch: Epoch): StateSnapshot {
    const tables: TableSnapshot[] = [];
    for (const { operatorId, table } of this.#tables) {
      const { upserts, deletes } = table.collectDirty(epoch);
      if (upserts.rowCount + deletes.rowCount > 0) tables.push({ operatorId, declaration: table.declaration, upserts, deletes });
    }
    return { epoch, tables };
  }

  /** Throws 53200 when the slot's state has outgrown its budget; the largest table of this task is named. */
  checkBudget(): void {
    let bytes = 0;
    for (const share of this.#shares) share.begin();
    for (const { table, spilling } of this.#tables) {
      const size = table.sizeBytes();
      bytes += size;
      spilling?.add(size);
    }
    this.#budget.used += bytes - this.#bytes;
    this.#bytes = bytes;
    if (this.#budget.used > this.#budget.bytesMax && bytes > 0) throw this.#overBudget();
  }

  /** The task has gone: its share of the budget is free again. */
  release(): void {
    this.#budget.used -= this.#bytes;
    this.#bytes = 0;
    for (const share of this.#shares.splice(0)) share.release();
  }

  #overBudget(): SqlError {
    const largest = this.#tables.reduce((left, right) => (left.table.sizeBytes() >= right.table.sizeBytes() ? left : right));
    return new SqlError({
      code: SqlState.outOfMemory,
      message: `state of operator ${largest.operatorId} does not fit the slot's memory`,
      detail: `Table "${largest.table.declaration.name}" holds ${largest.table.sizeBytes()} bytes; the slot uses ${this.#budget.used} of ${this.#budget.bytesMax} bytes.`,
      hint: 'Give the slots more memory (--state-memory-mb), or keep less state: a shorter window, fewer groups.',
      class: 'user',
    });
  }
}
