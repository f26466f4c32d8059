import type { SqlError } from '../base/index.ts';
import type { Batch, Epoch } from '../batch/index.ts';

/** Brings the rows of a sink to who writes stored tables: they are written behind the epoch they belong to, once, in the order of epochs. */
export interface TableDelivery {
  /** The whole of an epoch, whose barrier has arrived. Epochs that have been written are passed over, so after a restart they may be sent again. */
  send(epoch: Epoch, rows: Batch): void;
}

/** Epochs up to `through` are durable in the table; `problem`: why a later one is not, and is tried again. */
export type TableRowsTaken = (through: Epoch, problem: SqlError | null) => void;
