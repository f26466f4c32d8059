import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';
import { type DeclareSubscriptionCursor, type DropStatement, type Expression, foldIdentifier, type QualifiedName } from '../../sql/index.ts';
import { int8Type } from '../../types/index.ts';
import { requireRelation } from '../ddl/object-name.ts';
import { optionMs } from '../ddl/relation-options.ts';
import { checkOptions } from '../ddl/resolve-options.ts';
import { type DeclaredSubscription, subscriptionNamed, subscriptions } from '../declared-subscriptions.ts';
import { hasContent } from '../engine/index.ts';
import { OpenPortal } from '../open-portal.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext, type StatementHandler } from '../statement-context.ts';
import { type FeedOptions, openFeed, SubscriptionCursor } from '../subscriptions/index.ts';
import { refuseInBlock } from './refuse-in-block.ts';

const options: readonly OptionDefinition[] = [
  { name: 'retention', type: 'duration', required: true, description: 'How long the changes of the relation stay readable.' },
];

/** CREATE SUBSCRIPTION name FROM relation WITH (retention = '1 day'): the changes of the relation stay readable that long, also across restarts. */
export const createSubscription: StatementHandler<'create-subscription'> = {
  kind: 'create-subscription',
  async execute(statement, context) {
    refuseInBlock(context, 'CREATE SUBSCRIPTION');
    const name = nameOf(statement.name);
    const retention = checkOptions(statement.options, options, 'a subscription').get('retention');
    if (retention === undefined) {
      const message = 'option "retention" is missing';
      throw new SqlError({
        code: SqlState.invalidParameterValue,
        message,
        hint: "Write WITH (retention = '1 day').",
        position: statement.span.start,
      });
    }
    const relation = requireRelation(statement.source, context);
    if (!hasContent(relation)) {
      throw new SqlError({
        code: SqlState.wrongObjectType,
        message: `"${relation.name}" keeps no rows of its own`,
        hint: 'Subscribe to a materialized view over it, or to a stored table.',
        position: statement.source.span.start,
      });
    }
    if (subscriptionNamed(name, context.definer.snapshot) !== null) {
      const message = `subscription "${name}" already exists`;
      if (!statement.ifNotExists) throw new SqlError({ code: SqlState.duplicateObject, message, position: statement.name.span.start });
      context.notice({ severity: 'NOTICE', code: SqlState.duplicateObject, message: `${message}, skipping` });
      return { kind: 'command', tag: 'CREATE SUBSCRIPTION' };
    }
    await cancellable(context.engine.subscribe({ name, relation, retention, retentionMs: optionMs(retention) }, context.signal), context.signal);
    return { kind: 'command', tag: 'CREATE SUBSCRIPTION' };
  },
};

/** DROP SUBSCRIPTION. Errors: 42704. */
export async function dropSubscriptions(statement: DropStatement, context: StatementContext): Promise<void> {
  const found: DeclaredSubscription[] = [];
  for (const written of statement.names) {
    const one = subscriptionNamed(nameOf(written), context.definer.snapshot);
    if (one !== null) found.push(one);
    else if (!statement.ifExists) throw unknown(written, context);
    else {
      const message = `subscription "${nameOf(written)}" does not exist, skipping`;
      context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message });
    }
  }
  for (const one of found) await cancellable(context.engine.unsubscribe(one, context.signal), context.signal);
}

