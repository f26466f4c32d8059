import { batchFromRows } from '../../batch/index.ts';
import { type Relation, relationKeys } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { type BoundInsert, type BoundReturning, bindDelete, bindInsert, bindUpdate } from '../../plan/index.ts';
import type { InsertStatement } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { ResultField, RowsResult, StatementResult } from '../contract.ts';
import { type Row, rowKey, type TableChanges, WrittenTable } from '../engine/index.ts';
import { durationMs } from '../settings/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler, StatementShape } from '../statement-context.ts';
import { resultField } from '../text-result.ts';
import { continuousInsert, isContinuous, refuseClauses } from './continuous-insert.ts';
import { evaluatorOverRows } from './evaluator-over-rows.ts';
import { resolveConflicts } from './on-conflict.ts';
import { readRows } from './read-rows.ts';
import { refuseInBlock } from './refuse-in-block.ts';
import { rowRules } from './row-rules.ts';
import { writeOnce } from './write-once.ts';

/** INSERT … VALUES | SELECT [ON CONFLICT] [RETURNING]. Some start a continuous job (isContinuous). */
export const insert: StatementHandler<'insert'> = {
  kind: 'insert',
  describe: (statement, context) => shapeOf(bindInsert(statement, binderOf(context).context)),
  async execute(statement, context) {
    const first = bindInsert(statement, binderOf(context).context);
    if (isContinuous(first, context)) return continuousInsert(first, statement, context);
    if (first.relation.options !== null) return insertOnce(first, statement, context);
    const bound = await boundUnderLock(() => bindInsert(statement, binderOf(context).context), context);
    const rows = await readRows(bound.plan, context);
    rows.forEach(rowRules(bound, context));
    const outcome = await insertOutcome(bound, rows, context);
    const made = { tag: `INSERT 0 ${outcome.added.length}`, returning: bound.returning, rows: outcome.added, types: bound.relation.columns };
    return modificationResult(made, { relation: bound.relation, removed: outcome.removed, added: outcome.added }, context);
  },
};

/** Rows that depend on nothing go out once. */
async function insertOnce(bound: BoundInsert, statement: InsertStatement, context: StatementContext): Promise<StatementResult> {
  refuseInBlock(context, 'INSERT into a connector');
  refuseClauses(bound, statement);
  const rows = await readRows(bound.plan, context);
  rows.forEach(rowRules(bound, context));
  await writeOnce(bound.relation, rows, context);
  return { kind: 'command', tag: `INSERT 0 ${rows.length}` };
}

/** UPDATE … SET … [FROM] [WHERE] [RETURNING]. */
export const update: StatementHandler<'update'> = {
  kind: 'update',
  describe: (statement, context) => shapeOf(bindUpdate(statement, binderOf(context).context)),
  async execute(statement, context) {
    const bound = await boundUnderLock(() => bindUpdate(statement, binderOf(context).context), context);
    const width = bound.relation.columns.length;
    const matched = firstOfEach(await readRows(bound.plan, context), bound.relation);
    const added = matched.map((row) => row.slice(width, 2 * width));
    added.forEach(rowRules(bound, context));
    const removed = matched.map((row) => row.slice(0, width));
    (await writtenTable(bound.relation, context)).change(removed, added);
    const made = { tag: `UPDATE ${added.length}`, returning: bound.returning, rows: matched, types: bound.plan.fields };
    return modificationResult(made, { relation: bound.relation, removed, added }, context);
  },
};

/** DELETE FROM … [USING] [WHERE] [RETURNING]. */
export const deleteRows: StatementHandler<'delete'> = {
  kind: 'delete',
  describe: (statement, context) => shapeOf(bindDelete(statement, binderOf(context).context)),
  async execute(statement, context) {
    const bound = await boundUnderLock(() => bindDelete(statement, binderOf(context).context), context);
    const matched = firstOfEach(await readRows(bound.plan, context), bound.relation);
    const removed = matched.map((row) => row.slice(0, bound.relation.columns.length));
    const made = { tag: `DELETE ${removed.length}`, returning: bound.returning, rows: matched, types: bound.plan.fields };
    return modificationResult(made, { relation: bound.relation, removed, added: [] }, context);
  },
};

