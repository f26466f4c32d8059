import { SqlError, SqlState } from '../../base/index.ts';
import { textType } from '../../types/index.ts';
import type { StatementHandler } from '../statement-context.ts';
import { resultField, rowsResult, textFields } from '../text-result.ts';

export const setStatement: StatementHandler<'set'> = {
  kind: 'set',
  async execute(statement, context) {
    const { settings } = context.session;
    try {
      if (statement.values === null) settings.reset(statement.name);
      else settings.set(statement.name, statement.values.map((value) => value.text).join(', '), statement.scope);
    } catch (error) {
      throw error instanceof SqlError ? error.with({ position: statement.nameSpan.start }) : error;
    }
    return { kind: 'command', tag: 'SET' };
  },
};

export const setTimeZone: StatementHandler<'set-time-zone'> = {
  kind: 'set-time-zone',
  async execute(statement, context) {
    const { settings } = context.session;
    if (statement.zone === null) settings.reset('timezone');
    else if (statement.zone.kind === 'string-literal') settings.set('timezone', statement.zone.value, statement.scope);
    else if (statement.zone.kind === 'number-literal') settings.set('timezone', statement.zone.text, statement.scope);
    else if (statement.zone.kind === 'column-reference' && statement.zone.name.length === 1)
      settings.set('timezone', statement.zone.name[0]!.text, statement.scope);
    else {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: 'SET TIME ZONE takes a name or a number of hours',
        position: statement.zone.span.start,
        hint: "Write SET TIME ZONE 'Europe/Warsaw' or SET TIME ZONE 2.",
      });
    }
    return { kind: 'command', tag: 'SET' };
  },
};

export const resetStatement: StatementHandler<'reset'> = {
  kind: 'reset',
  async execute(statement, context) {
    if (statement.name === null) context.session.settings.resetAll();
    else context.session.settings.reset(statement.name);
    return { kind: 'command', tag: 'RESET' };
  },
};

const allFields = textFields('name', 'setting', 'description');

/** SHOW name and SHOW ALL. */
export const showSetting: StatementHandler<'show-setting'> = {
  kind: 'show-setting',
  describe: (statement) => ({ parameterTypes: [], fields: statement.name === null ? allFields : [resultField(spelling(statement.name), textType)] }),
  async execute(statement, context) {
    const { settings } = context.session;
    if (statement.name === null) {
      const rows = settings.all().map(({ definition, value }) => [definition.name, value, definition.description]);
      return rowsResult(allFields, rows, 'SHOW');
    }
    return rowsResult([resultField(spelling(statement.name), textType)], [[settings.get(spelling(statement.name))]], 'SHOW');
  },
};

/** PostgreSQL spells these in several words. */
function spelling(name: string): string {
  const folded = name.toLowerCase();
  if (folded === 'time zone') return 'timezone';
  if (folded === 'transaction isolation level') return 'transaction_isolation';
  return folded === 'session authorization' ? 'session_authorization' : folded;
}
