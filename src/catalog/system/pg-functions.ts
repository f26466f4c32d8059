import { type SqlType, typeOid } from '../../types/index.ts';
import type { CatalogSnapshot } from '../catalog-snapshot.ts';
import type { DeclaredFunction } from '../declared-function.ts';
import { LANGUAGE_OIDS, OWNER_OID, PG_CATALOG_OID } from './fixed-oid.ts';
import type { SystemRow } from './system-relation.ts';

/** A function as pg_proc shows it. The registries of functions and aggregates are turned into these by whoever has them. */
export interface CatalogFunction {
  readonly name: string;
  readonly kind: 'function' | 'aggregate' | 'window';
  readonly argumentTypes: readonly SqlType[];
  /** Null where it follows from the arguments. */
  readonly resultType: SqlType | null;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly strict: boolean;
  readonly variadic: boolean;
  readonly returnsSet: boolean;
  readonly description: string;
  /** Of a function a user has declared. */
  readonly declared?: {
    readonly schema: string;
    readonly language: 'sql' | 'javascript';
    readonly body: string;
    readonly parameterNames: readonly string[];
  };
}

/** Functions of the system get oids by position, from here; PostgreSQL's own lie below 16384, too. */
const FIRST_FUNCTION_OID = 20_000_000;
const ANY_OID = 2276;

/** Functions with their oids. The order given decides the oids, so it has to be the same at each start. */
export function numberFunctions(functions: Iterable<CatalogFunction>): ReadonlyMap<number, CatalogFunction> {
  return new Map([...functions].map((definition, index) => [FIRST_FUNCTION_OID + index, definition]));
}

const arrayFunction = (name: string): CatalogFunction => ({
  name,
  kind: 'function',
  argumentTypes: [],
  resultType: null,
  volatility: 'stable',
  strict: true,
  variadic: false,
  returnsSet: false,
  description: '',
});

/** By PostgreSQL's oids: drivers tell the types that are arrays by the functions that read and write them. */
export const ARRAY_FUNCTIONS = { typinput: 750, typoutput: 751, typreceive: 2400, typsend: 2401 };
const arrayFunctions: ReadonlyMap<number, CatalogFunction> = new Map([
  [ARRAY_FUNCTIONS.typinput, arrayFunction('array_in')],
  [ARRAY_FUNCTIONS.typoutput, arrayFunction('array_out')],
  [ARRAY_FUNCTIONS.typreceive, arrayFunction('array_recv')],
  [ARRAY_FUNCTIONS.typsend, arrayFunction('array_send')],
]);

/** The functions of the system and those users have declared, by oid. */
export function allFunctions(builtIns: ReadonlyMap<number, CatalogFunction>, catalog: CatalogSnapshot): ReadonlyMap<number, CatalogFunction> {
  const declared = [...catalog.functions()];
  return new Map([...builtIns, ...arrayFunctions, ...declared.map((one) => [one.oid, catalogFunction(one)] as const)]);
}

function catalogFunction(declared: DeclaredFunction): CatalogFunction {
  const { name, kind, parameters, resultType, volatility, strict, schema, language, body } = declared;
  return {
    name,
    kind: kind === 'aggregate' ? 'aggregate' : 'function',
    argumentTypes: parameters.map((parameter) => parameter.type),
    resultType,
    volatility,
    strict,
    variadic: false,
    returnsSet: kind === 'table',
    description: '',
    declared: { schema, language, body, parameterNames: parameters.map((parameter) => parameter.name ?? '') },
  };
}

export function* pgProc(functions: ReadonlyMap<number, CatalogFunction>, catalog: CatalogSnapshot): Iterable<SystemRow> {
  for (const [oid, definition] of functions) {
    yield {
      oid,
      proname: definition.name,
      pronamespace: definition.declared === undefined ? PG_CATALOG_OID : catalog.schema(definition.declared.schema)!.oid,
      proowner: OWNER_OID,
      prolang: LANGUAGE_OIDS[definition.declared?.language ?? 'internal'],
      procost: 1,
      prorows: definition.returnsSet ? 1000 : 0,
      prokind: { function: 'f', aggregate: 'a', window: 'w' }[definition.kind],
      proisstrict: definition.strict,
      proretset: definition.returnsSet,
      provolatile: { immutable: 'i', stable: 's', volatile: 'v' }[definition.volatility],
      proparallel: 's',
      pronargs: definition.argumentTypes.length,
      prorettype: definition.resultType === null ? ANY_OID : typeOid(definition.resultType),
      proargtypes: { elements: definition.argumentTypes.map(typeOid) },
      ...argumentNames(definition),
      prosrc: definition.declared?.body ?? definition.name,
    };
  }
}

function argumentNames({ declared }: CatalogFunction): SystemRow {
  return declared?.parameterNames.some((name) => name !== '') ? { proargnames: { elements: declared.parameterNames } } : {};
}

export function* pgAggregate(functions: ReadonlyMap<number, CatalogFunction>): Iterable<SystemRow> {
  for (const [oid, definition] of functions) {
    if (definition.kind === 'aggregate') yield { aggfnoid: oid, aggkind: 'n', aggtranstype: ANY_OID };
  }
}

export function* functionDescriptions(functions: ReadonlyMap<number, CatalogFunction>): Iterable<SystemRow> {
  for (const [oid, definition] of functions)
    if (definition.description !== '') yield { objoid: oid, classoid: 1255, objsubid: 0, description: definition.description };
}