export function shapeOf(bound: {
  readonly parameterTypes: StatementShape['parameterTypes'];
  readonly returning: BoundReturning | null;
}): StatementShape {
  return { parameterTypes: bound.parameterTypes, fields: bound.returning === null ? null : returningFields(bound.returning) };
}

function returningFields(returning: BoundReturning): readonly ResultField[] {
  return returning.fields.map((field) => resultField(field.name, field.type));
}

/** Binds again where the table was altered while its lock was waited for. */
export async function boundUnderLock<Bound extends { readonly relation: Relation }>(bind: () => Bound, context: StatementContext): Promise<Bound> {
  const bound = bind();
  await lockForWriting(bound.relation, context);
  const { engine, session } = context;
  return session.transaction!.explicit || engine.snapshot.relationByOid(bound.relation.oid) === bound.relation ? bound : bind();
}

/**
 * Statements outside a block write one after another and never fail because of each other; a block only finds out at COMMIT (40001). Streams take rows
 * from everybody at once, but not while they are rewritten.
 */
export async function lockForWriting(relation: Relation, context: StatementContext): Promise<void> {
  if (!context.session.transaction!.explicit) await lockTable(relation, context, { shared: relation.appendOnly });
}

/** Nobody else commits to the table until the transaction ends; `shared`: but for those who share it, too. Errors: 55P03, 40P01. */
export async function lockTable(
  relation: Relation,
  { session, engine, signal }: StatementContext,
  { shared }: { readonly shared: boolean },
): Promise<void> {
  const timeoutMs = durationMs(session.settings.get('lock_timeout'));
  await engine.tables.locks.acquire({ kind: 'relation', oid: relation.oid }, session.transaction!, { timeoutMs, signal, shared });
}

/** An old row that matches several rows of FROM counts once for each time it is stored. */
function firstOfEach(rows: readonly Row[], relation: Relation): Row[] {
  if (relation.primaryKey === null) return [...rows];
  const seen = new Set<string>();
  return rows.filter((row) => {
    const key = rowKey(relation, row);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

async function insertOutcome(bound: BoundInsert, rows: readonly Row[], context: StatementContext): Promise<Pick<TableChanges, 'removed' | 'added'>> {
  const { relation, conflict } = bound;
  if (relationKeys(relation).length === 0) return { removed: [], added: rows };
  const table = await writtenTable(relation, context);
  if (conflict !== null) {
    const types = [...relation.columns, ...relation.columns].map(({ type }) => type);
    const evaluator = (expressions: readonly Expression[]) => evaluatorOverRows({ expressions, types }, context);
    const where = conflict.where === null ? null : evaluator([conflict.where]);
    const values = conflict.action === 'nothing' ? null : evaluator(conflict.values);
    return resolveConflicts(rows, { table, arbiters: conflict.arbiters, where, values, checkRow: rowRules(bound, context) });
  }
  table.change([], rows);
  return { removed: [], added: rows };
}

/** The target's keys as this statement finds them. */
export async function writtenTable(relation: Relation, { session }: StatementContext): Promise<WrittenTable> {
  return new WrittenTable(await session.transaction!.content(relation), session.transaction!.changes);
}

export interface Modification {
  readonly tag: string;
  readonly returning: BoundReturning | null;
  /** Rows RETURNING is over, and the types of their columns. */
  readonly rows: readonly Row[];
  readonly types: readonly { readonly type: SqlType }[];
}

/** What the statement answers. RETURNING is evaluated without its changes, which the transaction has from then on. */
export async function modificationResult(made: Modification, changes: TableChanges, context: StatementContext): Promise<StatementResult> {
  const { tag, returning, rows } = made;
  const transaction = context.session.transaction!;
  if (returning === null) {
    transaction.add(changes);
    return { kind: 'command', tag };
  }
  const types = made.types.map(({ type }) => type);
  const output = await evaluatorOverRows({ expressions: returning.expressions, types }, context)(rows);
  transaction.add(changes);
  const fields = returningFields(returning);
  const batch = batchFromRows(
    fields.map((field) => field.type),
    output,
  );
  const batches: RowsResult['batches'] = (async function* () {
    yield batch;
  })();
  return { kind: 'rows', fields, batches, tag: () => tag };
}
