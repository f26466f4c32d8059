import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import { PG_TEMP, type Relation, temporarySchemaName } from '../../catalog/index.ts';
import { foldIdentifier, type NotKept, type QualifiedName } from '../../sql/index.ts';
import { declaredPath, searchPath } from '../search-path.ts';
import type { StatementContext } from '../statement-context.ts';

/** Where a new object goes: the schema written, or the first of the search path that exists. Errors: 3F000, 0A000 for another database. */
export function newObjectName(name: QualifiedName, context: StatementContext): { readonly schema: string; readonly name: string } {
  const parts = splitName(name, context);
  const { snapshot } = context.definer;
  const schema = parts.schema ?? declaredPath(context.session).find((one) => snapshot.schema(one) !== null);
  if (schema === undefined)
    throw new SqlError({ code: SqlState.invalidSchemaName, message: 'no schema has been selected to create in', position: name.span.start });
  if (snapshot.schema(schema) === null) {
    throw new SqlError({ code: SqlState.invalidSchemaName, message: `schema "${schema}" does not exist`, position: name.span.start });
  }
  return { schema, name: parts.name };
}

/**
 * Where a new object goes of which `temporary` says whether it is TEMPORARY: then into the session's own schema, which is made for the first one. Errors: those of
 * newObjectName, 42P16 for another schema.
 */
export async function placeOfNew(
  { name, temporary }: { readonly name: QualifiedName; readonly temporary: NotKept | null },
  context: StatementContext,
): Promise<{ readonly schema: string; readonly name: string }> {
  const parts = splitName(name, context);
  if ((temporary === null || temporary.unlogged) && parts.schema !== PG_TEMP) return newObjectName(name, context);
  const { session, definer, engine } = context;
  if (parts.schema !== null && parts.schema !== PG_TEMP && parts.schema !== session.temporarySchema) {
    throw new SqlError({
      code: SqlState.invalidTableDefinition,
      message: 'cannot create temporary relation in non-temporary schema',
      hint: 'Leave the schema out.',
      position: name.span.start,
    });
  }
  const known = session.temporarySchema;
  if (known !== null && definer.snapshot.schema(known) !== null) return { schema: known, name: parts.name };
  const oid = engine.catalog.allocateOid();
  const schema = temporarySchemaName(oid);
  await definer.commitEntries([{ kind: 'create-schema', oid, name: schema }], context.signal);
  session.temporarySchema = schema;
  return { schema, name: parts.name };
}

/** An existing relation by name, or null. */
export function findRelation(name: QualifiedName, context: StatementContext): Relation | null {
  const parts = splitName(name, context);
  return context.definer.snapshot.reader(searchPath(context.session)).relation(parts.schema, parts.name);
}

/** The same; 42P01 with the nearest name when there is none. */
export function requireRelation(name: QualifiedName, context: StatementContext): Relation {
  const found = findRelation(name, context);
  if (found !== null) return found;
  const written = name.parts.map(foldIdentifier).join('.');
  throw new SqlError({
    code: SqlState.undefinedTable,
    message: `relation "${written}" does not exist`,
    hint: nearestRelation(name, context),
    position: name.span.start,
  });
}

function nearestRelation(name: QualifiedName, context: StatementContext): string | undefined {
  const wanted = foldIdentifier(name.parts.at(-1)!);
  const known = [...context.definer.snapshot.relations()].filter((relation) => relation.kind !== 'system').map((relation) => relation.name);
  const nearest = nearestNames(wanted, known, 1)[0];
  return nearest === undefined ? undefined : `Perhaps you meant "${nearest}".`;
}

function splitName(name: QualifiedName, context: StatementContext): { readonly schema: string | null; readonly name: string } {
  const parts = name.parts.map(foldIdentifier);
  if (parts.length > 3 || (parts.length === 3 && parts[0] !== context.session.database)) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `cross-database references are not implemented: "${parts.join('.')}"`,
      position: name.span.start,
    });
  }
  return { schema: parts.at(-2) ?? null, name: parts.at(-1)! };
}
