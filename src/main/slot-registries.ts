import { connectors } from '../connectors/index.ts';
import { formats } from '../formats/index.ts';
import { aggregateFunctions, casts, createFunctionLookup, scalarFunctions, tableFunctions } from '../functions/index.ts';
import { operatorFactories, sourceOperatorFactories } from '../operators/index.ts';
import { type ConnectorDefinition, Registry } from '../spi/index.ts';

/**
 * The built-ins a slot runs with. Apart from `registries.ts`, because a worker thread loads what this file imports: neither parser nor planner, which
 * are most of the program.
 */
export function createSlotRegistries() {
  return {
    functions: createFunctionLookup(scalarFunctions, casts),
    aggregates: new Registry(aggregateFunctions, (one) => one.signature),
    tableFunctions: new Registry(tableFunctions, (one) => one.signature),
    connectors: connectorRegistry(connectors),
    formats: new Registry(formats, (one) => one.name),
    operators: new Registry(operatorFactories, (one) => one.kind),
    sources: new Registry(sourceOperatorFactories, (one) => one.kind),
  };
}

export function connectorRegistry(definitions: readonly ConnectorDefinition[]): Registry<ConnectorDefinition> {
  return new Registry(definitions, (one) => one.name);
}
