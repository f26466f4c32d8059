import { SqlError, SqlState } from '../../base/index.ts';
import { rowsOf } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { type AssertContents, printStatement, quoteRelation } from '../../sql/index.ts';
import { canonicalKeyText, type Datum, formatDatum, formatType, type SqlType, textType } from '../../types/index.ts';
import type { CommandResult } from '../contract.ts';
import { requireRelation } from '../ddl/object-name.ts';
import type { SeenContent } from '../looks.ts';
import type { StatementContext } from '../statement-context.ts';
import { converted, differing, fieldTypes, passed, resultOfQuery, rowsOfQuery } from './asserted-rows.ts';
import { fromStart, topicChunks, topicSplits, topicText } from './topic-records.ts';

type Row = readonly (Datum | null)[];

/** A look keeps the rows it has seen, in the session. */
const LOOKED_ROWS_MAX = 100_000;
/** Each becomes a row of a query. */
const COMPARED_ROWS_MAX = 10_000;

/**
 * ASSERT CHANGES view = (VALUES ('+I', …), …): the net changes since the session's last look at it that held, `-D` and `+I`; all of its rows at the first one.
 * Errors: P0004, 54000 for a relation of too many rows.
 */
export async function assertChanges(statement: AssertContents, context: StatementContext): Promise<CommandResult> {
  const relation = lookedAt(statement, context);
  const { fields, batches } = await resultOfQuery(`SELECT * FROM ${quoteRelation(relation)}`, context);
  const types = fields.map(({ type }) => type);
  const rows: Row[] = [];
  for await (const batch of batches) {
    rowsOf(batch).forEach((row, index) => rows.push(...new Array<Row>(batch.weights === null ? 1 : batch.weights[index]!).fill(row)));
    if (rows.length > LOOKED_ROWS_MAX) throw tooMany(`"${relation.name}" has more than ${LOOKED_ROWS_MAX} rows`, statement.span.start);
  }
  const seen: SeenContent = { types: types.map(formatType).join(), rows };
  const { contents } = context.session.looks;
  const before = contents.get(relation.oid);
  const changes = netChanges(before?.types === seen.types ? before.rows : [], rows, types);
  // Rows have no name of a type to be cast to: their texts are compared.
  const shown = types.map((type) => (hasName(type) ? type : textType));
  const wanted = converted(statement.expected, [textType, ...types], context);
  const columns = types.map((type, index) => (hasName(type) ? `c${index + 1}` : `CAST(c${index + 1} AS TEXT)`));
  const signed = `(SELECT CASE c0 WHEN '+U' THEN '+I' WHEN '-U' THEN '-D' ELSE c0 END, ${columns.join(', ')} FROM ${wanted} AS signed)`;
  const outcome = await compared('ASSERT CHANGES', signed, {
    actual: valuesOf(changes, { types: [textType, ...types], shown: [textType, ...shown], statement }),
    statement,
    context,
  });
  contents.set(relation.oid, seen);
  return outcome;
}

/**
 * ASSERT OUTPUT sink = (VALUES ('value'), …) or (VALUES ('key', 'value'), …): the records of its topic, as texts, since the session's last look that held, or since
 * its beginning. Errors: P0004, 42809 for a sink over no topic, 54000 for too many records.
 */
export async function assertOutput(statement: AssertContents, context: StatementContext): Promise<CommandResult> {
  const relation = lookedAt(statement, context);
  const options = new Map([...fromStart(topicOptions(relation, statement, context), 'earliest-offset'), ['scan.bounded.mode', 'latest-offset']]);
  const splits = await topicSplits(options, context);
  const { positions } = context.session.looks;
  const from = positions.get(relation.oid);
  const unread = splits
    .map((split) => ({ ...split, start: Math.max(from?.get(split.id) ?? 0, split.start) }))
    .filter(({ start, end }) => start < (end ?? 0));
  const records: Row[] = [];
  for await (const chunk of topicChunks(options, context, unread)) {
    for (let row = 0; row < chunk.rowCount; row++) records.push([topicText(chunk.keys, row), topicText(chunk.messages, row)]);
    if (records.length > COMPARED_ROWS_MAX) throw tooMany(`more than ${COMPARED_ROWS_MAX} records have left`, statement.span.start);
  }
  const types = [textType, textType];
  const keyed = fieldTypes(printStatement(statement.expected), context).length === 2;
  const wanted = keyed
    ? converted(statement.expected, types, context)
    : `(SELECT CAST(NULL AS TEXT), c0 FROM ${converted(statement.expected, [textType], context)} AS unkeyed)`;
  const outcome = await compared('ASSERT OUTPUT', wanted, { actual: valuesOf(records, { types, shown: types, statement }), statement, context });
  positions.set(relation.oid, new Map(splits.map(({ id, end }) => [id, end ?? 0])));
  return outcome;
}

