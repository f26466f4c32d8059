import { describeRelations } from './describe-relation.ts';
import type { CommandCall, CommandOutcome, MetaCommand, MetaContext } from './meta-command.ts';
import { namePattern, patternConditions } from './name-pattern.ts';

/** Kinds of relations by the letter behind `\d`; `s` are streams, as there are no sequences. */
const kindsOfLetter: Readonly<Record<string, string>> = {
  t: "c.relkind IN ('r', 'p') AND COALESCE(f.kind, 'table') <> 'stream'",
  v: "c.relkind = 'v'",
  m: "c.relkind = 'm'",
  s: "f.kind = 'stream'",
  i: "c.relkind = 'i'",
};

/** `\d`, `\d name` and `\dt`, `\dv`, `\dm`, `\ds`, `\di` in any combination, with `S` for those of the system and `+` for more. */
export const relationCommands: readonly MetaCommand[] = [
  {
    names: ['d', 'd+', 'dS', 'dS+'],
    usage: '\\d[S+] [NAME]',
    description: 'list relations, or describe one',
    run: (context, call) => (call.words[0] === undefined ? listRelations(context, call, 'tvms') : describeRelations(context, call)),
  },
  {
    names: relationLetterNames(),
    usage: '\\d{tvmsi}[S+] [PATTERN]',
    description: 'list tables, views, materialized views, streams, indexes',
    run: (context, call) => listRelations(context, call, call.name.replaceAll(/[dS+]/g, '')),
  },
];

function relationLetterNames(): string[] {
  const letters = ['t', 'v', 'm', 's', 'i', 'tv', 'tm', 'vm', 'tvm', 'tvs', 'tvms'];
  return letters.flatMap((letter) => ['', '+', 'S', 'S+'].map((suffix) => `d${letter}${suffix}`));
}

async function listRelations(context: MetaContext, call: CommandCall, letters: string): Promise<CommandOutcome> {
  const pattern = namePattern(call.words[0]);
  const system = call.name.includes('S') || pattern.name !== null || pattern.schema !== null;
  const conditions = [...letters].map((letter) => kindsOfLetter[letter]).filter((condition) => condition !== undefined);
  const more = call.name.includes('+')
    ? `,\n  array_to_string(f.primary_key::text[], ', ') AS "Key", f.connector AS "Connector", pg_catalog.obj_description(c.oid, 'pg_class') AS "Description"`
    : '';
  const hidden = system ? '' : "\n  AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'fsql_catalog')";
  const visible = system && pattern.schema !== null ? null : 'pg_catalog.pg_table_is_visible(c.oid)';
  const result = await context.query(`SELECT n.nspname AS "Schema", c.relname AS "Name",
  COALESCE(f.kind, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' END) AS "Type",
  pg_catalog.pg_get_userbyid(c.relowner) AS "Owner"${more}
FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN fsql_catalog.relations f ON f.oid = c.oid
WHERE (${conditions.join(' OR ')})${hidden}${patternConditions(pattern, { name: 'c.relname', schema: 'n.nspname', visible })}
ORDER BY 1, 2`);
  if (result.rows.length === 0) {
    const word = call.words[0];
    await context.printError(word === undefined ? 'Did not find any relations.\n' : `Did not find any relation named "${word}".\n`);
    return 'ok';
  }
  await context.printTable({ ...result, title: 'List of relations' });
  return 'ok';
}
