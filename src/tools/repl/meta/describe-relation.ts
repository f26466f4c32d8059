import { parseStatement, printExpression, type QualifiedName, quoteIfNeeded } from '../../../sql/index.ts';
import { quoteLiteral } from '../input/index.ts';
import type { TextRow } from '../render/index.ts';
import { type CommandCall, CommandError, type CommandOutcome, type MetaContext } from './meta-command.ts';
import { namePattern, patternConditions } from './name-pattern.ts';

/** A relation that the pattern of `\d` found. */
interface FoundRelation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly connector: string | null;
  readonly statement: string | null;
}

/** `\d NAME`: columns, keys, watermark; with `+` the statement that made it. */
export async function describeRelations(context: MetaContext, call: CommandCall): Promise<CommandOutcome> {
  const word = call.words[0]!;
  const pattern = namePattern(word);
  const visible = pattern.schema === null ? 'pg_catalog.pg_table_is_visible(c.oid)' : null;
  const { rows } = await context.query(`SELECT c.oid, n.nspname, c.relname,
  COALESCE(f.kind, CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'i' THEN 'index' ELSE 'table' END),
  f.connector, f.statement
FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN fsql_catalog.relations f ON f.oid = c.oid
WHERE true${patternConditions(pattern, { name: 'c.relname', schema: 'n.nspname', visible })}
ORDER BY 2, 3`);
  if (rows.length === 0) throw new CommandError(`Did not find any relation named "${word}".`);
  for (const row of rows) await describe(context, foundRelation(row), call.name.includes('+'));
  return 'ok';
}

function foundRelation([oid, schema, name, kind, connector, statement]: TextRow): FoundRelation {
  return { oid: oid!, schema: schema!, name: name!, kind: kind!, connector: connector ?? null, statement: statement ?? null };
}

async function describe(context: MetaContext, relation: FoundRelation, verbose: boolean): Promise<void> {
  const { rows } = await context.query(`SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
  (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid, true) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef),
  a.attgenerated
FROM pg_catalog.pg_attribute a
WHERE a.attrelid = '${relation.oid}' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`);
  const kind = relation.kind.charAt(0).toUpperCase() + relation.kind.slice(1);
  await context.printTable({
    title: `${kind} "${relation.schema}.${relation.name}"`,
    columns: ['Column', 'Type', 'Collation', 'Nullable', 'Default'].map((name) => ({ name, right: false })),
    rows: rows.map(([name, type, notNull, expression, generated]) => [
      name!,
      type!,
      '',
      notNull === 't' ? 'not null' : '',
      generated === 's' ? `generated always as (${expression}) stored` : (expression ?? ''),
    ]),
    footers: [...(await keyLines(context, relation)), ...declaredLines(relation), ...(verbose ? statementLines(relation) : [])],
  });
}

async function keyLines(context: MetaContext, relation: FoundRelation): Promise<string[]> {
  const { rows } = await context.query(`SELECT c2.relname, i.indisprimary, i.indisunique, pg_catalog.pg_get_indexdef(i.indexrelid, 0, true)
FROM pg_catalog.pg_class c, pg_catalog.pg_class c2, pg_catalog.pg_index i
WHERE c.oid = ${quoteLiteral(relation.oid)} AND c.oid = i.indrelid AND i.indexrelid = c2.oid
ORDER BY i.indisprimary DESC, c2.relname`);
  if (rows.length === 0) return [];
  const lines = rows.map(([name, primary, unique, definition]) => {
    const kind = primary === 't' ? ' PRIMARY KEY,' : unique === 't' ? ' UNIQUE,' : '';
    return `    "${name}"${kind} ${(definition ?? '').replace(/^.* USING /, '')}`;
  });
  return ['Indexes:', ...lines];
}

/** What is declared and has no place in PostgreSQL's catalog. */
function declaredLines(relation: FoundRelation): string[] {
  const lines: string[] = [];
  const watermark = watermarkOf(relation.statement);
  if (watermark !== null) lines.push(`Watermark: ${watermark}`);
  if (relation.connector !== null) lines.push(`Connector: ${relation.connector}`);
  return lines;
}

function watermarkOf(text: string | null): string | null {
  if (text === null) return null;
  const statement = parseStatement(text);
  if (statement.kind !== 'create-stream' && statement.kind !== 'create-table' && statement.kind !== 'create-source') return null;
  const watermark = statement.elements.find((element) => element.kind === 'watermark');
  if (watermark === undefined) return null;
  return `${printName(watermark.column)} AS ${printExpression(watermark.expression)}`;
}

function printName(name: QualifiedName): string {
  return name.parts.map(quoteIfNeeded).join('.');
}

function statementLines(relation: FoundRelation): string[] {
  return relation.statement === null ? [] : ['Definition:', ...relation.statement.split('\n')];
}
