import type { CommandCall, CommandOutcome, MetaCommand, MetaContext } from './meta-command.ts';
import { namePattern, patternConditions } from './name-pattern.ts';

/** A listing that is one query over the catalog. */
interface Listing {
  readonly title: string;
  readonly sql: (call: CommandCall) => string;
}

const schemas: Listing = {
  title: 'List of schemas',
  sql: (call) => `SELECT n.nspname AS "Name", pg_catalog.pg_get_userbyid(n.nspowner) AS "Owner"
FROM pg_catalog.pg_namespace n
WHERE ${call.name.includes('S') || call.words.length > 0 ? 'true' : "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"}${patternConditions(
    namePattern(call.words[0]),
    { name: 'n.nspname', schema: null, visible: null },
  )}
ORDER BY 1`,
};

const functions: Listing = {
  title: 'List of functions',
  sql: (call) => `SELECT n.nspname AS "Schema", p.proname AS "Name", pg_catalog.pg_get_function_result(p.oid) AS "Result data type",
  pg_catalog.pg_get_function_arguments(p.oid) AS "Argument data types",
  CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END AS "Type"${
    call.name.includes('+') ? `, pg_catalog.obj_description(p.oid, 'pg_proc') AS "Description"` : ''
  }
FROM pg_catalog.pg_proc p LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE ${call.name.includes('S') || call.words.length > 0 ? 'true' : "n.nspname NOT IN ('pg_catalog', 'information_schema')"}${patternConditions(
    namePattern(call.words[0]),
    { name: 'p.proname', schema: 'n.nspname', visible: 'pg_catalog.pg_function_is_visible(p.oid)' },
  )}
ORDER BY 1, 2, 4`,
};

const roles: Listing = {
  title: 'List of roles',
  sql: (call) => `SELECT r.rolname AS "Role name",
  CASE WHEN r.rolsuper THEN 'Superuser' WHEN r.rolcanlogin THEN '' ELSE 'Cannot login' END AS "Attributes"
FROM pg_catalog.pg_roles r
WHERE r.rolname !~ '^pg_'${patternConditions(namePattern(call.words[0]), { name: 'r.rolname', schema: null, visible: null })}
ORDER BY 1`,
};

const databases: Listing = {
  title: 'List of databases',
  sql: (call) => `SELECT d.datname AS "Name", pg_catalog.pg_get_userbyid(d.datdba) AS "Owner",
  pg_catalog.pg_encoding_to_char(d.encoding) AS "Encoding", d.datcollate AS "Collate"
FROM pg_catalog.pg_database d
WHERE true${patternConditions(namePattern(call.words[0]), { name: 'd.datname', schema: null, visible: null })}
ORDER BY 1`,
};

/** `\dn`, `\df`, `\du`, `\l`. */
export const listingCommands: readonly MetaCommand[] = [
  { names: ['dn', 'dnS'], usage: '\\dn[S] [PATTERN]', description: 'list schemas', run: listing(schemas) },
  { names: ['df', 'df+', 'dfS', 'dfS+'], usage: '\\df[S+] [PATTERN]', description: 'list functions', run: listing(functions) },
  { names: ['du', 'dg'], usage: '\\du [PATTERN]', description: 'list roles', run: listing(roles) },
  { names: ['l', 'l+'], usage: '\\l [PATTERN]', description: 'list databases', run: listing(databases) },
];

function listing({ title, sql }: Listing) {
  return async (context: MetaContext, call: CommandCall): Promise<CommandOutcome> => {
    const result = await context.query(sql(call));
    await context.printTable({ ...result, title });
    return 'ok';
  };
}
