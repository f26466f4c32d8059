/**
 * Paths of SQL/JSON: reading them and finding items in documents.
 *
 * Knows nothing of SQL's clauses around a path (wrappers, ON EMPTY, ON ERROR): see ../sql-json. Left out are keyvalue() and the methods of
 * dates and decimals. Strings in single quotes, `$['a b']` and `$.['a b']` of Flink's paths are read as well.
 *
 * Laws
 * - Structure that does not fit is nothing in lax mode and a PathError in strict mode; only PathErrors may be silenced.
 * - A predicate never throws a PathError: it is unknown.
 *
 * Start reading at json-path.ts, then parse-path.ts and evaluate-path.ts.
 */
export { evaluatePath } from './evaluate-path.ts';
export type { JsonPath } from './json-path.ts';
export { parsePath } from './parse-path.ts';
export { PathError } from './path-error.ts';
