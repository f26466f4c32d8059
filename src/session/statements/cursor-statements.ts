import { SqlError, SqlState } from '../../base/index.ts';
import { type Batch, sliceBatch } from '../../batch/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';
import { type FetchStatement, foldIdentifier } from '../../sql/index.ts';
import { optionMs } from '../ddl/relation-options.ts';
import { checkOptions } from '../ddl/resolve-options.ts';
import { OpenPortal } from '../open-portal.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { describeStatement, executeStatement } from './dispatch.ts';
import { modifiesInWith } from './modifying-with.ts';

/** DECLARE name CURSOR FOR query | SUBSCRIBE …: a portal that FETCH reads forward. */
export const declareCursor: StatementHandler<'declare-cursor'> = {
  kind: 'declare-cursor',
  async execute(statement, context) {
    const name = foldIdentifier(statement.name);
    if (statement.scroll)
      throw new SqlError({ code: SqlState.featureNotSupported, message: 'scrollable cursors are not supported', hint: 'Declare it without SCROLL.' });
    if (modifiesInWith(statement.query)) {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: 'DECLARE CURSOR must not contain data-modifying statements in WITH',
        position: statement.query.span.start,
      });
    }
    if (!context.session.transaction?.explicit && !statement.hold) {
      throw new SqlError({ code: SqlState.noActiveSqlTransaction, message: 'DECLARE CURSOR can only be used in transaction blocks' });
    }
    if (context.session.portals.has(name)) throw new SqlError({ code: SqlState.duplicateCursor, message: `cursor "${name}" already exists` });
    const ownChanges = [...(context.session.transaction?.changes ?? [])];
    const inner = { ...context, ownChanges, parsed: { ...context.parsed, statement: statement.query } };
    const { fields } = describeStatement(inner);
    const start = (signal: AbortSignal) => executeStatement({ ...inner, signal });
    context.session.portals.set(name, new OpenPortal({ name, text: context.parsed.text, fields, hold: statement.hold, start }));
    return { kind: 'command', tag: 'DECLARE CURSOR' };
  },
};

/** FETCH and MOVE, forward only. Fetches at most the count; at the end of a finished query fewer. */
export const fetchCursor: StatementHandler<'fetch'> = {
  kind: 'fetch',
  describe: (statement, context) => ({
    parameterTypes: [],
    fields: statement.move ? null : findCursor(foldIdentifier(statement.cursor), context).fields,
  }),
  async execute(statement, context) {
    const cursor = findCursor(foldIdentifier(statement.cursor), context);
    if (statement.direction !== 'next' && statement.direction !== 'forward') {
      throw new SqlError({
        code: SqlState.objectNotInPrerequisiteState,
        message: 'cursor can only scan forward',
        hint: 'Cursors go forward only, SCROLL is not supported: declare it again to read from the start.',
      });
    }
    const wanted = statement.count === 'all' ? Number.POSITIVE_INFINITY : (statement.count ?? 1);
    const taken = cursor.subscription === null ? takeRows(cursor, wanted) : subscribedRows(cursor, wanted, statement, context);
    if (!statement.move) return { kind: 'rows', fields: cursor.fields ?? [], batches: taken, tag: (rows) => `FETCH ${rows}` };
    let moved = 0;
    for await (const batch of taken) moved += batch.rowCount;
    return { kind: 'command', tag: `MOVE ${moved}` };
  },
};

export const closeCursor: StatementHandler<'close-cursor'> = {
  kind: 'close-cursor',
  async execute(statement, context) {
    const { portals } = context.session;
    const names = statement.name === null ? [...portals.keys()] : [foldIdentifier(statement.name)];
    for (const name of names) {
      const cursor = findCursor(name, context);
      portals.delete(name);
      await cursor.close();
    }
    return { kind: 'command', tag: statement.name === null ? 'CLOSE CURSOR ALL' : 'CLOSE CURSOR' };
  },
};

/** Rows of a batch that went beyond one FETCH wait here for the next. */
const leftovers = new WeakMap<OpenPortal, Batch>();

async function* takeRows(cursor: OpenPortal, wanted: number): AsyncGenerator<Batch> {
  const iterator = await cursor.batches();
  let missing = wanted;
  while (missing > 0) {
    const waiting = leftovers.get(cursor);
    leftovers.delete(cursor);
    const next = waiting === undefined ? await iterator.next() : { done: false as const, value: waiting };
    if (next.done) return;
    const batch: Batch = next.value;
    if (batch.rowCount > missing) leftovers.set(cursor, sliceBatch(batch, missing, batch.rowCount));
    const part = batch.rowCount > missing ? sliceBatch(batch, 0, missing) : batch;
    missing -= part.rowCount;
    yield part;
  }
}

/** What there is now, the session's own writes with it; where that is nothing, what comes within the timeout. */
async function* subscribedRows(cursor: OpenPortal, wanted: number, { options }: FetchStatement, context: StatementContext): AsyncGenerator<Batch> {
  const { engine, session, signal } = context;
  const timeout = checkOptions(options, fetchOptions, 'FETCH').get('timeout');
  const subscription = cursor.subscription!;
  const newest = await cancellable(engine.pin([subscription.relation], session.lastWriteEpoch), signal);
  newest.release();
  const until = { epoch: newest.epoch, timeoutMs: timeout === undefined ? 0 : optionMs(timeout), signal };
  const rows = await cancellable(subscription.fetch(wanted, until), signal);
  if (rows.rowCount > 0) yield rows;
}

const fetchOptions: readonly OptionDefinition[] = [
  { name: 'timeout', type: 'duration', description: 'How long FETCH from a subscription waits for a first row.' },
];

function findCursor(name: string, context: StatementContext): OpenPortal {
  const cursor = context.session.portals.get(name);
  if (cursor !== undefined) return cursor;
  throw new SqlError({ code: SqlState.invalidCursorName, message: `cursor "${name}" does not exist` });
}
