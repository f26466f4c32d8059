import type { DeclaredFunction } from '../../catalog/index.ts';
import type { CastDefinition, FunctionDefinition, FunctionLookup } from '../../expr/index.ts';
import type { AggregateDefinition, TableFunctionDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/** What can be called, by name: the binder's view of the built-ins, which arrive as data. */
export interface FunctionCatalog {
  /** Functions (not operators) of that folded name. */
  functions(name: string): readonly FunctionDefinition[];
  operators(symbol: string): readonly FunctionDefinition[];
  aggregates(name: string): readonly AggregateDefinition[];
  tableFunctions(name: string): readonly TableFunctionDefinition[];
  /** The conversion between two kinds, or null where there is none. */
  cast(from: SqlType['kind'], to: SqlType['kind']): CastDefinition | null;
  /** What users' functions of these oids mean, and no others: the functions of a stored definition. */
  only(oids: readonly number[]): FunctionCatalog;
  /** The declaration behind a definition; null for a built-in. */
  declarationOf(definition: object): DeclaredFunction | null;
  /** Every callable name, for hints. */
  names(): Iterable<string>;
  /** The same definitions by signature, to evaluate constants. */
  readonly lookup: FunctionLookup;
}

interface FunctionCatalogParts {
  /** Operators are the definitions of family `operator` whose name is a symbol. */
  readonly functions: Iterable<FunctionDefinition>;
  readonly casts: Iterable<CastDefinition>;
  readonly aggregates: Iterable<AggregateDefinition>;
  readonly tableFunctions: Iterable<TableFunctionDefinition>;
  readonly lookup: FunctionLookup;
}

/** Indexes definitions by name. */
export function createFunctionCatalog(parts: FunctionCatalogParts): FunctionCatalog {
  const all = [...parts.functions];
  const functions = groupByName(all.filter((definition) => !isSymbol(definition.name)));
  const operators = groupByName(all.filter((definition) => isSymbol(definition.name)));
  const aggregates = groupByName(parts.aggregates);
  const tableFunctions = groupByName(parts.tableFunctions);
  const casts = new Map<string, CastDefinition>();
  for (const cast of parts.casts) casts.set(`${cast.from} ${cast.to}`, cast);
  const catalog: FunctionCatalog = {
    functions: (name) => functions.get(name) ?? [],
    operators: (symbol) => operators.get(symbol) ?? [],
    aggregates: (name) => aggregates.get(name) ?? [],
    tableFunctions: (name) => tableFunctions.get(name) ?? [],
    cast: (from, to) => casts.get(`${from} ${to}`) ?? null,
    names: () => [...functions.keys(), ...aggregates.keys(), ...tableFunctions.keys()],
    only: () => catalog,
    declarationOf: () => null,
    lookup: parts.lookup,
  };
  return catalog;
}

function isSymbol(name: string): boolean {
  return /^[-+*/<>=~!@#%^&|`?]+$/.test(name);
}

function groupByName<Definition extends { readonly name: string }>(definitions: Iterable<Definition>): Map<string, Definition[]> {
  const groups = new Map<string, Definition[]>();
  for (const definition of definitions) {
    const group = groups.get(definition.name);
    if (group === undefined) groups.set(definition.name, [definition]);
    else group.push(definition);
  }
  return groups;
}
