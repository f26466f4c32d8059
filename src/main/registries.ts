import { connectors } from '../connectors/index.ts';
import { aggregateFunctions, casts, scalarFunctions, tableFunctions } from '../functions/index.ts';
import { lowerings, physicalRoots } from '../operators/lowerings.ts';
import { createFunctionCatalog } from '../plan/index.ts';
import type { ConnectorDefinition } from '../spi/index.ts';
import { importStatement } from '../tools/import/index.ts';
import { connectorRegistry, createSlotRegistries } from './slot-registries.ts';

/** Every built-in, as registries. Made once a process. */
export function createRegistries() {
  const { functions: lookup, ...shared } = createSlotRegistries();
  return {
    ...shared,
    lookup,
    functions: createFunctionCatalog({ functions: scalarFunctions, casts, aggregates: aggregateFunctions, tableFunctions, lookup }),
    lowerings,
    roots: physicalRoots,
    importStatement,
  };
}

export type Registries = ReturnType<typeof createRegistries>;

/** With the connectors that a test binds in the place of real ones; the functions, which are most of it, are shared. */
export function withConnectors(registries: Registries, extraConnectors: readonly ConnectorDefinition[]): Registries {
  return { ...registries, connectors: connectorRegistry([...connectors, ...extraConnectors]) };
}
