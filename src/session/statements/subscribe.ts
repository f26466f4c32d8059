import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, sliceBatch } from '../../batch/index.ts';
import { physicalColumn, type Relation, type RelationColumn } from '../../catalog/index.ts';
import { compileRowInterpreter } from '../../expr/index.ts';
import {
  foldIdentifier,
  type Identifier,
  type OrderByItem,
  type QualifiedName,
  type Query,
  quoteIfNeeded,
  type SubscribeStatement,
} from '../../sql/index.ts';
import { compareOrdered, type Datum, int8Type } from '../../types/index.ts';
import type { RowsResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { continuousPlan, hasContent, notBeforeCommit } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext, StatementHandler } from '../statement-context.ts';
import { type Envelope, keyedEnvelope, openFeed, orderedEnvelope, plainEnvelope } from '../subscriptions/index.ts';
import { viewColumns } from './create-view.ts';
import { withDeclaredHints } from './declared-hints.ts';

/**
 * SUBSCRIBE relation | (query): every net change, epoch by epoch. Rows carry the epoch, whether the row only says that the epoch is complete, and the
 * multiplicity; folding them from the snapshot gives the relation at each progressed epoch (docs/semantics.md, Epochs). AS OF begins at a retained epoch, UP TO
 * ends in front of one; ENVELOPE and WITHIN TIMESTAMP ORDER BY as in Materialize.
 */
export const subscribe: StatementHandler<'subscribe'> = {
  kind: 'subscribe',
  describe: (statement, context) => ({ parameterTypes: [], fields: envelopeOf(statement, context).fields }),
  async execute(statement, context): Promise<RowsResult> {
    const envelope = envelopeOf(statement, context);
    const range = { ...readOptions(statement), asOf: epochOf(statement.asOf, 'AS OF', context), upTo: epochOf(statement.upTo, 'UP TO', context) };
    return {
      kind: 'rows',
      fields: envelope.fields,
      batches: changesOf(statement.source, { ...range, envelope, context }),
      tag: (rows) => `SUBSCRIBE ${rows}`,
    };
  },
};

/** SELECT … EMIT CHANGES [LIMIT n]: the content of the query, then each change of it, in the columns of SUBSCRIBE; `limit` rows and it is over. */
export function emitChanges(query: Query, limit: number | null, context: StatementContext): RowsResult {
  const envelope = plainEnvelope(subscribedColumns(query, context));
  const batches = changesOf(query, { snapshot: true, progress: false, asOf: null, upTo: null, envelope, context });
  return { kind: 'rows', fields: envelope.fields, batches: limit === null ? batches : firstRows(batches, limit), tag: (rows) => `SELECT ${rows}` };
}

async function* firstRows(batches: AsyncIterable<Batch>, limit: number): AsyncGenerator<Batch> {
  let missing = limit;
  if (missing <= 0) return;
  for await (const batch of batches) {
    yield batch.rowCount <= missing ? batch : sliceBatch(batch, 0, missing);
    missing -= batch.rowCount;
    if (missing <= 0) return;
  }
}

interface SubscribeOptions {
  readonly snapshot: boolean;
  readonly progress: boolean;
}

function readOptions(statement: SubscribeStatement): SubscribeOptions {
  const flag = (name: string, byDefault: boolean): boolean => {
    const option = statement.options.find((one) => one.key === name);
    return option === undefined ? byDefault : option.value.text.toLowerCase() !== 'false';
  };
  for (const option of statement.options) {
    if (option.key === 'snapshot' || option.key === 'progress') continue;
    throw new SqlError({
      code: SqlState.undefinedObject,
      message: `SUBSCRIBE has no option "${option.key}"`,
      hint: 'Its options are SNAPSHOT and PROGRESS.',
      position: option.keySpan.start,
    });
  }
  return { snapshot: flag('snapshot', true), progress: flag('progress', false) };
}

/** The number of an epoch; null when the clause is absent. Errors: 22023. */
function epochOf(expression: SubscribeStatement['asOf'], clause: string, context: StatementContext): number | null {
  if (expression === null) return null;
  const value = binderOf(context).constant(expression, int8Type, clause) as bigint | null;
  if (value !== null && value >= 0n) return Number(value);
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `${clause} needs an epoch number`, position: expression.span.start });
}

function envelopeOf(statement: SubscribeStatement, context: StatementContext): Envelope {
  const columns = subscribedColumns(statement.source, context);
  const { envelope, withinTimestampOrderBy: order } = statement;
  if (envelope === null) return order.length === 0 ? plainEnvelope(columns) : orderedEnvelope(columns, rowOrder(order, columns, context));
  if (order.length > 0) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'ENVELOPE and WITHIN TIMESTAMP ORDER BY do not go together',
      hint: 'With an envelope each key has one row an epoch.',
      position: order[0]!.span.start,
    });
  }
  return keyedEnvelope(
    columns,
    envelope.key.map((name) => columnNamed(name, columns)),
    envelope.type,
  );
}

