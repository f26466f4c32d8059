import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { bindInsert, type LogicalPlan, scansOf } from '../../plan/index.ts';
import {
  type ColumnDefinition,
  type CreateStream,
  type CreateTable,
  type InsertStatement,
  parseStatement,
  printStatement,
  quoteRelation,
  type WithOption,
} from '../../sql/index.ts';
import { CONNECTION } from '../connections.ts';
import type { CommandResult } from '../contract.ts';
import { createRelationDraft } from '../ddl/create-relation.ts';
import { plainColumn } from '../ddl/expand-like.ts';
import { placeOfNew } from '../ddl/object-name.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { searchPath } from '../search-path.ts';
import { binderOf } from '../statement-binding.ts';
import { cancellable, type StatementContext } from '../statement-context.ts';
import { executeStatement } from './dispatch.ts';
import { lockTable } from './modify.ts';
import { readRows } from './read-rows.ts';
import { refuseInBlock } from './refuse-in-block.ts';
import { replaceWithRows } from './replace-with-rows.ts';

/** The table or stream of CREATE … AS query, without the query: its columns are the query's, under the names of the column list where there is one. */
export function relationOfQuery<Created extends CreateTable | CreateStream>(statement: Created, context: StatementContext): Created {
  const { fields } = binderOf(context).query(statement.query!).plan;
  const definitions = statement.elements.filter((element) => element.kind === 'column-definition');
  const isOwnColumn = (one: ColumnDefinition): boolean => one.computed === null && one.metadata === null;
  const names = definitions.filter((one) => isOwnColumn(one) && one.type === null);
  if (names.length > fields.length)
    throw new SqlError({ code: SqlState.syntaxError, message: 'too many column names were specified', position: names[fields.length]!.span.start });
  const columns = fields.map((field, index): ColumnDefinition => {
    const column = plainColumn({ externalName: field.name, type: field.type, nullable: true });
    const written = names[index];
    return written === undefined ? column : { ...column, name: written.name, constraints: written.constraints };
  });
  const others = statement.elements.filter((element) => !names.some((one) => one === element));
  const typed = definitions.find((one) => isOwnColumn(one) && one.type !== null);
  if (typed !== undefined) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'a column of CREATE TABLE … AS has the type the query gives it',
      hint: 'CAST it in the query.',
      position: typed.span.start,
    });
  }
  return { ...statement, elements: [...columns, ...others], query: null };
}

/** ksqlDB's CREATE STREAM … AS names its topic at most: the broker and the format are those of what it reads. */
export function withInheritedOptions(statement: CreateStream, context: StatementContext): CreateStream {
  const { definer } = context;
  const reads = binderOf(context).query(statement.query!).reads;
  const source = [...definer.snapshot.relations()].find((relation) => reads.includes(relation.oid) && relation.options?.get('connector') === 'kafka');
  if (source === undefined) return statement;
  const given = new Set(statement.options.map((option) => option.key.toLowerCase()));
  const inherited = [...source.options!].filter(([key]) => (key.startsWith('properties.') || key === CONNECTION) && !given.has(key.toLowerCase()));
  const format = ['format', 'value_format', 'value.format'].some((key) => given.has(key))
    ? []
    : [['format', source.options!.get('format') ?? 'json'] as const];
  const { span } = statement.name;
  const added = [...inherited, ...format].map(
    ([key, text]): WithOption => ({ kind: 'with-option', key, keySpan: span, value: { kind: 'option-value', form: 'string', text, span }, span }),
  );
  return { ...statement, options: [...statement.options, ...added] };
}

/** The INSERT of CREATE TABLE … AS: once into a stored table, as a job into one over a connector. The table goes again if it is refused, as it does with a failed block. */
export async function fillFromQuery(statement: CreateTable | CreateStream, context: StatementContext): Promise<CommandResult> {
  const named = await placeOfNew(statement, context);
  const insert = parseStatement(`INSERT INTO ${quoteRelation(named)} ${printStatement(statement.query!)}`) as InsertStatement;
  try {
    const result = await executeStatement({ ...context, parsed: { ...context.parsed, statement: insert } });
    const rows = result.kind === 'command' ? result.tag.split(' ').at(-1) : '0';
    return { kind: 'command', tag: `SELECT ${rows}` };
  } catch (error) {
    if (context.session.transaction?.explicit) throw error;
    await context.definer.drop({ relations: [context.definer.snapshot.relation(named.schema, named.name)!], functions: [] });
    throw error;
  }
}

/**
 * Flink's CREATE OR REPLACE TABLE … AS of a stored table: the query, which may read the old table, gives the rows that the new one begins with, and one commit
 * puts it in the old one's place. Nobody writes to the old one meanwhile. Errors: 0A000 over a connector, 25001 in a block that would lose rows, those of `replaceWithRows`.
 */
export async function replaceTableByQuery(statement: CreateTable, old: Relation, context: StatementContext): Promise<CommandResult> {
  const { engine, signal } = context;
  if (old.options !== null || statement.options.length > 0) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'CREATE OR REPLACE TABLE AS is not supported over a connector',
      hint: 'What has been written cannot be taken back: DROP TABLE, then CREATE TABLE … AS, or CREATE OR REPLACE MATERIALIZED VIEW.',
      position: statement.name.span.start,
    });
  }
  const definition = { ...relationOfQuery(statement, context), orReplace: false };
  const draft = await cancellable(
    createRelationDraft(
      definition,
      { schema: old.schema, name: old.name },
      { engine, binder: binderOf(context), snapshot: context.definer.snapshot },
    ),
    signal,
  );
  const inserted = insertedInto(draft, statement, context);
  // The block's epoch may be older than the last write, which would be lost.
  if (scansOf(inserted).some(({ relation }) => relation.oid === old.oid)) refuseInBlock(context, 'CREATE OR REPLACE TABLE AS that reads the table');
  await lockTable(old, context, { shared: false });
  const rows = await readRows(inserted, context);
  await cancellable(replaceWithRows(old, { ...draft, comment: draft.comment ?? old.comment }, rows, context), signal);
  return { kind: 'command', tag: `SELECT ${rows.length}` };
}

/** What an INSERT of the query would write into the table, which nobody knows yet; the old one keeps its name meanwhile. */
function insertedInto(draft: RelationDraft, { query }: CreateTable, context: StatementContext): LogicalPlan {
  const { engine, session } = context;
  const bindContext = binderOf(context).context;
  const oid = engine.catalog.allocateOid();
  const relation: Relation = { ...draft, oid, name: `${draft.name}_${oid}` };
  const catalog = engine.catalog.preview([{ kind: 'put-relation', relation }], session.transaction!.catalog).reader(searchPath(session));
  const insert = parseStatement(`INSERT INTO ${quoteRelation(relation)} ${printStatement(query!)}`) as InsertStatement;
  return bindInsert(insert, { ...bindContext, catalog }).plan;
}