/** Errors: 42809 for a query or a function, which have no name to look at again. */
function lookedAt({ what, relation, span }: AssertContents, context: StatementContext): Relation {
  if (relation.kind === 'qualified-name') return requireRelation(relation, context);
  const named = what === 'changes' ? 'a view, a table or a stream' : 'a sink';
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `ASSERT ${what.toUpperCase()} is about ${named}, by its name`,
    hint: what === 'changes' ? 'Make a view of the query. ASSERT ROWS takes a query.' : undefined,
    position: relation.span.start === 0 ? span.start : relation.span.start,
  });
}

/** Of a sink over a topic, or over something that a topic stands for in a test. */
function topicOptions(relation: Relation, { relation: named }: AssertContents, { engine }: StatementContext): ReadonlyMap<string, string> {
  const { options } = relation;
  const isTopic = options !== null && (options.has('topic') || engine.parts.bindConnector(options).get('connector') !== options.get('connector'));
  if (isTopic) return options;
  throw new SqlError({
    code: SqlState.wrongObjectType,
    message: `"${relation.name}" is no relation over a topic`,
    hint: 'ASSERT ROWS compares the rows of a relation.',
    position: named.span.start,
  });
}

function hasName(type: SqlType): boolean {
  if (type.kind === 'array') return hasName(type.element);
  if (type.kind === 'map') return hasName(type.key) && hasName(type.value);
  return type.kind !== 'row';
}

/** What went, then what came: rows as often as the difference. */
function netChanges(before: readonly Row[], now: readonly Row[], types: readonly SqlType[]): Row[] {
  const counts = new Map<string, { readonly row: Row; count: number }>();
  const count = (row: Row, by: number): void => {
    const key = canonicalKeyText(types, row);
    const counted = counts.get(key) ?? { row, count: 0 };
    counted.count += by;
    counts.set(key, counted);
  };
  for (const row of before) count(row, -1);
  for (const row of now) count(row, 1);
  return [...counts.values()].flatMap(({ row, count: net }) => new Array<Row>(Math.abs(net)).fill([net < 0 ? '-D' : '+I', ...row]));
}

/** Rows of these types as a query whose columns are of the types shown. Errors: 54000 for too many. */
function valuesOf(
  rows: readonly Row[],
  { types, shown, statement }: { readonly types: readonly SqlType[]; readonly shown: readonly SqlType[]; readonly statement: AssertContents },
): string {
  if (rows.length > COMPARED_ROWS_MAX) throw tooMany(`more than ${COMPARED_ROWS_MAX} rows came and went`, statement.span.start);
  const names = types.map((_, index) => `c${index}`);
  const cell = (value: Datum | null, index: number): string =>
    value === null ? 'NULL' : `'${formatDatum(types[index]!, value).replaceAll("'", "''")}'`;
  const lines = rows.map((row) => `(${row.map(cell).join(', ')})`);
  const values = lines.length === 0 ? `(${names.map(() => 'NULL').join(', ')})` : lines.join(', ');
  const casts = shown.map((type, index) => `CAST(c${index} AS ${formatType(type)})`);
  return `SELECT ${casts.join(', ')} FROM (VALUES ${values}) AS came (${names.join(', ')})${lines.length === 0 ? ' WHERE false' : ''}`;
}

async function compared(
  tag: string,
  wanted: string,
  { actual, statement, context }: { readonly actual: string; readonly statement: AssertContents; readonly context: StatementContext },
): Promise<CommandResult> {
  const message = tag === 'ASSERT OUTPUT' ? 'the records are not those expected' : 'the changes are not those expected';
  return passed(tag, await rowsOfQuery(differing(wanted, actual), context), { message, position: statement.span.start });
}

function tooMany(message: string, position: number): SqlError {
  return new SqlError({
    code: SqlState.programLimitExceeded,
    message,
    hint: 'SUBSCRIBE shows changes as they come, PRINT the records of a topic.',
    position,
  });
}
