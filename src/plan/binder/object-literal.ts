import { SqlError, SqlState } from '../../base/index.ts';
import { type Datum, type SqlType, typeOid } from '../../types/index.ts';
import type { BindContext } from './bind-state.ts';
import { typeByName } from './type-by-name.ts';

/**
 * `'public.bids'::regclass` and `'int4'::regtype`: names of objects, which only the catalog can turn into numbers. Undefined: not such a
 * literal. Errors: 42P01, 42704.
 */
export function lookUpObjectLiteral(text: string, type: SqlType, context: BindContext): Datum | undefined {
  // Where the session knows the objects, the cast itself asks it.
  if (context.evaluation.catalog !== undefined) return undefined;
  if (/^\d+$/.test(text.trim())) return isObjectType(type) ? Number(text.trim()) : undefined;
  if (text === '-' && isObjectType(type)) return 0;
  if (type.kind === 'regclass') return relationOid(text, context);
  if (type.kind === 'regtype') {
    const found = typeByName(text.replace(/^pg_catalog\./, '').replaceAll('"', ''));
    if (found === null) throw new SqlError({ code: SqlState.undefinedObject, message: `type "${text}" does not exist` });
    return typeOid(found);
  }
  return undefined;
}

function isObjectType(type: SqlType): boolean {
  return type.kind === 'regclass' || type.kind === 'regtype' || type.kind === 'regproc' || type.kind === 'regnamespace';
}

function relationOid(text: string, context: BindContext): number {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map((match) => match[1]?.replaceAll('""', '"') ?? match[2]!.toLowerCase());
  const [name, schema] = [parts.at(-1) ?? '', parts.at(-2) ?? null];
  const relation = context.catalog.relation(schema, name);
  if (relation === null) throw new SqlError({ code: SqlState.undefinedTable, message: `relation "${text}" does not exist` });
  return relation.oid;
}
