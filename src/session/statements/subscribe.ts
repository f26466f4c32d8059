import { SqlError, SqlState } from '../../base/index.ts';
import { Batch, type Column, columnFromDatums } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { PinnedEpoch } from '../../cluster/index.ts';
import type { SubscribeStatement } from '../../sql/index.ts';
import { boolType, type Datum, int8Type } from '../../types/index.ts';
import type { ResultField, RowsResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { continuousPlan, hasContent, relationId } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { resultField } from '../text-result.ts';
import { viewColumns } from './create-view.ts';

/**
 * SUBSCRIBE relation | (query) WITH (SNAPSHOT, PROGRESS): every net change, epoch by epoch. Rows carry the epoch, whether the row only says that the
 * epoch is complete, and the multiplicity; folding them from the snapshot gives the relation at each progressed epoch (semantics.md 4).
 */
export const subscribe: StatementHandler<'subscribe'> = {
  kind: 'subscribe',
  describe: (statement, context) => ({ parameterTypes: [], fields: fieldsOf(subscribedColumns(statement, context)) }),
  async execute(statement, context): Promise<RowsResult> {
    refuseUnsupported(statement);
    const columns = subscribedColumns(statement, context);
    const options = readOptions(statement);
    return { kind: 'rows', fields: fieldsOf(columns), batches: stream(statement, options, context), tag: (rows) => `SUBSCRIBE ${rows}` };
  },
};

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

function refuseUnsupported(statement: SubscribeStatement): void {
  const clause = statement.envelope !== null ? 'ENVELOPE' : statement.asOf !== null ? 'AS OF' : statement.upTo !== null ? 'UP TO' : null;
  const ordered = statement.withinTimestampOrderBy.length > 0 ? 'WITHIN TIMESTAMP ORDER BY' : clause;
  if (ordered === null) return;
  throw new SqlError({ code: SqlState.featureNotSupported, message: `SUBSCRIBE … ${ordered} is not supported yet`, position: statement.span.start });
}

function subscribedColumns(statement: SubscribeStatement, context: StatementContext): Relation['columns'] {
  if (statement.source.kind === 'qualified-name') return requireRelation(statement.source, context).columns;
  return viewColumns(binderOf(context).query(statement.source), []);
}

function fieldsOf(columns: Relation['columns']): readonly ResultField[] {
  return [
    resultField('fsql_epoch', int8Type),
    resultField('fsql_progressed', boolType),
    resultField('fsql_diff', int8Type),
    ...columns.map((column) => resultField(column.name, column.type)),
  ];
}

async function* stream(statement: SubscribeStatement, options: SubscribeOptions, context: StatementContext): AsyncGenerator<Batch> {
  const source = await openSource(statement, context);
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(context.signal.reason);
  context.signal.addEventListener('abort', onAbort, { once: true });
  const { relation } = source;
  const types = relation.columns.map((column) => column.type);
  try {
    const pinned = await cancellable(context.engine.cluster.pin([relationId(relation)], context.session.lastWriteEpoch), context.signal);
    // The subscription starts before the snapshot is read, so that no epoch between the two is missed.
    const changes = context.engine.cluster.subscribe(relationId(relation), pinned.epoch, abort.signal)[Symbol.asyncIterator]();
    try {
      if (options.snapshot) yield* snapshot(relation, pinned, context);
      if (options.progress) yield progressRow(pinned.epoch, types);
    } finally {
      pinned.release();
    }
    for (;;) {
      const next = await cancellable(changes.next(), context.signal);
      if (next.done) return;
      const { epoch, batch } = next.value;
      if (batch !== null) yield withEpoch(batch, epoch);
      else if (options.progress) yield progressRow(epoch, types);
    }
  } finally {
    abort.abort(new SqlError({ code: SqlState.queryCanceled, message: 'subscription ended' }));
    context.signal.removeEventListener('abort', onAbort);
    await source.close();
  }
}

interface SubscribedSource {
  readonly relation: Relation;
  close(): Promise<void>;
}

/** A stored relation as it is; anything else through a view that lives as long as the subscription. */
async function openSource(statement: SubscribeStatement, context: StatementContext): Promise<SubscribedSource> {
  if (statement.source.kind === 'qualified-name') {
    const relation = requireRelation(statement.source, context);
    if (relation.kind === 'sink')
      throw new SqlError({
        code: SqlState.wrongObjectType,
        message: `"${relation.name}" is a sink and cannot be read`,
        position: statement.source.span.start,
      });
    if (hasContent(relation)) return { relation, close: async () => undefined };
  }
  const binder = binderOf(context);
  const bound =
    statement.source.kind === 'query'
      ? binder.continuousQuery(statement.source)
      : binder.continuousQueryText(`SELECT * FROM ${nameText(statement.source)}`);
  return context.engine.temporaryView(bound, continuousPlan(bound, bound.emit ?? 'on-update', context.engine.parts));
}

function nameText(name: Exclude<SubscribeStatement['source'], { readonly kind: 'query' }>): string {
  return name.parts.map((part) => (part.quoted ? `"${part.text.replaceAll('"', '""')}"` : part.text)).join('.');
}

async function* snapshot(relation: Relation, pinned: PinnedEpoch, context: StatementContext): AsyncGenerator<Batch> {
  const columns = relation.columns.map((_, index) => index);
  for await (const batch of context.engine.cluster.scan(relationId(relation), pinned, columns)) yield withEpoch(batch, pinned.epoch);
}

/** The three leading columns in front of a batch of changes; the weight becomes fsql_diff. */
function withEpoch(batch: Batch, epoch: number): Batch {
  const { rowCount, weights } = batch;
  const leading: Column[] = [
    columnFromDatums(int8Type, repeat(BigInt(epoch), rowCount)),
    columnFromDatums(boolType, repeat(false, rowCount)),
    columnFromDatums(
      int8Type,
      Array.from({ length: rowCount }, (_, row) => BigInt(weights === null ? 1 : weights[row]!)),
    ),
  ];
  return new Batch(rowCount, [...leading, ...batch.columns]);
}

function progressRow(epoch: number, types: readonly ResultField['type'][]): Batch {
  const leading = [columnFromDatums(int8Type, [BigInt(epoch)]), columnFromDatums(boolType, [true]), columnFromDatums(int8Type, [null])];
  return new Batch(1, [...leading, ...types.map((type) => columnFromDatums(type, [null]))]);
}

function repeat(value: Datum, count: number): Datum[] {
  return new Array<Datum>(count).fill(value);
}
