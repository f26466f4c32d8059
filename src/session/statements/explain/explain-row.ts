import { SqlError, SqlState } from '../../../base/index.ts';
import { rowsOf } from '../../../batch/index.ts';
import type { Relation, RelationColumn } from '../../../catalog/index.ts';
import type { Json } from '../../../jobgraph/index.ts';
import {
  type BoundQuery,
  continuousLeaf,
  type LogicalPlan,
  leafPosition,
  ReferenceRun,
  type Row,
  type ScanPlan,
  scansOf,
  traceRows,
} from '../../../plan/index.ts';
import { type ExplainedRow, parseStatement, printExpression, type Query, quoteIdentifier, quoteRelation } from '../../../sql/index.ts';
import { formatDatum, rowKey } from '../../../types/index.ts';
import { requireRelation } from '../../ddl/object-name.ts';
import { readPlan, tableFunctionOf, valueAt } from '../../engine/index.ts';
import { binderOf } from '../../statement-binding.ts';
import type { StatementContext } from '../../statement-context.ts';
import { readOptions } from '../query.ts';
import { planOfView } from './event-time-sources.ts';
import type { Explanation } from './explanation.ts';

/** Rows asked about at once, and rows shown of each relation that made them. */
const ROWS_MAX = 100;

/**
 * Where rows of a view come from: the rows of the relations it reads that made them, and of the relations those read, down to streams and tables. All is
 * read at one epoch. Errors: 42P01, 42809 for what has no query, 54000 for more than ROWS_MAX rows.
 */
export async function explainRow(target: ExplainedRow, context: StatementContext): Promise<Explanation> {
  const relation = requireRelation(target.name, context);
  if (relation.query === null || relation.kind === 'sink') {
    throw new SqlError({
      code: SqlState.wrongObjectType,
      message: `"${relation.name}" is not made by a query whose rows could be read`,
      hint: 'Ask about rows of a view or materialized view.',
      position: target.name.span.start,
    });
  }
  const rows = await wantedRows(target, relation, context);
  if (rows.length > ROWS_MAX) {
    throw new SqlError({
      code: SqlState.programLimitExceeded,
      message: `the origin of more than ${ROWS_MAX} rows cannot be explained at once`,
      hint: 'Ask about fewer rows, such as those of one key.',
      position: target.span.start,
    });
  }
  const origins = rows.length === 0 ? [] : await originsOf({ relation, rows }, 1, context);
  const first: Origin = { depth: 0, relation, rows };
  return { lines: [first, ...origins].flatMap(originLines), json: [first, ...origins].map(originJson) };
}

interface Origin {
  /** How many views are in between. */
  readonly depth: number;
  readonly relation: Relation;
  readonly rows: readonly Row[];
}

async function wantedRows(target: ExplainedRow, relation: Relation, context: StatementContext): Promise<readonly Row[]> {
  const condition = target.where === null ? keyCondition(target, relation) : printExpression(target.where);
  const query = parseStatement(`SELECT * FROM ${quoteRelation(relation)} WHERE ${condition} LIMIT ${ROWS_MAX + 1}`) as Query;
  return readRows(binderOf(context).optimizedQuery(query), context);
}

/** `key = value` for each column of the shortest key there is. Errors: 42809 without a key, 42601 for another number of values. */
function keyCondition({ key, span }: ExplainedRow, relation: Relation): string {
  const unique = relation.primaryKey ?? [...relation.uniqueKeys].sort((left, right) => left.length - right.length)[0];
  const position = span.start;
  if (unique === undefined) {
    const hint = `Name the rows by a condition: EXPLAIN ROW (${relation.name} WHERE …).`;
    throw new SqlError({ code: SqlState.wrongObjectType, message: `"${relation.name}" has no key`, hint, position });
  }
  const names = unique.map((column) => relation.columns[column]!.name);
  if (names.length !== key.length) {
    throw new SqlError({ code: SqlState.syntaxError, message: `the key of "${relation.name}" is (${names.join(', ')})`, position });
  }
  return names.length === 0
    ? 'true'
    : names.map((name, index) => `${quoteIdentifier(name)} IS NOT DISTINCT FROM (${printExpression(key[index]!)})`).join(' AND ');
}

