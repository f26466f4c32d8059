import { aggregateFunctions, casts, scalarFunctions, tableFunctions } from '../functions/index.ts';
import { lowerings, physicalRoots } from '../operators/lowerings.ts';
import { createFunctionCatalog } from '../plan/index.ts';
import type { ConnectorDefinition } from '../spi/index.ts';
import { createSlotRegistries } from './slot-registries.ts';

/**
 * Every built-in, as registries. Made once a process; `extraConnectors` are those a test binds in the place of real ones.
 */
export function createRegistries(extraConnectors: readonly ConnectorDefinition[] = []) {
  const { functions: lookup, ...shared } = createSlotRegistries(extraConnectors);
  return {
    ...shared,
    lookup,
    functions: createFunctionCatalog({ functions: scalarFunctions, casts, aggregates: aggregateFunctions, tableFunctions, lookup }),
    lowerings,
    roots: physicalRoots,
  };
}

export type Registries = ReturnType<typeof createRegistries>;
