/** Searched before the path unless that names it itself, as in PostgreSQL. */
const FIRST = 'pg_catalog';
/** Searched behind the path unless that names it itself: a user's table called jobs or slots is what its name means. */
const LAST = 'fsql_catalog';
/** The name by which a session means its own temporary schema, in a search path and in front of a name. */
export const PG_TEMP = 'pg_temp';
const TEMPORARY_PREFIX = `${PG_TEMP}_`;

/** The name of a schema in which a session keeps what is TEMPORARY: by its oid, which no other session's has, now or later. */
export function temporarySchemaName(oid: number): string {
  return `${TEMPORARY_PREFIX}${oid}`;
}

export function isTemporarySchema(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

/**
 * The schemas a name without schema is looked up in, in order. Schemas of the path that do not exist are simply never found, as in
 * PostgreSQL; `"$user"` has been replaced by the session. What is temporary comes first of all (5.10.4, "The System Catalog Schema", and search_path).
 */
export function resolutionOrder(searchPath: readonly string[]): string[] {
  const implicit = (schema: string): string[] => (searchPath.includes(schema) ? [] : [schema]);
  const [temporary, others] = [searchPath.filter(isTemporarySchema), searchPath.filter((schema) => !isTemporarySchema(schema))];
  return [...temporary, ...implicit(FIRST), ...others, ...implicit(LAST)];
}

/** current_schemas: the path without what does not exist, with the implicit schemas when asked for. */
export function currentSchemas(searchPath: readonly string[], options: { exists: (schema: string) => boolean; implicit: boolean }): string[] {
  const path = options.implicit ? resolutionOrder(searchPath) : searchPath;
  return [...new Set(path)].filter(options.exists);
}
