import type {
  CommonTable,
  Expression,
  GroupByClause,
  GroupingElement,
  LockingClause,
  MutualRecursionClause,
  Query,
  QueryBody,
  Select,
  SelectItem,
  SetOperation,
  StreamWindow,
  WithClause,
} from '../ast/index.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { bindQueryPrinter, printNestedModification } from './nested-query.ts';
import { printExpression, printList, printOrderBy, printPartitionBy, printWindow } from './print-expression.ts';
import { printFromItem } from './print-from-item.ts';
import { printHints } from './print-hints.ts';
import { printIdentifiers, printName, printTypedColumns } from './print-type.ts';

export function printQuery(query: Query): string {
  const limit = printLimit(query);
  const offset = query.offset === null ? '' : ` OFFSET ${printExpression(query.offset)}`;
  const emit = query.emit === null ? '' : ` EMIT ${query.emit.mode.toUpperCase()}`;
  const asOf = query.asOf === null ? '' : ` AS OF EPOCH ${printExpression(query.asOf.epoch)}`;
  const tail = printOrderBy(query.orderBy) + limit + offset + emit + asOf + query.locking.map(printLocking).join('');
  return printWith(query.with) + printBody(query.body) + tail;
}

/** `WITH … ` with a space behind, or nothing. */
export function printWith(clause: WithClause | null): string {
  if (clause === null) return '';
  if (clause.kind === 'with-mutually-recursive') return printMutualRecursion(clause);
  return `WITH ${clause.recursive ? 'RECURSIVE ' : ''}${clause.tables.map(printCommonTable).join(', ')} `;
}

function printMutualRecursion({ limit, bindings }: MutualRecursionClause): string {
  const options = limit === null ? '' : `(${limit.atLimit.toUpperCase()} AT RECURSION LIMIT ${limit.rounds}) `;
  const printed = bindings.map(({ name, columns, query }) => `${quoteIfNeeded(name)} (${printTypedColumns(columns)}) AS (${printQuery(query)})`);
  return `WITH MUTUALLY RECURSIVE ${options}${printed.join(', ')} `;
}

function printCommonTable(table: CommonTable): string {
  const columns = table.columns.length === 0 ? '' : ` (${printIdentifiers(table.columns)})`;
  const materialized = table.materialized === null ? '' : table.materialized ? 'MATERIALIZED ' : 'NOT MATERIALIZED ';
  const body = table.query.kind === 'query' ? printQuery(table.query) : printNestedModification(table.query);
  return `${quoteIfNeeded(table.name)}${columns} AS ${materialized}(${body})`;
}

/** FETCH … WITH TIES takes an operand, so anything longer is parenthesised there. */
function printLimit(query: Query): string {
  if (query.limit === null) return '';
  const count = printExpression(query.limit);
  return query.withTies ? ` FETCH FIRST ${/^\d+$/.test(count) ? count : `(${count})`} ROWS WITH TIES` : ` LIMIT ${count}`;
}

function printLocking(locking: LockingClause): string {
  const of = locking.of.length === 0 ? '' : ` OF ${locking.of.map(printName).join(', ')}`;
  const wait = locking.wait === 'block' ? '' : ` ${locking.wait.toUpperCase()}`;
  return ` FOR ${locking.strength.toUpperCase()}${of}${wait}`;
}

/** A query node inside another one has clauses of its own, so it keeps its parentheses. */
function printBody(body: QueryBody): string {
  switch (body.kind) {
    case 'select':
      return printSelect(body);
    case 'values':
      return `VALUES ${body.rows.map((row) => `(${printList(row)})`).join(', ')}`;
    case 'table-body':
      return `TABLE ${printName(body.name)}`;
    case 'query':
      return `(${printQuery(body)})`;
    case 'set-operation':
      return printSetOperation(body);
  }
}

function printSetOperation(operation: SetOperation): string {
  const level = setLevel(operation);
  const left = printTerm(operation.left, level);
  const right = printTerm(operation.right, level + 1);
  return `${left} ${operation.operator.toUpperCase()}${operation.all ? ' ALL' : ''} ${right}`;
}

function setLevel(operation: SetOperation): number {
  return operation.operator === 'intersect' ? 2 : 1;
}

function printTerm(body: QueryBody, minimum: number): string {
  const text = printBody(body);
  return body.kind === 'set-operation' && setLevel(body) < minimum ? `(${text})` : text;
}

function printSelect(select: Select): string {
  const distinct = select.distinct === null ? '' : select.distinct.on.length === 0 ? ' DISTINCT' : ` DISTINCT ON (${printList(select.distinct.on)})`;
  const items = select.items.length === 0 ? '' : ` ${printSelectItems(select.items)}`;
  const from = select.from.length === 0 ? '' : ` FROM ${select.from.map(printFromItem).join(', ')}`;
  const windows = select.windows.map((window) => `${quoteIfNeeded(window.name)} AS (${printWindow(window.specification)})`);
  return [
    `SELECT${printHints(select.hints)}${distinct}${items}${from}`,
    select.streamWindow === null ? '' : printStreamWindow(select.streamWindow),
    clause('WHERE', select.where),
    printPartitionBy(select.partitionBy),
    select.groupBy === null ? '' : printGroupBy(select.groupBy),
    clause('HAVING', select.having),
    windows.length === 0 ? '' : ` WINDOW ${windows.join(', ')}`,
    clause('QUALIFY', select.qualify),
  ].join('');
}

function clause(word: string, expression: Expression | null): string {
  return expression === null ? '' : ` ${word} ${printExpression(expression)}`;
}

export function printSelectItems(items: readonly SelectItem[]): string {
  return items.map((item) => printExpression(item.expression) + (item.alias === null ? '' : ` AS ${quoteIfNeeded(item.alias)}`)).join(', ');
}

function printGroupBy(groupBy: GroupByClause): string {
  if (groupBy.all) return ' GROUP BY ALL';
  return ` GROUP BY ${groupBy.distinct ? 'DISTINCT ' : ''}${groupBy.elements.map(printGroupingElement).join(', ')}`;
}

function printGroupingElement(element: GroupingElement): string {
  if (element.kind === 'grouping-sets') return `${element.type.toUpperCase()} (${element.elements.map(printGroupingElement).join(', ')})`;
  const [only, ...others] = element.expressions;
  return only !== undefined && others.length === 0 ? printExpression(only) : `(${printList(element.expressions)})`;
}

function printStreamWindow(window: StreamWindow): string {
  const advance = window.advance === null ? '' : `, ADVANCE BY ${printExpression(window.advance)}`;
  const retention = window.retention === null ? '' : `, RETENTION ${printExpression(window.retention)}`;
  const grace = window.grace === null ? '' : `, GRACE PERIOD ${printExpression(window.grace)}`;
  const size = window.type === 'session' ? '' : 'SIZE ';
  return ` WINDOW ${window.type.toUpperCase()} (${size}${printExpression(window.size)}${advance}${retention}${grace})`;
}

bindQueryPrinter(printQuery);
