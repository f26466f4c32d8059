/** Schemas searched before the path unless it names them itself (interface.md, 3). */
const IMPLICIT_SCHEMAS = ['pg_catalog', 'fsql_catalog'];

/**
 * The schemas a name without schema is looked up in, in order. Schemas of the path that do not exist are simply never found, as in
 * PostgreSQL; `"$user"` has been replaced by the session.
 */
export function resolutionOrder(searchPath: readonly string[]): string[] {
  return [...IMPLICIT_SCHEMAS.filter((schema) => !searchPath.includes(schema)), ...searchPath];
}

/** current_schemas: the path without what does not exist, with the implicit schemas in front when asked for. */
export function currentSchemas(searchPath: readonly string[], options: { exists: (schema: string) => boolean; implicit: boolean }): string[] {
  const path = options.implicit ? resolutionOrder(searchPath) : searchPath;
  return [...new Set(path)].filter(options.exists);
}
