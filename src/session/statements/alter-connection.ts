import { nearestNames, SqlError, SqlState } from '../../base/index.ts';
import type { AlterAction, AlterStatement } from '../../sql/index.ts';
import { CONNECTION, connectionText, findConnection, usersOf } from '../connections.ts';
import { checkedConnection, connectionKey, connectionOptions } from '../ddl/connection-options.ts';
import { hasJob } from '../engine/index.ts';
import { attachmentKey, NAMED_VALUES_OID, namedValueName, namedValues } from '../named-values.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';
import { refuseInBlock } from './refuse-in-block.ts';

/**
 * ALTER CONNECTION name SET (property = value, …), RESET (property, …): what is reached by it goes on under the new properties at once, its job from a checkpoint. Errors:
 * 42704, 0A000 for other actions, 55000 while a job that uses it is paused, and those of CREATE CONNECTION.
 */
export async function alterConnection(statement: AlterStatement, context: StatementContext): Promise<void> {
  refuseInBlock(context, 'ALTER CONNECTION');
  const { snapshot } = context.definer;
  const name = namedValueName(CONNECTION, statement.name);
  const before = findConnection(name, snapshot);
  if (before === null) return missing(name, statement, context);
  const old: ReadonlyMap<string, string> = new Map([...before.options].map(([key, value]) => [connectionKey(key), value]));
  const options = statement.actions.reduce((kept, action) => altered(kept, action, { type: before.type, context }), old);
  const after = { type: before.type, options };
  const written = statement.actions.flatMap((action) => (action.kind === 'set-options' ? action.options : []));
  await checkedConnection(after, { written, position: statement.name.span.start }, context);
  const users = usersOf(name, snapshot);
  const entry = { kind: 'attach' as const, oid: NAMED_VALUES_OID, key: attachmentKey(CONNECTION, name), value: connectionText(after) };
  await cancellable(context.engine.alterConnection(entry, users, context.signal), context.signal);
  const restarted = users.filter(hasJob).map((relation) => relation.name);
  if (restarted.length === 0) return;
  context.notice({
    severity: 'NOTICE',
    code: SqlState.successfulCompletion,
    message: `jobs that go on over the changed connection: ${restarted.join(', ')}`,
  });
}

function altered(
  kept: ReadonlyMap<string, string>,
  action: AlterAction,
  { type, context }: { readonly type: string; readonly context: StatementContext },
): ReadonlyMap<string, string> {
  if (action.kind === 'set-options') return new Map([...kept, ...connectionOptions(type, action.options, context)]);
  if (action.kind !== 'reset-options') {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `ALTER CONNECTION … ${action.kind.replaceAll('-', ' ').toUpperCase()} is not supported`,
      hint: 'It takes SET (property = value, …) and RESET (property, …).',
      position: action.span.start,
    });
  }
  const gone = action.keys.map(connectionKey);
  const unset = gone.find((key) => !kept.has(key));
  if (unset !== undefined) {
    const nearest = nearestNames(unset, [...kept.keys()], 1)[0];
    throw new SqlError({
      code: SqlState.undefinedObject,
      message: `the connection has no option "${unset}"`,
      hint: nearest === undefined ? undefined : `Perhaps you meant "${nearest}".`,
      position: action.span.start,
    });
  }
  return new Map([...kept].filter(([key]) => !gone.includes(key)));
}

/** IF EXISTS, or 42704 with the nearest name. */
function missing(name: string, statement: AlterStatement, context: StatementContext): void {
  const message = `connection "${name}" does not exist`;
  if (statement.ifExists) {
    context.notice({ severity: 'NOTICE', code: SqlState.successfulCompletion, message: `${message}, skipping` });
    return;
  }
  const known = namedValues(CONNECTION, context.definer.snapshot).map(([one]) => one);
  const nearest = nearestNames(name, known, 1)[0];
  const hint = nearest === undefined ? undefined : `Perhaps you meant "${nearest}".`;
  throw new SqlError({ code: SqlState.undefinedObject, message, hint, position: statement.name.span.start });
}
