import { SqlError, SqlState } from '../../base/index.ts';
import type { Recognition, RowOrderColumn, ShownRows } from '../../pattern/index.ts';
import { type Expression as AstExpression, foldIdentifier, type MatchRecognize } from '../../sql/index.ts';
import { expressionKey, type LogicalPlan, type MatchRecognizePlan, matchFields } from '../logical/index.ts';
import { bindRowPattern, bindSkip, nameTaken, variableOf } from './bind-row-pattern.ts';
import { sortKey } from './bind-sort-key.ts';
import { bind, plainScope, type QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, notSupported, syntaxError, typeText } from './binder-error.ts';
import { constantMicros } from './constant-value.ts';
import { PatternExpressions } from './pattern-expressions.ts';
import type { BoundFrom, RowScope } from './row-scope.ts';
import { aliasPlan } from './table-alias.ts';

/** `t MATCH_RECOGNIZE (…)` over its bound input. A variable that DEFINE leaves out takes any row. */
export function bindMatchRecognize(item: MatchRecognize, from: BoundFrom, environment: QueryEnvironment): BoundFrom {
  const input = namedColumns(from);
  const partitionBy = [...new Set(item.partitionBy.map((key) => plainColumn(key, 'PARTITION BY', { row: from.row, environment })))];
  const orderBy = bindOrder(item, from.row, environment);
  const recognition = bindRecognition(item, { input, timeColumn: orderBy[0]?.column ?? null, environment });
  const parts = { input, partitionBy, orderBy, recognition };
  const fields = matchFields(parts);
  if (fields.length === 0) throw syntaxError('MATCH_RECOGNIZE shows no column', item.span, 'Add MEASURES, PARTITION BY or ALL ROWS PER MATCH.');
  const plan: MatchRecognizePlan = { kind: 'match-recognize', ...parts, fields };
  return aliasPlan({ plan, name: 'match_recognize', schema: null, alias: item.alias });
}

/** The input with exactly the columns its names show, merged columns of a join included. */
function namedColumns({ plan, row }: BoundFrom): LogicalPlan {
  const same =
    row.columns.length === plan.fields.length &&
    row.columns.every(({ name, expression }, index) => {
      return expression.kind === 'column' && expression.index === index && plan.fields[index]!.name === name;
    });
  if (same) return plan;
  const fields = row.columns.map(({ name, expression }) => ({ name, type: expression.type }));
  return { kind: 'project', input: plan, expressions: row.columns.map((column) => column.expression), fields };
}

interface ColumnPlace {
  readonly row: RowScope;
  readonly environment: QueryEnvironment;
}

/** The place of a column among those of the row. Errors: 0A000 for anything else. */
function plainColumn(node: AstExpression, clause: string, { row, environment }: ColumnPlace): number {
  const bound = bind(node, plainScope(environment, row, clause));
  const found = row.columns.findIndex(({ expression }) => expressionKey(expression) === expressionKey(bound));
  if (found < 0) throw notSupported(`${clause} of MATCH_RECOGNIZE takes columns only`, node.span, 'Make it a column of a subquery first.');
  return found;
}

function bindOrder(item: MatchRecognize, row: RowScope, environment: QueryEnvironment): RowOrderColumn[] {
  return item.orderBy.map((key) => {
    const column = plainColumn(key.expression, 'ORDER BY', { row, environment });
    const { descending, nullsFirst } = sortKey(key, row.columns[column]!.expression, environment.state);
    return { column, descending, nullsFirst };
  });
}

interface RecognitionPlace {
  readonly input: LogicalPlan;
  readonly timeColumn: number | null;
  readonly environment: QueryEnvironment;
}

function bindRecognition(item: MatchRecognize, { input, timeColumn, environment }: RecognitionPlace): Recognition {
  const bound = bindRowPattern(item);
  const shown = shownRows(item);
  const expressions = new PatternExpressions({ names: bound, fields: input.fields, timeColumn, environment, runningMeasures: shown !== 'one' });
  const defined = new Set<number>();
  const definitions = item.definitions.map((definition) => {
    const variable = variableOf(definition.name, bound, 'DEFINE');
    if (defined.has(variable)) throw nameTaken(foldIdentifier(definition.name), definition.name.span);
    defined.add(variable);
    return { variable, condition: expressions.condition(definition.condition) };
  });
  const measures = item.measures.map(({ name, expression }) => ({ name: foldIdentifier(name), expression: expressions.measure(expression) }));
  return {
    variables: bound.variables,
    subsets: bound.subsets,
    pattern: bound.pattern,
    references: expressions.references,
    definitions,
    measures,
    shown,
    skip: bindSkip(item, bound),
    withinMicros: bindWithin(item, { input, timeColumn, environment }),
  };
}

function shownRows(item: MatchRecognize): ShownRows {
  switch (item.rowsPerMatch) {
    case null:
    case 'one':
      return 'one';
    case 'all':
    case 'all show empty':
      return 'all-show-empty';
    case 'all omit empty':
      return 'all-omit-empty';
    case 'all with unmatched':
      return 'all-with-unmatched';
  }
}

/** Errors: 42804 unless the rows are ordered by a time. */
function bindWithin(item: MatchRecognize, { input, timeColumn, environment }: RecognitionPlace): bigint | null {
  if (item.within === null) return null;
  const micros = constantMicros(item.within, 'WITHIN', environment);
  const type = timeColumn === null ? null : input.fields[timeColumn]!.type;
  if (type?.kind === 'timestamp' || type?.kind === 'timestamptz') return micros;
  if (type === null)
    throw new SqlError({ code: SqlState.syntaxError, message: 'WITHIN needs ORDER BY a timestamp', position: item.within.span.start });
  throw datatypeMismatch(`WITHIN needs a timestamp as first ORDER BY column, not ${typeText(type)}`, item.within.span);
}
