import type { ConnectorDefinition } from '../../spi/index.ts';
import { TableWriter } from './table-writer.ts';

/**
 * The writing half of CREATE SINK … INTO a stored table: rows leave with the epoch they belong to, and are part of the checkpoint until the table has them.
 *
 * Writes no table itself: uniqueness is decided where all other changes of stored tables are, and the rows become part of a later epoch there. No WITH clause
 * names it.
 *
 * Laws
 * - What a checkpoint says is waiting, and what the table has by then, is every epoch; one that is both is written once, since the table's side notes epochs with rows.
 *
 * Start reading at table-writer.ts.
 */
export const storedTable: ConnectorDefinition = {
  name: 'table',
  description: 'Stored tables, as targets of CREATE SINK … INTO.',
  options: [],
  metadata: [],
  internal: true,
  source: null,
  sink: {
    needsFormat: false,
    acceptsUpdates: 'with-key',
    delivery: () => 'exactly-once',
    oneWriter: () => true,
    check: async () => undefined,
    createWriter: (context) => new TableWriter(context),
  },
};
