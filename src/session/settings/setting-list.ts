import { SqlError, SqlState } from '../../base/index.ts';
import { importedDialects } from '../dialect/index.ts';
import { booleanSetting, choiceSetting, durationSetting, integerSetting, type SettingDefinition, textSetting } from './setting-definition.ts';

/** PostgreSQL whose behaviour fsql follows; what drivers and psql branch on. */
export const SERVER_VERSION = '18.0';

/** Every setting, alphabetical. SHOW ALL, pg_settings and the documentation print this list. */
export const settingList: readonly SettingDefinition[] = [
  textSetting({ name: 'application_name', default: '', description: 'Name of the client program.', reportedAs: 'application_name' }),
  booleanSetting({
    name: 'background_ddl',
    default: 'off',
    description:
      'CREATE MATERIALIZED VIEW returns once it is durable that the view will be made, not when it is published; a server that ends in between makes it after its next start.',
  }),
  choiceSetting({ name: 'bytea_output', default: 'hex', choices: ['hex', 'escape'], description: 'Output format of bytea.' }),
  booleanSetting({
    name: 'check_function_bodies',
    default: 'on',
    description: "PostgreSQL's setting; without effect, since the body of a function is always checked.",
  }),
  textSetting({
    name: 'client_encoding',
    default: 'UTF8',
    description: 'Character set of the client; only UTF8.',
    reportedAs: 'client_encoding',
    normalise: utf8Only,
  }),
  choiceSetting({
    name: 'client_min_messages',
    default: 'notice',
    choices: ['debug', 'log', 'notice', 'warning', 'error'],
    description: 'Least severe message sent to the client.',
  }),
  booleanSetting({ name: 'connector_validation', default: 'on', description: 'CREATE tries to reach the external system and fails when it cannot.' }),
  textSetting({
    name: 'datestyle',
    default: 'ISO, MDY',
    description: 'Display and input format of dates; the display format is always ISO.',
    reportedAs: 'DateStyle',
    normalise: isoDateStyle,
  }),
  choiceSetting({
    name: 'default_table_access_method',
    default: 'heap',
    choices: ['heap'],
    description: "PostgreSQL's setting; without effect, since there is one way to keep a table.",
  }),
  textSetting({
    name: 'default_tablespace',
    default: '',
    description: "PostgreSQL's setting; without effect, since there is one tablespace.",
    normalise: onlyTablespace,
  }),
  choiceSetting({
    name: 'default_transaction_isolation',
    default: 'repeatable read',
    choices: ['serializable', 'repeatable read', 'read committed', 'read uncommitted'],
    description: 'Isolation of new transactions; every level reads one epoch, which is repeatable read.',
  }),
  booleanSetting({
    name: 'default_transaction_read_only',
    default: 'off',
    description: 'New transactions refuse writes.',
    reportedAs: 'default_transaction_read_only',
  }),
  integerSetting({ name: 'extra_float_digits', default: '1', min: -15, max: 3, description: 'Digits of floating-point output.' }),
  textSetting({ name: 'fsql_version', default: '0.1.0', description: 'Version of fsql.', readOnly: true }),
  durationSetting({
    name: 'idle_in_transaction_session_timeout',
    default: '0',
    description: 'Longest idle time inside a transaction; 0 is no limit.',
  }),
  durationSetting({ name: 'idle_session_timeout', default: '0', description: 'Longest idle time outside a transaction; 0 is no limit.' }),
  booleanSetting({
    name: 'in_hot_standby',
    default: 'off',
    description: 'Whether the server is a standby.',
    readOnly: true,
    reportedAs: 'in_hot_standby',
  }),
  booleanSetting({
    name: 'integer_datetimes',
    default: 'on',
    description: 'Times are integers of microseconds.',
    readOnly: true,
    reportedAs: 'integer_datetimes',
  }),
  choiceSetting({
    name: 'intervalstyle',
    default: 'postgres',
    choices: ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'],
    description: 'Display format of intervals.',
    reportedAs: 'IntervalStyle',
  }),
  booleanSetting({
    name: 'is_superuser',
    default: 'on',
    description: 'Whether the user is a superuser.',
    readOnly: true,
    reportedAs: 'is_superuser',
  }),
  booleanSetting({
    name: 'jit',
    default: 'off',
    description: "PostgreSQL's setting; without effect, since expressions are compiled wherever that pays.",
  }),
  durationSetting({
    name: 'lock_timeout',
    default: '0',
    description: 'Longest wait for another writer of the same table, or for an advisory lock; 0 is no limit.',
  }),
  integerSetting({
    name: 'max_identifier_length',
    default: '63',
    min: 63,
    max: 63,
    description: 'Longest name kept by PostgreSQL clients.',
    readOnly: true,
  }),
  choiceSetting({
    name: 'on_row_error',
    default: 'store',
    choices: ['store', 'fail'],
    description: 'What a view does with a row it cannot compute.',
  }),
  choiceSetting({
    name: 'read_level',
    default: 'latest',
    choices: ['latest', 'durable'],
    description: 'Newest epoch a statement may read: complete, or checkpointed.',
  }),
  booleanSetting({
    name: 'row_security',
    default: 'on',
    description: "PostgreSQL's setting; without effect, since there are no policies for rows.",
  }),
  booleanSetting({
    name: 'rw_implicit_flush',
    default: 'off',
    description: "RisingWave's setting; without effect, since a session always reads what it has written.",
  }),
  textSetting({
    name: 'savepoint_dir',
    default: '',
    description: 'Where the server puts savepoints that are given no directory; empty: nowhere.',
  }),
  integerSetting({
    name: 'scram_iterations',
    default: '4096',
    min: 1,
    max: 2_147_483_647,
    description: 'Iterations of SCRAM passwords.',
    reportedAs: 'scram_iterations',
  }),
  textSetting({ name: 'search_path', default: '"$user", public', description: 'Schemas searched for names without one.', reportedAs: 'search_path' }),
  textSetting({
    name: 'server_encoding',
    default: 'UTF8',
    description: 'Character set of the server.',
    readOnly: true,
    reportedAs: 'server_encoding',
  }),
  textSetting({
    name: 'server_version',
    default: SERVER_VERSION,
    description: 'PostgreSQL version whose behaviour is followed.',
    readOnly: true,
    reportedAs: 'server_version',
  }),
  textSetting({ name: 'server_version_num', default: '180000', description: 'The same as a number.', readOnly: true }),
  textSetting({
    name: 'session_authorization',
    default: 'fsql',
    description: 'User of the session.',
    readOnly: true,
    reportedAs: 'session_authorization',
  }),
  choiceSetting({
    name: 'sql_dialect',
    default: 'postgres',
    choices: ['postgres', 'flink', 'ksqldb', ...importedDialects],
    description:
      'Whose rules settle what dialects disagree about: the case of names, when windows are shown, what CREATE TABLE AS makes. From mysql on: the dialect statements are imported from.',
  }),
  choiceSetting({
    name: 'split_distinct',
    aliases: ['table.optimizer.distinct-agg.split.enabled'],
    default: 'auto',
    choices: ['auto', 'on', 'off'],
    spellings: { true: 'on', false: 'off' },
    description:
      'Whether views and sinks made from now on find the values of count(DISTINCT x) by group and value on all slots before they are counted by group: pays with few groups of many values; auto: where there is one group.',
  }),
  booleanSetting({
    name: 'standard_conforming_strings',
    default: 'on',
    description: "Backslashes in '…' are ordinary characters; always on.",
    reportedAs: 'standard_conforming_strings',
  }),
  durationSetting({
    name: 'state_ttl',
    aliases: ['table.exec.state.ttl'],
    longUnits: true,
    max: Number.MAX_SAFE_INTEGER,
    default: '0',
    description:
      'What joins, groups, partitions and DISTINCT of views and sinks made from now on keep goes when it has not been touched for so long; 0 keeps it.',
  }),
  durationSetting({ name: 'statement_timeout', default: '0', description: 'Longest time a statement may take; 0 is no limit.' }),
  booleanSetting({ name: 'synchronous_commit', default: 'on', description: 'A commit is answered after its rows are on disk.' }),
  textSetting({
    name: 'timezone',
    default: 'UTC',
    description: 'Time zone for showing and reading timestamps.',
    reportedAs: 'TimeZone',
    normalise: timeZoneName,
  }),
  choiceSetting({
    name: 'transaction_isolation',
    default: 'repeatable read',
    choices: ['serializable', 'repeatable read', 'read committed', 'read uncommitted'],
    description: 'Isolation of the current transaction.',
  }),
  booleanSetting({ name: 'transaction_read_only', default: 'off', description: 'The current transaction refuses writes.' }),
  durationSetting({ name: 'transaction_timeout', default: '0', max: 0, description: 'Longest time a transaction may take; only 0, no limit.' }),
  choiceSetting({
    name: 'xmloption',
    default: 'content',
    choices: ['content', 'document'],
    description: "PostgreSQL's setting; without effect, since there is no xml.",
  }),
];

