/**
 * From syntax tree to logical plan: names, types, overloads, scopes, in PostgreSQL's rules and words.
 *
 * Knows no built-in function: they arrive as data in a FunctionCatalog. Runs nothing, except constants that a plan needs as values.
 *
 * Laws
 * - A plan that leaves this folder has no `unknown` type, no placeholder column and no name left to resolve.
 * - Every error carries a SQLSTATE and, where the user wrote something, its position.
 * - Files meet through `Binders`; none imports its way back to bind-expression.ts or bind-query.ts.
 *
 * Start reading at bind-statement.ts, then bind-query.ts, bind-select.ts, bind-expression.ts, and select-candidate.ts for overloads.
 */

export type { BoundConflict } from './bind-conflict.ts';
export { type BoundMerge, bindMerge } from './bind-merge.ts';
export {
  type BoundInsert,
  bindDelete,
  bindInsert,
  bindUpdate,
} from './bind-modification.ts';
export { bindModifyingTable } from './bind-modifying-table.ts';
export type { BindContext, BindWarning, RelationUse } from './bind-state.ts';
export { bindFunctionBody, bindQuery, bindRowExpression } from './bind-statement.ts';
export { plainType } from './coercion.ts';
export { withDeclaredFunctions } from './declared-functions.ts';
export { findTableFunction } from './find-table-function.ts';
export { createFunctionCatalog, type FunctionCatalog } from './function-catalog.ts';
export type { BoundReturning, BoundRowRules } from './modification-parts.ts';
export { resolveTypeName } from './resolve-type-name.ts';
export { SCAN_PARTITION, scanPartitioning } from './scan-partitioning.ts';
export { splitDistinctOfQuery } from './split-distinct-hint.ts';
export { stateTtlMs, stateTtlOfQuery } from './state-ttl-hint.ts';
export { typeByName } from './type-by-name.ts';
