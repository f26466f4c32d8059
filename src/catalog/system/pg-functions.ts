import { type SqlType, typeOid } from '../../types/index.ts';
import { INTERNAL_LANGUAGE_OID, OWNER_OID, PG_CATALOG_OID } from './fixed-oid.ts';
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
}

/** Functions of the system get oids by position, from here; PostgreSQL's own lie below 16384, too. */
const FIRST_FUNCTION_OID = 20_000_000;
const ANY_OID = 2276;

/** Functions with their oids. The order given decides the oids, so it has to be the same at each start. */
export function numberFunctions(functions: Iterable<CatalogFunction>): ReadonlyMap<number, CatalogFunction> {
  return new Map([...functions].map((definition, index) => [FIRST_FUNCTION_OID + index, definition]));
}

export function* pgProc(functions: ReadonlyMap<number, CatalogFunction>): Iterable<SystemRow> {
  for (const [oid, definition] of functions) {
    yield {
      oid,
      proname: definition.name,
      pronamespace: PG_CATALOG_OID,
      proowner: OWNER_OID,
      prolang: INTERNAL_LANGUAGE_OID,
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
      prosrc: definition.name,
    };
  }
}

export function* pgAggregate(functions: ReadonlyMap<number, CatalogFunction>): Iterable<SystemRow> {
  for (const [oid, definition] of functions) {
    if (definition.kind === 'aggregate') yield { aggfnoid: oid, aggkind: 'n', aggtranstype: ANY_OID };
  }
}

export function* functionDescriptions(functions: ReadonlyMap<number, CatalogFunction>): Iterable<SystemRow> {
  for (const [oid, definition] of functions) yield { objoid: oid, classoid: 1255, objsubid: 0, description: definition.description };
}
