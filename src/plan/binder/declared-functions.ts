import type { CatalogReader, DeclaredFunction } from '../../catalog/index.ts';
import type { FunctionDefinition } from '../../expr/index.ts';
import type { AggregateDefinition, ScriptDefinitions, TableFunctionDefinition } from '../../spi/index.ts';
import { formatTypeKind } from '../../types/index.ts';
import type { FunctionCatalog } from './function-catalog.ts';

type FunctionReader = Pick<CatalogReader, 'functions' | 'functionByOid' | 'functionNames'>;
type Definition = FunctionDefinition | TableFunctionDefinition | AggregateDefinition;

/** The declaration a definition was made from. */
const declarations = new WeakMap<object, DeclaredFunction>();
/** Definitions of functions in SQL, which exist for overload resolution only: the binder puts the query in the place of the call. */
const sqlDefinitions = new WeakMap<DeclaredFunction, Definition>();

/**
 * Built-ins and the functions users have declared. A built-in comes first, so that of two that fit equally it is the one called, and no declaration
 * changes what a query means that was there before it.
 */
export function withDeclaredFunctions(builtIns: FunctionCatalog, catalog: FunctionReader, scripts: ScriptDefinitions): FunctionCatalog {
  const declared = <Kind extends Definition>(name: string, kind: DeclaredFunction['kind']): Kind[] =>
    catalog.functions(null, name).flatMap((one) => (one.kind === kind ? [definitionOf(one, scripts) as Kind] : []));
  const joined = <Kind extends Definition>(own: readonly Kind[], name: string, kind: DeclaredFunction['kind']): readonly Kind[] => {
    const others = declared<Kind>(name, kind);
    return others.length === 0 ? own : [...own, ...others];
  };
  return {
    ...builtIns,
    functions: (name) => joined(builtIns.functions(name), name, 'scalar'),
    aggregates: (name) => joined(builtIns.aggregates(name), name, 'aggregate'),
    tableFunctions: (name) => joined(builtIns.tableFunctions(name), name, 'table'),
    only: (oids) => withDeclaredFunctions(builtIns, onlyFunctions(catalog, oids), scripts),
    declarationOf: (definition) => declarations.get(definition) ?? null,
    names: () => [...builtIns.names(), ...catalog.functionNames()],
  };
}

/** The look-ups of a stored definition: the functions it meant when it was stored, whatever has been declared since. */
function onlyFunctions(catalog: FunctionReader, oids: readonly number[]): FunctionReader {
  const found = oids.flatMap((oid) => catalog.functionByOid(oid) ?? []);
  return {
    functionByOid: catalog.functionByOid,
    functions: (_schema, name) => found.filter((one) => one.name === name),
    functionNames: () => found.map((one) => one.name),
  };
}

function definitionOf(declared: DeclaredFunction, scripts: ScriptDefinitions): Definition {
  const definition = declared.language === 'sql' ? sqlDefinition(declared) : scriptDefinition(declared, scripts);
  declarations.set(definition, declared);
  return definition;
}

function scriptDefinition(declared: DeclaredFunction, scripts: ScriptDefinitions): Definition {
  const signature = scripts.signatureOf(declared);
  const kinds = { scalar: scripts.scalar, table: scripts.table, aggregate: scripts.aggregate };
  return kinds[declared.kind](signature)!;
}

function sqlDefinition(declared: DeclaredFunction): Definition {
  const known = sqlDefinitions.get(declared);
  if (known !== undefined) return known;
  const types = declared.parameters.map((parameter) => parameter.type);
  const shared = {
    name: declared.name,
    signature: `${declared.name.replace(/\W/g, '_')}(${types.map(formatTypeKind).join(', ')}) -> ${formatTypeKind(declared.resultType)}`,
    argumentTypes: types,
    volatility: declared.volatility,
    nullBehaviour: declared.strict ? 'strict' : 'called',
    description: 'A function in SQL',
    examples: [],
    evaluate: (): never => {
      throw new Error(`assertion failed: the call of ${declared.name} has not been replaced by its query`);
    },
  } as const;
  const definition: Definition =
    declared.kind === 'table'
      ? { ...shared, columns: () => declared.columns ?? [] }
      : { ...shared, resultType: declared.resultType, fallible: true, family: 'system' };
  sqlDefinitions.set(declared, definition);
  return definition;
}