async function originsOf(made: Pick<Origin, 'relation' | 'rows'>, depth: number, context: StatementContext): Promise<Origin[]> {
  const plan = planOfView(made.relation, context);
  const read = new Map<ScanPlan, ReadScan>();
  for (const scan of scansOf(plan)) read.set(scan, await readScan(scan, context));
  const lineage = traceRows(plan, made.rows, referenceRun(read, context));
  const byRelation = new Map<number, { readonly relation: Relation; readonly rows: Map<string, Row> }>();
  for (const [scan, rows] of lineage) {
    const { relation } = scan;
    const known = byRelation.get(relation.oid) ?? { relation, rows: new Map<string, Row>() };
    byRelation.set(relation.oid, known);
    const types = relation.columns.map((column) => column.type);
    // Rows the query cannot tell apart by what it reads have all made it.
    for (const row of rows) for (const whole of read.get(scan)!.wholeOf(row)) known.rows.set(rowKey(types, whole), whole);
  }
  const origins: Origin[] = [];
  for (const { relation, rows } of byRelation.values()) {
    const origin = { depth, relation, rows: [...rows.values()] };
    origins.push(origin);
    if (relation.kind === 'materialized view') origins.push(...(await originsOf(origin, depth + 1, context)));
  }
  return origins;
}

interface ReadScan {
  /** As the plan reads them. */
  readonly rows: readonly Row[];
  /** The rows of the relation, all columns, that the plan reads as this one. */
  wholeOf(row: Row): readonly Row[];
}

async function readScan(scan: ScanPlan, context: StatementContext): Promise<ReadScan> {
  const whole = await readRows(
    { plan: continuousLeaf(scan), emit: null, asOfEpoch: null, parameterTypes: [], volatileFunctions: [], reads: [] },
    context,
  );
  const types = scan.fields.map((field) => field.type);
  const byKey = new Map<string, Row[]>();
  const rows = whole.map((row) => scan.paths.map(([first, ...rest]) => valueAt(row, [leafPosition(scan, first!), ...rest])));
  rows.forEach((row, index) => {
    const key = rowKey(types, row);
    const same = byKey.get(key);
    if (same === undefined) byKey.set(key, [whole[index]!]);
    else same.push(whole[index]!);
  });
  return { rows, wholeOf: (row) => byKey.get(rowKey(types, row)) ?? [] };
}

async function readRows(query: BoundQuery, context: StatementContext): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of readPlan(query, readOptions(context))) {
    const { weights } = batch;
    rowsOf(batch).forEach((row, index) => {
      for (let copy = weights === null ? 1 : weights[index]!; copy > 0; copy--) rows.push(row);
    });
  }
  return rows;
}

function referenceRun(read: ReadonlyMap<LogicalPlan, ReadScan>, context: StatementContext): ReferenceRun {
  const { registries } = context.engine;
  return new ReferenceRun({
    functions: registries.lookup,
    aggregates: registries.aggregates,
    evaluation: binderOf(context).context.evaluation,
    tableFunction: (name, types) => tableFunctionOf(registries, name, types),
    rowsOf: (scan) => read.get(scan)?.rows ?? [],
  });
}

function originLines({ depth, relation, rows }: Origin): string[] {
  const indent = '  '.repeat(depth);
  const sorted = rows.map((row) => rowText(row, relation.columns)).sort();
  const cut = sorted.length > ROWS_MAX ? [`${indent}  … and ${sorted.length - ROWS_MAX} more`] : [];
  return [
    `${indent}${relation.name} (${relation.kind}): ${rows.length} row${rows.length === 1 ? '' : 's'}`,
    ...sorted.slice(0, ROWS_MAX).map((text) => `${indent}  ${text}`),
    ...cut,
  ];
}

function rowText(row: Row, columns: readonly RelationColumn[]): string {
  return columns.map(({ name, type }, index) => `${name} ${row[index] === null ? 'NULL' : formatDatum(type, row[index]!)}`).join(' · ');
}

function originJson({ depth, relation, rows }: Origin): Json {
  return {
    Relation: relation.name,
    Depth: depth,
    'Row Count': rows.length,
    Rows: rows.slice(0, ROWS_MAX).map((row) => {
      return Object.fromEntries(relation.columns.map(({ name, type }, index) => [name, row[index] === null ? null : formatDatum(type, row[index]!)]));
    }),
  };
}
