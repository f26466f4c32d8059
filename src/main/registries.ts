import { SqlError, SqlState } from '../base/index.ts';
import { connectors } from '../connectors/index.ts';
import type { CastDefinition, FunctionDefinition, FunctionLookup } from '../expr/index.ts';
import { formats } from '../formats/index.ts';
import { aggregateFunctions } from '../functions/aggregate/index.ts';
import { casts, scalarFunctions, tableFunctions } from '../functions/index.ts';
import { operatorFactories, sourceOperatorFactories } from '../operators/index.ts';
import { lowerings, physicalRoots } from '../operators/lowerings.ts';
import { createFunctionCatalog } from '../plan/index.ts';
import { type ConnectorDefinition, Registry } from '../spi/index.ts';

/** Functions and casts by signature, for evaluation in sessions and in slots. */
function createLookup(): FunctionLookup {
  const functions = new Map<string, FunctionDefinition>(scalarFunctions.map((one) => [one.signature, one]));
  const castByKinds = new Map<string, CastDefinition>(casts.map((one) => [`${one.from} ${one.to}`, one]));
  return {
    function: (signature) => functions.get(signature) ?? missing(`function ${signature}`),
    cast: (from, to) => castByKinds.get(`${from.kind} ${to.kind}`) ?? missing(`cast from ${from.kind} to ${to.kind}`),
  };
}

/** A plan names something this build does not have: the plan comes from another version, or a definition is not listed. */
function missing(what: string): never {
  throw new SqlError({ code: SqlState.internalError, message: `${what} is not built in` });
}

/**
 * Every built-in, as registries. Made once a process or worker; `extraConnectors` are those a test binds in the place of real ones.
 */
export function createRegistries(extraConnectors: readonly ConnectorDefinition[] = []) {
  const lookup = createLookup();
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