/** DECLARE name SUBSCRIPTION CURSOR FOR subscription [SINCE … | FULL]: without either, what changes from now on. It lives as long as the session. */
export const declareSubscriptionCursor: StatementHandler<'declare-subscription-cursor'> = {
  kind: 'declare-subscription-cursor',
  async execute(statement, context) {
    const { engine, session } = context;
    const name = foldIdentifier(statement.name);
    if (session.portals.has(name)) throw new SqlError({ code: SqlState.duplicateCursor, message: `cursor "${name}" already exists` });
    const declared = subscriptionNamed(nameOf(statement.subscription), engine.snapshot);
    if (declared === null) throw unknown(statement.subscription, context);
    const abort = new AbortController();
    const range: FeedOptions = { snapshot: statement.full, asOf: null, upTo: null, atLeast: session.lastWriteEpoch, signal: abort.signal };
    const sinceMicros = sinceOf(statement, declared, context);
    const feed = openFeed(declared.relation, engine, sinceMicros === null ? range : { ...range, sinceMicros });
    const subscription = new SubscriptionCursor(declared.relation, feed, { clock: engine.clock, abort });
    try {
      await cancellable(subscription.open(), context.signal);
      // What was held when this began may have gone with an epoch before it was read.
      sinceOf(statement, declared, context);
    } catch (error) {
      await subscription.close();
      throw error;
    }
    const start = (): Promise<never> => {
      const message = `"${name}" is a subscription cursor`;
      return Promise.reject(new SqlError({ code: SqlState.invalidCursorState, message, hint: `Use FETCH 100 FROM ${name}.` }));
    };
    const { fields } = subscription;
    session.portals.set(name, new OpenPortal({ name, text: context.parsed.text, fields, hold: true, start, subscription }));
    return { kind: 'command', tag: 'DECLARE SUBSCRIPTION CURSOR' };
  },
};

const MICROS_PER_MS = 1000;

/** The epoch time behind which changes are read; null: from now on, or the content and what changes from now on. Errors: 72000, 22023. */
function sinceOf({ since }: DeclareSubscriptionCursor, declared: DeclaredSubscription, context: StatementContext): number | null {
  if (since === null) return null;
  const call = callName(since);
  if (call === 'now' || call === 'proctime') return null;
  const newestMicros = Number(context.engine.cluster.newestEpochMicros());
  const oldest = Math.max(declared.sinceMicros, newestMicros - declared.retentionMs * MICROS_PER_MS);
  if (call === 'begin') return oldest;
  const ms = binderOf(context).constant(since, int8Type, 'SINCE') as bigint | null;
  const position = since.span.start;
  if (ms === null || ms < 0n)
    throw new SqlError({ code: SqlState.invalidParameterValue, message: 'SINCE needs milliseconds since 1970, now() or begin()', position });
  // Behind the whole millisecond: the rw_timestamp of the last row goes on where a cursor has ended.
  const micros = (Number(ms) + 1) * MICROS_PER_MS - 1;
  if (micros >= oldest) return micros;
  throw new SqlError({
    code: SqlState.snapshotTooOld,
    message: `subscription "${declared.name}" has no changes from ${ms} any more`,
    detail: `It holds those behind ${Math.floor(oldest / MICROS_PER_MS)}; its retention is ${declared.retention}.`,
    hint: 'SINCE begin() reads what is held, FULL the content and what changes from now on.',
    position,
  });
}

function callName(expression: Expression): string | null {
  return expression.kind === 'function-call' && expression.arguments.length === 0
    ? foldIdentifier(expression.name.parts.at(-1)!).toLowerCase()
    : null;
}

/** Errors: 0A000 with a schema. */
function nameOf(name: QualifiedName): string {
  if (name.parts.length === 1) return foldIdentifier(name.parts[0]!);
  const message = 'a subscription is in no schema';
  throw new SqlError({ code: SqlState.featureNotSupported, message, hint: 'Write the name alone.', position: name.span.start });
}

function unknown(written: QualifiedName, { engine }: StatementContext): SqlError {
  const name = nameOf(written);
  const known = subscriptions(engine.snapshot).map((one) => one.name);
  const [nearest] = nearestNames(name, known, 1);
  return new SqlError({
    code: SqlState.undefinedObject,
    message: `subscription "${name}" does not exist`,
    hint: nearest === undefined ? 'SHOW SUBSCRIPTIONS lists them.' : `Perhaps you meant "${nearest}".`,
    position: written.span.start,
  });
}