function utf8Only(value: string): string {
  if (/^(utf-?8|unicode)$/i.test(value.replaceAll("'", ''))) return 'UTF8';
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `invalid value for parameter "client_encoding": "${value}"`,
    hint: 'Only UTF8 is supported.',
  });
}

function onlyTablespace(value: string): string {
  if (value === '' || value === 'pg_default') return value;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `invalid value for parameter "default_tablespace": "${value}"`,
    detail: `Tablespace "${value}" does not exist.`,
    hint: 'There is one tablespace, pg_default.',
  });
}

function isoDateStyle(value: string): string {
  const words = value.toUpperCase().split(/[\s,]+/);
  const order = words.find((word) => ['MDY', 'DMY', 'YMD'].includes(word)) ?? 'MDY';
  if (words.every((word) => ['ISO', 'MDY', 'DMY', 'YMD', 'US', 'EUROPEAN', 'DEFAULT', ''].includes(word))) return `ISO, ${order}`;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `invalid value for parameter "DateStyle": "${value}"`,
    hint: 'Only ISO is supported.',
  });
}

/** An IANA name in its canonical spelling, or a fixed offset in hours. */
function timeZoneName(value: string): string {
  if (/^(utc|gmt|z|default|local)$/i.test(value)) return 'UTC';
  if (/^[+-]?\d{1,2}(:\d{2})?$/.test(value)) return value;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: value }).resolvedOptions().timeZone;
  } catch (error) {
    throw new SqlError({ code: SqlState.invalidParameterValue, message: `invalid value for parameter "TimeZone": "${value}"`, cause: error });
  }
}