function columnNamed(name: Identifier, columns: readonly RelationColumn[]): number {
  const index = columns.findIndex((column) => column.name === foldIdentifier(name));
  if (index >= 0) return index;
  throw new SqlError({ code: SqlState.undefinedColumn, message: `column "${foldIdentifier(name)}" does not exist`, position: name.span.start });
}

type Row = readonly (Datum | null)[];

/** Compares rows that have fsql_diff in front of the columns. */
function rowOrder(items: readonly OrderByItem[], columns: readonly RelationColumn[], context: StatementContext): (left: Row, right: Row) => number {
  const binder = binderOf(context);
  const diff: RelationColumn = { ...physicalColumn('fsql_diff', int8Type), nullable: false };
  const keys = items.map((item) => {
    if (item.using !== null)
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: 'USING is not supported here',
        hint: 'Write ASC or DESC.',
        position: item.span.start,
      });
    const bound = binder.rowExpression(item.expression, [diff, ...columns], 'WITHIN TIMESTAMP ORDER BY');
    const value = compileRowInterpreter(bound, context.engine.registries.lookup);
    const descending = item.direction === 'desc';
    const nullsFirst = item.nulls === null ? descending : item.nulls === 'first';
    return { type: bound.type, descending, nullsFirst, of: (row: Row) => value(row, binder.context.evaluation) };
  });
  return (left, right) => {
    for (const key of keys) {
      const result = compareOrdered(key.type, key.of(left), key.of(right), key);
      if (result !== 0) return result;
    }
    return 0;
  };
}

function subscribedColumns(source: SubscribeStatement['source'], context: StatementContext): Relation['columns'] {
  if (source.kind === 'qualified-name') return requireRelation(source, context).columns;
  return viewColumns(binderOf(context).query(source), []);
}

interface ChangesOptions extends SubscribeOptions {
  readonly asOf: number | null;
  readonly upTo: number | null;
  readonly envelope: Envelope;
  readonly context: StatementContext;
}

async function* changesOf(subscribed: QualifiedName | Query, options: ChangesOptions): AsyncGenerator<Batch> {
  const { context, envelope, progress } = options;
  const source = await openSource(subscribed, context);
  try {
    const { signal, session, engine } = context;
    const { transaction } = session;
    for await (const { epoch, batch } of openFeed(source.relation, context.engine, { ...options, atLeast: session.lastWriteEpoch, signal })) {
      const rows = batch === null ? envelope.complete(epoch) : envelope.change(epoch, batch);
      // It follows for as long as it likes: a relation that is replaced does not wait for it, but cuts it off.
      if (transaction?.explicit === false && source.named) engine.readers.leave(transaction);
      if (rows !== null) yield rows;
      if (batch === null && progress) yield envelope.progress(epoch);
    }
  } finally {
    await source.close();
  }
}

interface SubscribedSource {
  readonly relation: Relation;
  /** It has a name, and no job of its own. */
  readonly named: boolean;
  close(): Promise<void>;
}

/** A stored relation as it is; anything else through a view that lives as long as the subscription. */
async function openSource(source: SubscribeStatement['source'], context: StatementContext): Promise<SubscribedSource> {
  if (source.kind === 'qualified-name') {
    const relation = requireRelation(source, context);
    if (relation.kind === 'sink')
      throw new SqlError({
        code: SqlState.wrongObjectType,
        message: `"${relation.name}" is a sink and cannot be read`,
        position: source.span.start,
      });
    refuseNew([relation.oid], context);
    if (hasContent(relation)) return { relation, named: true, close: async () => undefined };
  }
  const binder = binderOf(context);
  const bound =
    source.kind === 'query'
      ? binder.continuousQuery(withDeclaredHints(source, context))
      : binder.continuousQueryText(`SELECT * FROM ${nameText(source)}`);
  refuseNew(bound.reads, context);
  const plan = continuousPlan(bound, bound.emit ?? 'on-update', context.engine.parts);
  const view = await context.engine.temporaryView(bound, plan, context.signal);
  return { ...view, named: false };
}

/** Errors: 55000 for relations that the transaction has made itself. */
function refuseNew(oids: readonly number[], { session, definer }: StatementContext): void {
  for (const oid of oids) {
    const relation = definer.snapshot.relationByOid(oid);
    if (relation !== null && session.transaction?.isNew(relation)) throw notBeforeCommit(relation);
  }
}

function nameText(name: QualifiedName): string {
  return name.parts.map(quoteIfNeeded).join('.');
}
