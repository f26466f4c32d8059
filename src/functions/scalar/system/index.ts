/** Functions about the session and the server, from EvaluationContext.session. Outside a session (in views) they have fixed answers. */
import { SqlError, SqlState } from '../../../base/index.ts';
import type { FunctionDefinition } from '../../../expr/index.ts';
import type { Datum } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { advisoryLockFunctions } from './advisory-locks.ts';
import { randomFunctions } from './random-functions.ts';
import { actionsOf } from './session-action.ts';
import { sleepFunctions } from './sleep-functions.ts';

const USER_NAMES = ['current_user', 'session_user', 'user', 'current_role', 'getpgusername'] as const;
const DATABASE_NAMES = ['current_database', 'current_catalog'] as const;
const DEFAULT_NAME = 'fsql';
const DEFAULT_SCHEMAS = ['public'] as const;
const ENCODINGS: Readonly<Record<number, string>> = { 0: 'SQL_ASCII', 6: 'UTF8', 8: 'LATIN1' };

export const systemFunctions: readonly FunctionDefinition[] = [
  ...randomFunctions,
  ...sleepFunctions,
  ...advisoryLockFunctions,
  ...USER_NAMES.map((name) =>
    defineFunction<[]>({
      signature: `${name}() -> name`,
      family: 'system',
      description: 'The role of the session',
      examples: [['current_user = session_user', 't']],
      volatility: 'stable',
      asksSession: true,
      evaluate: (_args, context) => context.session?.user ?? DEFAULT_NAME,
    }),
  ),
  ...DATABASE_NAMES.map((name) =>
    defineFunction<[]>({
      signature: `${name}() -> name`,
      family: 'system',
      description: 'The database of the session',
      examples: [['current_database() = current_catalog', 't']],
      volatility: 'stable',
      asksSession: true,
      evaluate: (_args, context) => context.session?.database ?? DEFAULT_NAME,
    }),
  ),
  defineFunction<[]>({
    signature: 'current_schema() -> name',
    family: 'system',
    description: 'The first existing schema of the search path',
    examples: [['current_schema()', 'public']],
    volatility: 'stable',
    asksSession: true,
    evaluate: (_args, context) => (context.session?.schemas ?? DEFAULT_SCHEMAS)[0] ?? null,
  }),
  defineFunction<[boolean]>({
    signature: 'current_schemas(bool) -> name[]',
    family: 'system',
    description: 'The existing schemas of the search path, with the system’s own if asked for',
    examples: [['current_schemas(false)', '{public}']],
    volatility: 'stable',
    asksSession: true,
    evaluate: ([all], context) => {
      const path = context.session?.schemas ?? DEFAULT_SCHEMAS;
      return { elements: all ? ['pg_catalog', ...path, 'fsql_catalog'] : [...path] };
    },
  }),
  defineFunction<[]>({
    signature: 'version() -> text',
    family: 'system',
    description: 'Name and version of the server',
    examples: [['length(version()) > 0', 't']],
    volatility: 'stable',
    asksSession: true,
    evaluate: (_args, context) => context.session?.version ?? 'PostgreSQL 18 (fsql)',
  }),
  defineFunction<[]>({
    signature: 'pg_backend_pid() -> int4',
    family: 'system',
    description: 'The number of the session, as in a cancel request',
    examples: [['pg_backend_pid() >= 0', 't']],
    volatility: 'stable',
    asksSession: true,
    evaluate: (_args, context) => context.session?.processId ?? 0,
  }),
  defineFunction<[]>({
    signature: 'pg_is_in_recovery() -> bool',
    family: 'system',
    description: 'False: a server that answers is not recovering',
    examples: [['pg_is_in_recovery()', 'f']],
    volatility: 'stable',
    evaluate: () => false,
  }),
  defineFunction<[string]>({
    signature: 'current_setting(text) -> text',
    family: 'system',
    description: 'Value of a setting',
    examples: [["current_setting('server_encoding')", 'UTF8']],
    volatility: 'stable',
    asksSession: true,
    fallible: true,
    evaluate: ([name], context) => {
      const value = context.session?.setting(name) ?? null;
      if (value === null) throw new SqlError({ code: SqlState.undefinedObject, message: `unrecognized configuration parameter "${name}"` });
      return value;
    },
  }),
  defineFunction<[string, boolean]>({
    signature: 'current_setting(text, bool) -> text',
    family: 'system',
    description: 'Value of a setting, or NULL where there is none and the second argument is true',
    examples: [["current_setting('no.such', true)", null]],
    volatility: 'stable',
    asksSession: true,
    fallible: true,
    evaluate: ([name, missingOk], context) => {
      const value = context.session?.setting(name) ?? null;
      if (value === null && !missingOk)
        throw new SqlError({ code: SqlState.undefinedObject, message: `unrecognized configuration parameter "${name}"` });
      return value;
    },
  }),
  defineFunction<[string | null, string | null, boolean | null]>({
    signature: 'set_config(text, text, bool) -> text',
    family: 'system',
    description: 'Gives a setting a value and says it as SHOW does: NULL is its default, and with true it holds until the transaction ends',
    examples: [["set_config('application_name', 'nightly', true)", 'nightly']],
    volatility: 'volatile',
    asksSession: true,
    nullBehaviour: 'called',
    fallible: true,
    evaluate: ([name, value, local], context) => {
      if (name === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'SET requires parameter name' });
      return actionsOf(context, 'set_config').setSetting(name, value, { local: local ?? false });
    },
  }),
  defineFunction<[number]>({
    signature: 'pg_encoding_to_char(int4) -> name',
    family: 'system',
    description: 'Name of an encoding by its number',
    examples: [['pg_encoding_to_char(6)', 'UTF8']],
    volatility: 'stable',
    evaluate: ([encoding]) => ENCODINGS[encoding] ?? '',
  }),
  ...(['inet_server_addr', 'inet_client_addr'] as const).map((name) =>
    defineFunction<Datum[]>({
      signature: `${name}() -> text`,
      family: 'system',
      description: 'NULL: addresses are not told',
      examples: [[`pg_typeof(${name}()) IS NOT NULL`, 't']],
      volatility: 'stable',
      evaluate: () => null,
    }),
  ),
];
