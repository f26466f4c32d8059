import type { ConnectorDefinition } from '../../spi/index.ts';
import { withSinkId } from '../sink-id.ts';
import { checkSink } from './check-sink.ts';
import { postgresOptions } from './options.ts';
import { PostgresLookup } from './postgres-lookup.ts';
import { PostgresWriter } from './postgres-writer.ts';

/**
 * Tables of PostgreSQL, written exactly once: the rows of a checkpoint and the number of its epoch go there in one transaction; and looked up by key.
 *
 * Speaks no protocol of its own (`pg` does, loaded with the first connection) and makes no table but the one with the epochs.
 *
 * Laws
 * - The epoch in the target is that of the rows in the target, whatever crashes: both are one transaction.
 * - Rows of an epoch that is there are not written again.
 *
 * Start reading at postgres-writer.ts, then target-table.ts and epoch-table.ts; for lookups postgres-lookup.ts.
 */
export const postgres: ConnectorDefinition = {
  name: 'postgres',
  description: 'Tables of PostgreSQL, as sinks, and to be looked up with FOR SYSTEM_TIME AS OF.',
  options: postgresOptions,
  metadata: [],
  source: null,
  sink: {
    needsFormat: false,
    acceptsUpdates: 'with-key',
    delivery: () => 'exactly-once',
    oneWriter: () => true,
    settle: withSinkId,
    check: checkSink,
    createWriter: (context) => new PostgresWriter(context),
  },
  lookup: { createReader: (context) => new PostgresLookup(context) },
};

/** The name Flink and RisingWave have for it; of the databases behind JDBC only PostgreSQL is there. */
export const jdbc: ConnectorDefinition = { ...postgres, name: 'jdbc', description: "Flink's and RisingWave's name for postgres." };
