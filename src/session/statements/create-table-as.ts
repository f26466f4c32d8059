import { SqlError, SqlState } from '../../base/index.ts';
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
import type { CommandResult } from '../contract.ts';
import { plainColumn } from '../ddl/expand-like.ts';
import { newObjectName } from '../ddl/object-name.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { executeStatement } from './dispatch.ts';

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
  const inherited = [...source.options!].filter(([key]) => key.startsWith('properties.') && !given.has(key.toLowerCase()));
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
  const named = newObjectName(statement.name, context);
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
