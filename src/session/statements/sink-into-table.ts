import { SqlError, SqlState } from '../../base/index.ts';
import { type Relation, relationKeys } from '../../catalog/index.ts';
import { bindInsert } from '../../plan/index.ts';
import {
  foldIdentifier,
  type InsertStatement,
  parseStatement,
  printStatement,
  type Query,
  quoteIdentifier,
  type WithOption,
} from '../../sql/index.ts';
import { formatType } from '../../types/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { isStored, refuseSinkRing, tableSinkOptions } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';
import { insertedRows } from './inserted-rows.ts';
import { type SinkDefinition, sinkDraftOf } from './sink-draft.ts';

/** A sink into a relation that is stored here. */
export interface TableSinkDefinition {
  readonly named: SinkDefinition['named'];
  /** Its rows as an INSERT would bring them; clauses besides are ignored. */
  readonly insert: Pick<InsertStatement, 'table' | 'columns' | 'span'> & { readonly query: Query };
  readonly target: Relation;
  /** Rows may replace and take away others by the table's key. */
  readonly byKey: boolean;
  readonly statement: string;
  readonly conflict?: SinkDefinition['conflict'];
}

/**
 * Checks it whole. Errors: those of INSERT and CREATE SINK; 42809 for what is not stored here, 42P17 when the query reads what the sink writes, 0A000 for a table
 * that is UNIQUE by more than its key or counts.
 */
export async function tableSinkDraft(definition: TableSinkDefinition, context: StatementContext): Promise<RelationDraft> {
  const { named, insert, target, byKey, statement, conflict } = definition;
  const position = insert.table.span.start;
  if (!isStored(target)) {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${target.name}" is not a stored table`,
      hint: target.options === null ? 'Create it with CREATE TABLE.' : 'INSERT INTO … SELECT starts a job that writes to its connector.',
      position,
    });
  }
  const clauses = { kind: 'insert', with: null, alias: null, overriding: null, onConflict: null, returning: [] } as const;
  // Says what does not fit as INSERT says it.
  bindInsert({ ...clauses, ...insert }, binderOf(context).context);
  refuseRules(target, insert, position);
  const query = ruledRows(insertedRows(insert, { relation: target, nameOf: (column) => column.name }, context), target);
  const options = tableSinkOptions;
  const draft = await sinkDraftOf(
    { named, options, query, target, key: byKey ? target.primaryKey : null, statement, position, ...(conflict !== undefined && { conflict }) },
    context,
  );
  const into = { ...draft, into: target.oid, dependsOn: [...draft.dependsOn, target.oid] };
  refuseSinkRing(into, context.definer.snapshot, position);
  return into;
}

/** `type` of CREATE SINK … INTO: whether it is to write by key. Errors: 22023, 42704 for other options. */
export function writesByKey(options: readonly WithOption[], target: Relation): boolean {
  const other = options.find(({ key }) => key.toLowerCase() !== 'type');
  if (other !== undefined) {
    throw new SqlError({
      code: SqlState.undefinedObject,
      message: `unknown option "${other.key}" for a sink into a table`,
      hint: 'There is one: type.',
      position: other.span.start,
    });
  }
  const type = options[0]?.value;
  if (type === undefined) return target.primaryKey !== null;
  const problem =
    type.text === 'append-only' || type.text === 'upsert'
      ? type.text === 'upsert' && target.primaryKey === null
        ? `"${target.name}" has no primary key by which rows could be replaced`
        : null
      : `invalid value for option "type": "${type.text}"`;
  if (problem === null) return type.text === 'upsert';
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: problem,
    hint: "The values are 'append-only' and, for a table with a primary key, 'upsert'.",
    position: type.span.start,
  });
}

function refuseRules(target: Relation, { columns }: TableSinkDefinition['insert'], position: number): void {
  const unique = relationKeys(target).find((key) => key.columns !== target.primaryKey);
  if (unique !== undefined) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: `a sink cannot write into "${target.name}", which is UNIQUE by more than its primary key`,
      detail: `A row of the query could break "${unique.name}" long after it has been asked for.`,
      hint: 'Write into a table without that rule, and look for repetitions in a view.',
      position,
    });
  }
  const named = columns.map(foldIdentifier);
  const counted = target.columns.find((column) => column.identity !== undefined && columns.length > 0 && !named.includes(column.name));
  if (counted === undefined) return;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `a sink has no numbers for column "${counted.name}", which counts`,
    hint: 'Give the column a value in the query.',
    position,
  });
}

/** All columns of the target, computed ones too, and only rows it may hold: the others are bad rows of the sink. */
function ruledRows(rows: Query, target: Relation): Query {
  const { columns, name } = target;
  const computed = columns.some((column) => column.source.kind === 'computed');
  const notNull = columns.flatMap((column) => {
    if (column.nullable) return [];
    const message = `null value in column "${column.name}" of relation "${name}" violates not-null constraint`;
    return [rule(`${quoteIdentifier(column.name)} IS NOT NULL`, SqlState.notNullViolation, message)];
  });
  const checks = (target.constraints ?? []).flatMap((constraint) => {
    if (constraint.kind !== 'check') return [];
    const message = `new row for relation "${name}" violates check constraint "${constraint.name}"`;
    return [rule(constraint.expression, SqlState.checkViolation, message)];
  });
  const rules = [...notNull, ...checks];
  if (!computed && rules.length === 0) return rows;
  const { emit } = rows;
  const all = columns.map(({ name: column, type, source }) => {
    const quoted = quoteIdentifier(column);
    return source.kind === 'computed' ? `CAST((${source.expression}) AS ${formatType(type)}) AS ${quoted}` : quoted;
  });
  const whole = `SELECT ${all.join(', ')} FROM (${printStatement({ ...rows, emit: null })}) AS "inserted"`;
  const text = rules.length === 0 ? whole : `SELECT * FROM (${whole}) AS "inserted" WHERE ${rules.join(' AND ')}`;
  return { ...(parseStatement(text) as Query), emit };
}

function rule(condition: string, code: string, message: string): string {
  return `refuse_unless((${condition}), '${code}', '${message.replaceAll("'", "''")}')`;
}
