import { SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';
import { lookupOptions } from '../lookup-options.ts';
import { SINK_ID } from '../sink-id.ts';

export const postgresOptions: readonly OptionDefinition[] = [
  {
    name: 'url',
    alterable: true,
    aliases: ['jdbc.url'],
    type: 'text',
    description:
      "Where the server is: 'postgres://host:5432/database' or 'jdbc:postgresql://host:5432/database'. In its place hostname, port and database-name.",
  },
  { name: 'hostname', alterable: true, aliases: ['host'], type: 'text', description: 'Name or address of the server.' },
  { name: 'port', alterable: true, type: 'integer', default: '5432', description: 'Port of the server.' },
  {
    name: 'database-name',
    aliases: ['database', 'database.name'],
    type: 'text',
    description: 'Database of the table; the name of the user without it.',
  },
  { name: 'schema-name', aliases: ['schema', 'schema.name'], type: 'text', default: 'public', description: 'Schema of the table.' },
  {
    name: 'table-name',
    aliases: ['table', 'table.name'],
    type: 'text',
    required: true,
    description: 'Table to write or to look up. It has to be there.',
  },
  { name: 'username', alterable: true, aliases: ['user'], type: 'text', description: 'User to log in as.' },
  { name: 'password', alterable: true, type: 'text', description: "The user's password; SECRET name keeps it out of the statement." },
  {
    name: 'ssl.mode',
    alterable: true,
    aliases: ['ssl_mode', 'sslmode'],
    type: 'choice',
    choices: ['disable', 'require', 'verify-full'],
    default: 'disable',
    description: 'Whether the connection is encrypted, and the certificate of the server checked.',
  },
  {
    name: 'type',
    type: 'choice',
    choices: ['append-only', 'upsert'],
    description: "RisingWave's: 'upsert' needs a primary_key, 'append-only' takes none.",
  },
  { name: 'primary_key', type: 'text', description: 'Columns of the key, separated by commas: the table needs a unique index of them.' },
  ...lookupOptions,
  { name: SINK_ID, type: 'text', description: 'Names the sink in fsql_sink_epochs; made at CREATE.' },
];

/** What a connection is made of. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslMode: 'disable' | 'require' | 'verify-full';
}

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** The server named by `url` or by options of its own, which win. Errors: 22023. */
export function serverOf(options: ReadonlyMap<string, string>): Server {
  const url = urlOf(options.get('url'));
  const host = options.get('hostname') ?? url?.hostname;
  const user = options.get('username') ?? part(url?.username) ?? url?.searchParams.get('user') ?? undefined;
  if (host === undefined || host === '') throw missing('url', "Where is the server? Give url = 'postgres://host:5432/database', or hostname.");
  if (user === undefined) throw missing('username', 'Give username, or the user in the url.');
  return {
    host,
    port: Number(options.get('port') ?? part(url?.port) ?? 5432),
    database: options.get('database-name') ?? part(url?.pathname.slice(1)),
    user,
    password: options.get('password') ?? part(url?.password) ?? url?.searchParams.get('password') ?? undefined,
    sslMode: (options.get('ssl.mode') ?? url?.searchParams.get('sslmode') ?? 'disable') as Server['sslMode'],
  };
}

/** The target; a dot in `table-name` is behind the schema. */
export function tableNameOf(options: ReadonlyMap<string, string>): TableName {
  const parts = options.get('table-name')!.split('.');
  const schema = options.get('schema-name') ?? (parts.length === 2 ? parts[0]! : 'public');
  return { schema, table: parts.length === 2 && parts[0] === schema ? parts[1]! : options.get('table-name')! };
}

function urlOf(text: string | undefined): URL | null {
  if (text === undefined) return null;
  const url = text.replace(/^jdbc:/, '');
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return new URL(url);
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: 'option "url" is no address of a PostgreSQL server',
    hint: "Write 'postgres://host:5432/database' or 'jdbc:postgresql://host:5432/database'.",
  });
}

function part(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : decodeURIComponent(text);
}

function missing(option: string, hint: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message: `option "${option}" is missing`, hint });
}
