import type { FromItem, Join, JoinWithin, TableAlias, TableFunction, TableReference, WindowTableFunction } from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printNestedQuery } from './nested-query.ts';
import { printExpression, printList, printTableArgument } from './print-expression.ts';
import { printHints } from './print-hints.ts';
import { printMatchRecognize } from './print-match-recognize.ts';
import { printIdentifiers, printName, printTypedColumns } from './print-type.ts';

export function printFromItem(item: FromItem): string {
  switch (item.kind) {
    case 'table-reference':
      return printTable(item);
    case 'derived-table':
      return `${item.lateral ? 'LATERAL ' : ''}(${printNestedQuery(item.query)})${printAlias(item.alias)}`;
    case 'table-function':
      return printFunction(item);
    case 'window-table-function':
      return printWindowFunction(item);
    case 'match-recognize':
      return `${printPatternInput(item.input)} ${printMatchRecognize(item)}${printAlias(item.alias)}`;
    case 'join':
      return item.alias === null ? printJoin(item) : `(${printJoin(item)})${printAlias(item.alias)}`;
  }
}

/** MATCH_RECOGNIZE goes with the table right in front of it. */
function printPatternInput(item: FromItem): string {
  const several = item.kind === 'match-recognize' || (item.kind === 'join' && item.alias === null);
  return several ? `(${printFromItem(item)})` : printFromItem(item);
}

/** ` AS name (columns)` with a space in front, or nothing. */
export function printAlias(alias: TableAlias | null): string {
  if (alias === null) return '';
  const columns = alias.columns.length === 0 ? '' : ` (${printIdentifiers(alias.columns)})`;
  return ` AS ${quoteIfNeeded(alias.name)}${columns}`;
}

function printTable(table: TableReference): string {
  const time = table.systemTime === null ? '' : ` FOR SYSTEM_TIME AS OF ${printExpression(table.systemTime)}`;
  return `${table.only ? 'ONLY ' : ''}${printName(table.name)}${printHints(table.hints)}${time}${printAlias(table.alias)}${printSample(table)}`;
}

function printSample({ sample }: TableReference): string {
  if (sample === null) return '';
  const repeatable = sample.repeatable === null ? '' : ` REPEATABLE (${printExpression(sample.repeatable)})`;
  return ` TABLESAMPLE ${printName(sample.method)} (${printList(sample.arguments)})${repeatable}`;
}

function printFunction(item: TableFunction): string {
  const calls = printList(item.calls);
  const source = item.calls.length === 1 ? calls : `ROWS FROM (${calls})`;
  const columns = printTypedColumns(item.columns);
  const alias = item.columns.length === 0 ? printAlias(item.alias) : `${item.alias === null ? ' AS' : printAlias(item.alias)} (${columns})`;
  return `${item.lateral ? 'LATERAL ' : ''}${source}${item.withOrdinality ? ' WITH ORDINALITY' : ''}${alias}`;
}

function printWindowFunction(item: WindowTableFunction): string {
  const entries = [
    ['SIZE', item.size],
    ['SLIDE', item.slide],
    ['STEP', item.step],
    ['GAP', item.gap],
    ['"offset"', item.offset],
  ] as const;
  const list = [
    `DATA => ${printTableArgument(item.input)}`,
    `TIMECOL => ${printExpression(item.timeColumn)}`,
    ...entries.flatMap(([name, value]) => (value === null ? [] : [`${name} => ${printExpression(value)}`])),
  ];
  return `${item.lateral ? 'LATERAL ' : ''}${item.function.toUpperCase()}(${list.join(', ')})${printAlias(item.alias)}`;
}

function printJoin(join: Join): string {
  const type = join.type === 'inner' ? '' : `${join.type.toUpperCase()} `;
  const words = `${join.natural ? 'NATURAL ' : ''}${join.asOf ? 'ASOF ' : ''}${type}JOIN`;
  const within = join.within === null ? '' : printWithin(join.within);
  const match = join.matchCondition === null ? '' : ` MATCH_CONDITION (${printExpression(join.matchCondition)})`;
  const on = join.on === null ? '' : ` ON ${printExpression(join.on)}`;
  const using =
    join.using.length === 0
      ? ''
      : ` USING (${printIdentifiers(join.using)})${join.usingAlias === null ? '' : ` AS ${quoteIfNeeded(join.usingAlias)}`}`;
  return `${printFromItem(join.left)} ${words} ${printRightSide(join.right)}${within}${match}${on}${using}`;
}

/** A join on the right keeps its parentheses, since joins associate to the left. */
function printRightSide(item: FromItem): string {
  const text = printFromItem(item);
  return item.kind === 'join' && item.alias === null ? `(${text})` : text;
}

function printWithin(within: JoinWithin): string {
  const grace = within.grace === null ? '' : ` GRACE PERIOD ${printExpression(within.grace)}`;
  return ` WITHIN (${printExpression(within.before)}, ${printExpression(within.after)})${grace}`;
}
