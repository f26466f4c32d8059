import { VmRealms } from '../base/adapters/vm-realm.ts';
import { connectors, internalConnectors } from '../connectors/index.ts';
import { formats } from '../formats/index.ts';
import { aggregateFunctions, casts, createFunctionLookup, createScriptDefinitions, scalarFunctions, tableFunctions } from '../functions/index.ts';
import { operatorFactories, sourceOperatorFactories } from '../operators/index.ts';
import { type ConnectorDefinition, Registry } from '../spi/index.ts';

/**
 * The built-ins a slot runs with. Apart from `registries.ts`, because a worker thread loads what this file imports: neither parser nor planner, which
 * are most of the program.
 */
export function createSlotRegistries() {
  const realms = new VmRealms();
  const scripts = createScriptDefinitions(realms);
  return {
    scripts,
    functions: createFunctionLookup(scalarFunctions, casts, { realms, definitions: scripts }),
    aggregates: new Registry(aggregateFunctions, (one) => one.signature, scripts.aggregate),
    tableFunctions: new Registry(tableFunctions, (one) => one.signature, scripts.table),
    connectors: connectorRegistry(connectors),
    formats: new Registry(formats, (one) => one.name),
    operators: new Registry(operatorFactories, (one) => one.kind),
    sources: new Registry(sourceOperatorFactories, (one) => one.kind),
  };
}

export function connectorRegistry(definitions: readonly ConnectorDefinition[]): Registry<ConnectorDefinition> {
  return new Registry(
    definitions,
    (one) => one.name,
    (name) => internalConnectors.find((one) => one.name === name) ?? null,
  );
}
