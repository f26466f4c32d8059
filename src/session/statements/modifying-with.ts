import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, rowsOf } from '../../batch/index.ts';
import { bindModifyingTable, type LogicalPlan } from '../../plan/index.ts';
import {
  type CommonTable,
  type CommonTablesClause,
  foldIdentifier,
  type QualifiedName,
  type Query,
  type RowModification,
  type Statement,
} from '../../sql/index.ts';
import type { StatementResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { type Row, rowKey, type TableChanges } from '../engine/index.ts';
import { binderOf, boundCatalog } from '../statement-binding.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';
import { lockForWriting } from './modify.ts';

/** A statement in front of which tables are modified: WITH x AS (DELETE … RETURNING …) …. */
type ModifyingStatement = (Query | RowModification) & { readonly with: CommonTablesClause };

const BEHIND_WITH: ReadonlySet<string> = new Set(['query', 'insert', 'update', 'delete', 'merge']);

export function modifiesInWith(statement: Statement): statement is ModifyingStatement {
  if (!BEHIND_WITH.has(statement.kind)) return false;
  const clause = (statement as Query | RowModification).with;
  return clause?.kind === 'with' && clause.tables.some(({ query }) => query.kind !== 'query');
}

/** The modifications of the statement in their order, its own last. */
export function modifyingParts(statement: ModifyingStatement): readonly RowModification[] {
  return [...statement.with.tables.map(({ query }) => query), statement].filter((part) => part.kind !== 'query');
}

/** The context to describe the statement in: what its parts return is known, but no row of it. */
export function describingParts(statement: ModifyingStatement, context: StatementContext): StatementContext {
  const own = new Set(statement.with.tables);
  return {
    ...context,
    commonTable: (table, environment) =>
      own.has(table) && table.query.kind !== 'query' ? { rows: bindModifyingTable(table.query, environment) } : null,
  };
}

/**
 * Runs every part once, in the order they are written, whether it is read or not, as PostgreSQL does (7.8.4): all read the epoch and the changes that were there
 * before the statement, and know of each other what RETURNING says. What they change is one change. Errors: 21000 where one part changes a row that another one
 * has changed, which PostgreSQL leaves open; 0A000 for connectors, EMIT and AS OF.
 */
export async function executeParts(
  statement: ModifyingStatement,
  context: StatementContext,
  run: (context: StatementContext) => Promise<StatementResult>,
): Promise<StatementResult> {
  refuseClauses(statement);
  const transaction = context.session.transaction!;
  await lockTargets(statement, context);
  const pinned = transaction.explicit ? null : await pinAll(context);
  try {
    const given = new Map<CommonTable, { readonly rows: LogicalPlan | null }>();
    const shared: StatementContext = {
      ...context,
      ownChanges: context.ownChanges ?? transaction.changes,
      ...(pinned !== null && { pin: async () => ({ epoch: pinned.epoch, release: () => undefined }) }),
      commonTable: (table) => given.get(table) ?? null,
    };
    const changed = new ChangedRows();
    const runPart = async (part: Query | RowModification): Promise<Outcome> => {
      const before = transaction.changes.length;
      const outcome = await outcomeOf(await run({ ...shared, parsed: { ...context.parsed, statement: part } }));
      for (const changes of transaction.changes.slice(before)) changed.add(changes, part);
      return outcome;
    };
    for (const [index, table] of statement.with.tables.entries()) {
      const part = table.query.kind === 'query' ? readingTable(statement.with, index) : withTables(table.query, statement.with, index);
      if (part.kind !== 'query' || isVolatile(part, shared)) given.set(table, { rows: valuesOf(await runPart(part)) });
    }
    const { result, batches } = await runPart(statement);
    if (result.kind !== 'rows') return result;
    return { ...result, batches: replay(batches) };
  } finally {
    pinned?.release();
  }
}

/** Errors: 0A000. */
function refuseClauses(statement: ModifyingStatement): void {
  if (statement.kind !== 'query') return;
  const clause = statement.emit ?? statement.asOf;
  if (clause === null) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${clause.kind === 'as-of' ? 'AS OF' : 'EMIT'} is not supported behind a WITH that changes rows`,
    hint: 'All parts of such a statement read the present, once.',
    position: clause.span.start,
  });
}

/** Outside a block all targets are locked before anything is read, and always in one order. */
async function lockTargets(statement: ModifyingStatement, context: StatementContext): Promise<void> {
  const targets = modifyingParts(statement).map((part) => {
    const name: QualifiedName = part.kind === 'merge' ? part.target : part.table;
    const relation = requireRelation(name, context);
    if (relation.options === null) return relation;
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `"${relation.name}" is over a connector and cannot be written to in a statement with WITH that changes rows`,
      hint: 'What goes to a connector cannot be taken back: write to it in a statement of its own.',
      position: name.span.start,
    });
  });
  for (const relation of targets.sort((left, right) => left.oid - right.oid)) await lockForWriting(relation, context);
}

async function pinAll(context: StatementContext): Promise<{ readonly epoch: number; release(): void }> {
  const { engine, session, signal } = context;
  const atLeast = Math.max(await engine.tables.newestEpoch(), session.lastWriteEpoch);
  return cancellable(engine.cluster.pin(engine.readableRelations(boundCatalog(context)), atLeast), signal);
}

/** A modification as a statement of its own, behind the tables it may name. */
function withTables(part: RowModification, clause: CommonTablesClause, count: number): RowModification {
  if (part.with !== null && part.with.kind !== 'with') return part;
  const own = part.with?.tables ?? [];
  const hidden = new Set(own.map(({ name }) => foldIdentifier(name)));
  const before = clause.tables.slice(0, count).filter(({ name }) => !hidden.has(foldIdentifier(name)));
  const recursive = clause.recursive || (part.with?.recursive ?? false);
  return { ...part, with: before.length + own.length === 0 ? null : { ...clause, recursive, tables: [...before, ...own] } };
}

/** TABLE x, of a common table that is a query. */
function readingTable(clause: CommonTablesClause, index: number): Query {
  const { name, span } = clause.tables[index]!;
  const table: QualifiedName = { kind: 'qualified-name', parts: [name], span };
  return {
    kind: 'query',
    with: { ...clause, tables: clause.tables.slice(0, index + 1) },
    body: { kind: 'table-body', name: table, span },
    orderBy: [],
    limit: null,
    withTies: false,
    offset: null,
    emit: null,
    asOf: null,
    locking: [],
    span,
  };
}

/** A query that would be another one for each part that reads it runs once, too. */
function isVolatile(part: Query, context: StatementContext): boolean {
  return binderOf(context).query(part).volatileFunctions.length > 0;
}

interface Outcome {
  readonly result: StatementResult;
  readonly batches: readonly Batch[];
}

async function outcomeOf(result: StatementResult): Promise<Outcome> {
  const batches: Batch[] = [];
  if (result.kind === 'rows') for await (const batch of result.batches) batches.push(batch);
  return { result, batches };
}

async function* replay(batches: readonly Batch[]): AsyncGenerator<Batch> {
  yield* batches;
}

/** Null for what returns nothing. */
function valuesOf({ result, batches }: Outcome): LogicalPlan | null {
  if (result.kind !== 'rows') return null;
  const fields = result.fields.map(({ name, type }) => ({ name, type }));
  const rows = batches.flatMap((batch) => rowsOf(batch));
  return {
    kind: 'values',
    rows: rows.map((row) => fields.map(({ type }, index) => ({ kind: 'literal', type, value: row[index] ?? null }))),
    fields,
  };
}

/** Rows that the parts of a statement have changed so far. */
class ChangedRows {
  readonly #keys = new Map<number, Set<string>>();

  /** Errors: 21000 where `part` has taken away or changed what another one had. */
  add({ relation, removed, added }: TableChanges, part: Statement): void {
    const known = this.#keys.get(relation.oid) ?? new Set<string>();
    const keyOf = (row: Row): string => rowKey(relation, row);
    if (removed.some((row) => known.has(keyOf(row)))) {
      throw new SqlError({
        code: SqlState.cardinalityViolation,
        message: `two parts of the statement change the same row of "${relation.name}"`,
        detail: 'All parts of a statement with WITH see the rows as they were before it, so that one change would undo the other.',
        hint: 'Change the row in one part, or in two statements of one transaction.',
        position: part.span.start,
      });
    }
    for (const row of removed) known.add(keyOf(row));
    // Rows that are equal are one to a table without a key: a new one stands for none of those before.
    if (relation.primaryKey !== null) for (const row of added) known.add(keyOf(row));
    this.#keys.set(relation.oid, known);
  }
}
