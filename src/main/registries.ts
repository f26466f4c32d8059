import { connectors } from '../connectors/index.ts';
import { formats } from '../formats/index.ts';
import { aggregateFunctions, casts, createFunctionLookup, scalarFunctions, tableFunctions } from '../functions/index.ts';
import { operatorFactories, sourceOperatorFactories } from '../operators/index.ts';
import { lowerings, physicalRoots } from '../operators/lowerings.ts';
import { createFunctionCatalog } from '../plan/index.ts';
import { type ConnectorDefinition, Registry } from '../spi/index.ts';

/**
 * Every built-in, as registries. Made once a process or worker; `extraConnectors` are those a test binds in the place of real ones.
 */
export function createRegistries(extraConnectors: readonly ConnectorDefinition[] = []) {
  const lookup = createFunctionLookup(scalarFunctions, casts);
  const aggregates = new Registry(aggregateFunctions, (one) => one.signature);
  return {
    lookup,
    functions: createFunctionCatalog({ functions: scalarFunctions, casts, aggregates: aggregateFunctions, tableFunctions, lookup }),
    aggregates,
    connectors: new Registry([...connectors, ...extraConnectors], (one) => one.name),
    formats: new Registry(formats, (one) => one.name),
    operators: new Registry(operatorFactories, (one) => one.kind),
    sources: new Registry(sourceOperatorFactories, (one) => one.kind),
    lowerings,
    roots: physicalRoots,
  };
}

export type Registries = ReturnType<typeof createRegistries>;
