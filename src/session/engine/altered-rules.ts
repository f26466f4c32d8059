import { SqlError, SqlState } from '../../base/index.ts';
import { type CatalogSnapshot, type Relation, type RelationColumn, storageOf } from '../../catalog/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import type { Engine } from './engine.ts';
import { requireSameJobs } from './plan-rename.ts';

/**
 * The table with the rules of the draft, over the rows and the job it has: its state was made for columns that took NULL or did not, so the storage
 * keeps that. Errors: 0A000 when a sink writes into it, or the table or what reads it would be planned otherwise.
 */
export function alteredRules(old: Relation, draft: RelationDraft, engine: Engine, before: CatalogSnapshot): Relation {
  refuseUnderSinks(old, before);
  const storage = storageOf(old);
  const columns = storage.columns.map((column, index) => ({ ...column, nullable: column.nullable ?? old.columns[index]!.nullable }));
  const same = (column: RelationColumn, index: number): boolean => column.nullable === columns[index]!.nullable;
  const kept = old.storage !== undefined || !draft.columns.every(same);
  const relation: Relation = {
    ...draft,
    oid: old.oid,
    ...(old.indexes !== undefined && { indexes: old.indexes }),
    ...(old.splits !== undefined && { splits: old.splits }),
    ...(kept && { storage: { ...storage, columns } }),
  };
  requireSameJobs(before, before.with([{ kind: 'put-relation', relation }]), { relations: [relation], engine });
  return relation;
}

/** A sink holds its rows to the rules and defaults there were when it was made. */
function refuseUnderSinks(table: Relation, catalog: CatalogSnapshot): void {
  const sink = catalog.directDependants(table.oid).find(({ into }) => into === table.oid);
  if (sink === undefined) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `the rules of "${table.name}" cannot change while sink "${sink.name}" writes into it`,
    hint: `Use DROP SINK ${sink.name} first, and create it again.`,
  });
}

/** Rows were checked by the same rules. */
export function hasSameRules(left: Relation, right: Relation): boolean {
  const rules = ({ constraints, columns }: Relation): string => JSON.stringify([constraints, columns.map((column) => column.nullable)]);
  return left === right || rules(left) === rules(right);
}
