/**
 * The built-in connectors, alphabetical. Each folder is one external system: options, splits, reader, writer.
 *
 * Only src/main imports this list; everyone else receives a Registry.
 *
 * Start reading at any member's index.ts.
 */
import type { ConnectorDefinition } from '../spi/index.ts';
import { blackhole } from './blackhole/index.ts';
import { datagen } from './datagen/index.ts';
import { filesystem } from './filesystem/index.ts';
import { kafka, upsertKafka } from './kafka/index.ts';
import { jdbc, postgres } from './postgres/index.ts';
import { print } from './print/index.ts';
import { storedTable } from './table/index.ts';

export const connectors: readonly ConnectorDefinition[] = [blackhole, datagen, filesystem, jdbc, kafka, postgres, print, upsertKafka];

/** Those no WITH clause names. */
export const internalConnectors: readonly ConnectorDefinition[] = [storedTable];
