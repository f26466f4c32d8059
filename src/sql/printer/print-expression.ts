import type {
  Expression,
  FrameBound,
  FunctionCall,
  IntervalLiteral,
  LikeExpression,
  OperatorName,
  OrderByItem,
  QuantifiedComparison,
  Query,
  StarExpression,
  TableArgument,
  UnaryExpression,
  WindowFrame,
  WindowSpecification,
} from '../ast/index.ts';
import { Precedence, symbolPrecedence } from '../parser/precedence.ts';
import { quoteIfNeeded } from '../quote-identifier.ts';
import { printNestedQuery } from './nested-query.ts';
import { printJsonConstructor, printJsonPathCall } from './print-json.ts';
import { printIdentifiers, printIntervalFields, printName, printString, printType } from './print-type.ts';

/** Binds tighter than every operator: what needs no parentheses anywhere. */
const PRIMARY = 20;

const jsonPrinters = { expression: printExpression, orderBy: printOrderBy, over: printOver };

/** An expression as SQL text with the parentheses it needs and no others. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'string-literal':
      return printString(expression.value);
    case 'bit-string-literal':
      return `${expression.base === 'binary' ? 'B' : 'X'}'${expression.digits}'`;
    case 'number-literal':
      return expression.text;
    case 'boolean-literal':
      return expression.value ? 'TRUE' : 'FALSE';
    case 'null-literal':
      return 'NULL';
    case 'typed-literal':
      return `${printType(expression.type)} ${printString(expression.value)}`;
    case 'interval-literal':
      return printInterval(expression);
    case 'parameter':
      return `$${expression.index}`;
    case 'column-reference':
      return expression.name.map(quoteIfNeeded).join('.');
    case 'star':
      return printStar(expression);
    case 'field-star':
      return `${printBase(expression.operand)}.*`;
    case 'field-access':
      return `${printBase(expression.operand)}.${quoteIfNeeded(expression.field)}`;
    case 'subscript':
      return `${printBase(expression.operand, true)}[${printExpression(expression.index)}]`;
    case 'slice': {
      const bound = (side: Expression | null) => (side === null ? '' : printExpression(side));
      return `${printBase(expression.operand, true)}[${bound(expression.low)}:${bound(expression.high)}]`;
    }
    case 'exists':
      return `EXISTS (${printNestedQuery(expression.query)})`;
    case 'scalar-subquery':
      return `(${printNestedQuery(expression.query)})`;
    case 'array-subquery':
      return `ARRAY(${printNestedQuery(expression.query)})`;
    case 'case':
      return printCase(expression);
    case 'function-call':
      return printCall(expression);
    case 'json-path-call':
      return printJsonPathCall(expression, jsonPrinters);
    case 'json-constructor':
      return printJsonConstructor(expression, jsonPrinters);
    case 'match-semantics':
      return `${expression.semantics.toUpperCase()} ${printExpression(expression.operand)}`;
    case 'current-value':
      return expression.name.toUpperCase() + (expression.precision === null ? '' : `(${expression.precision})`);
    case 'lambda':
      return `(${printIdentifiers(expression.parameters)}) => ${printExpression(expression.body)}`;
    case 'table-argument':
      return printTableArgument(expression);
    case 'descriptor':
      return `DESCRIPTOR(${printIdentifiers(expression.columns)})`;
    case 'default-value':
      return 'DEFAULT';
    case 'array':
      return `ARRAY[${printList(expression.elements)}]`;
    case 'row':
      return `${expression.explicit ? 'ROW' : ''}(${printList(expression.fields)})`;
    case 'struct':
      return `STRUCT(${expression.fields.map((field) => `${quoteIfNeeded(field.name)} := ${printExpression(field.value)}`).join(', ')})`;
    case 'map':
      return `MAP[${printList(expression.entries.flatMap((entry) => [entry.key, entry.value]))}]`;
    default:
      return printOperation(expression);
  }
}

type Operation = Extract<
  Expression,
  {
    kind:
      | 'unary'
      | 'binary'
      | 'logical'
      | 'not'
      | 'is-test'
      | 'is-distinct-from'
      | 'between'
      | 'in-list'
      | 'in-subquery'
      | 'like'
      | 'quantified-comparison'
      | 'cast'
      | 'collate'
      | 'at-time-zone';
  }
>;

/** Operands on the left of a left-associative operator may be of its own level, on the right only of a higher one. */
function printOperation(expression: Operation): string {
  const level = levelOf(expression);
  switch (expression.kind) {
    case 'unary':
      return printUnary(expression);
    case 'binary': {
      const leftLevel = level === Precedence.comparison ? level + 1 : level;
      return `${printAt(expression.left, leftLevel)} ${printOperator(expression.operator)} ${printAt(expression.right, level + 1)}`;
    }
    case 'logical':
      return expression.operands.map((operand) => printAt(operand, level + 1)).join(` ${expression.operator.toUpperCase()} `);
    case 'not':
      return `NOT ${printAt(expression.operand, level)}`;
    case 'is-test':
      return `${printAt(expression.operand, level + 1)} IS ${not(expression)}${expression.test.toUpperCase()}`;
    case 'is-distinct-from':
      return `${printAt(expression.left, level + 1)} IS ${not(expression)}DISTINCT FROM ${printAt(expression.right, level + 1)}`;
    case 'between': {
      const symmetric = expression.symmetric ? 'SYMMETRIC ' : '';
      const bounds = `${printAt(expression.low, level + 2)} AND ${printAt(expression.high, level + 2)}`;
      return `${printAt(expression.operand, level + 1)} ${not(expression)}BETWEEN ${symmetric}${bounds}`;
    }
    case 'in-list':
      return `${printAt(expression.operand, level + 1)} ${not(expression)}IN (${printList(expression.list)})`;
    case 'in-subquery':
      return `${printAt(expression.operand, level + 1)} ${not(expression)}IN (${printNestedQuery(expression.query)})`;
    case 'like':
      return printLike(expression);
    case 'quantified-comparison':
      return printQuantified(expression, level);
    case 'cast':
      if (expression.onError === 'null') return `TRY_CAST(${printExpression(expression.operand)} AS ${printType(expression.type)})`;
      return `CAST(${printExpression(expression.operand)} AS ${printType(expression.type)})`;
    case 'collate':
      return `${printAt(expression.operand, level)} COLLATE ${printName(expression.collation)}`;
    case 'at-time-zone':
      if (expression.zone === null) return `${printAt(expression.operand, level)} AT LOCAL`;
      return `${printAt(expression.operand, level)} AT TIME ZONE ${printAt(expression.zone, level + 1)}`;
  }
}

/** How tightly the text of an expression holds together; a cast is printed as CAST(…), so it is primary. */
function levelOf(expression: Expression): number {
  switch (expression.kind) {
    case 'unary':
      return isSign(expression) ? Precedence.sign : Precedence.otherOperator;
    case 'binary':
      return operatorLevel(expression.operator);
    case 'logical':
      return expression.operator === 'or' ? Precedence.or : Precedence.and;
    case 'not':
      return Precedence.not;
    case 'is-test':
    case 'is-distinct-from':
      return Precedence.is;
    case 'between':
    case 'in-list':
    case 'in-subquery':
    case 'like':
      return Precedence.membership;
    case 'quantified-comparison':
      return expression.operator.kind === 'operator-name' ? operatorLevel(expression.operator) : Precedence.membership;
    case 'collate':
      return Precedence.collate;
    case 'at-time-zone':
      return Precedence.atTimeZone;
    case 'lambda':
      return 0;
    default:
      return PRIMARY;
  }
}

function operatorLevel(operator: OperatorName): number {
  return operator.schema.length > 0 ? Precedence.otherOperator : symbolPrecedence(operator.symbol);
}

function isSign(expression: UnaryExpression): boolean {
  return expression.operator.schema.length === 0 && (expression.operator.symbol === '-' || expression.operator.symbol === '+');
}

function printAt(expression: Expression, minimum: number): string {
  const text = printExpression(expression);
  return levelOf(expression) < minimum ? `(${text})` : text;
}

/** The operand of a subscript or field: only names and what is attached to them stand without parentheses. */
function printBase(operand: Expression, columnAllowed = false): string {
  const bare =
    operand.kind === 'subscript' ||
    operand.kind === 'slice' ||
    operand.kind === 'field-access' ||
    operand.kind === 'function-call' ||
    operand.kind === 'parameter' ||
    operand.kind === 'scalar-subquery' ||
    (columnAllowed && operand.kind === 'column-reference');
  return bare ? printExpression(operand) : `(${printExpression(operand)})`;
}

export function printList(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(', ');
}

function not(expression: { readonly negated: boolean }): string {
  return expression.negated ? 'NOT ' : '';
}

function printOperator(operator: OperatorName): string {
  return operator.schema.length === 0 ? operator.symbol : `OPERATOR(${operator.schema.map(quoteIfNeeded).join('.')}.${operator.symbol})`;
}

/** Two symbols side by side would be read as one, or as a comment. */
function printUnary(expression: UnaryExpression): string {
  const symbol = printOperator(expression.operator);
  const operand = printAt(expression.operand, isSign(expression) ? Precedence.sign : Precedence.otherOperator + 1);
  return /^[-+*/<>=~!@#%^&|?O]/.test(operand) || symbol.endsWith(')') ? `${symbol} ${operand}` : symbol + operand;
}

function printLike(expression: LikeExpression): string {
  const operator = expression.operator === 'similar-to' ? 'SIMILAR TO' : expression.operator.toUpperCase();
  const escapeClause = expression.escape === null ? '' : ` ESCAPE ${printAt(expression.escape, Precedence.otherOperator)}`;
  const pattern = printAt(expression.pattern, Precedence.otherOperator);
  return `${printAt(expression.operand, Precedence.membership + 1)} ${not(expression)}${operator} ${pattern}${escapeClause}`;
}

function printQuantified(expression: QuantifiedComparison, level: number): string {
  const { operator, right } = expression;
  const symbol = operator.kind === 'operator-name' ? printOperator(operator) : not(operator) + operator.operator.toUpperCase();
  const content = right.kind === 'query' ? printNestedQuery(right) : printExpression(right);
  return `${printAt(expression.left, level + 1)} ${symbol} ${expression.quantifier.toUpperCase()} (${content})`;
}

function printCase(expression: Extract<Expression, { kind: 'case' }>): string {
  const operand = expression.operand === null ? '' : ` ${printExpression(expression.operand)}`;
  const branches = expression.branches.map((branch) => ` WHEN ${printExpression(branch.condition)} THEN ${printExpression(branch.result)}`);
  const otherwise = expression.otherwise === null ? '' : ` ELSE ${printExpression(expression.otherwise)}`;
  return `CASE${operand}${branches.join('')}${otherwise} END`;
}

function printInterval(expression: IntervalLiteral): string {
  const precision = expression.precision === null ? '' : `(${expression.precision})`;
  const fields = expression.fields === null ? '' : ` ${printIntervalFields(expression.fields)}`;
  return `INTERVAL${precision} ${printString(expression.value)}${fields}`;
}

function printStar(expression: StarExpression): string {
  const except = expression.except.length === 0 ? '' : ` EXCLUDE (${printIdentifiers(expression.except)})`;
  return [...expression.qualifier.map(quoteIfNeeded), '*'].join('.') + except;
}

function printCall(call: FunctionCall): string {
  const list = call.arguments.map((argument, index) => {
    const variadic = call.variadic && index === call.arguments.length - 1 ? 'VARIADIC ' : '';
    const name = argument.name === null ? '' : `${quoteIfNeeded(argument.name)} => `;
    return variadic + name + printExpression(argument.value);
  });
  const inside = call.star ? '*' : `${call.distinct ? 'DISTINCT ' : ''}${list.join(', ')}${printOrderBy(call.orderBy)}`;
  const within = call.withinGroup === null ? '' : ` WITHIN GROUP (${printOrderBy(call.withinGroup).trim()})`;
  const filter = call.filter === null ? '' : ` FILTER (WHERE ${printExpression(call.filter)})`;
  const nulls = call.nullTreatment === null ? '' : ` ${call.nullTreatment.toUpperCase()} NULLS`;
  return `${printName(call.name)}(${inside})${within}${filter}${nulls}${printOver(call)}`;
}

/** ` OVER …` with a space in front, or nothing. */
function printOver({ over }: Pick<FunctionCall, 'over'>): string {
  if (over === null) return '';
  return over.kind === 'identifier' ? ` OVER ${quoteIfNeeded(over)}` : ` OVER (${printWindow(over)})`;
}

/** ` ORDER BY …` with a space in front, or nothing. */
export function printOrderBy(items: readonly OrderByItem[]): string {
  return items.length === 0 ? '' : ` ORDER BY ${items.map(printOrderByItem).join(', ')}`;
}

export function printOrderByItem(item: OrderByItem): string {
  const using = item.using === null ? '' : ` USING ${printOperator(item.using)}`;
  const direction = item.direction === null ? '' : ` ${item.direction.toUpperCase()}`;
  const nulls = item.nulls === null ? '' : ` NULLS ${item.nulls.toUpperCase()}`;
  return printExpression(item.expression) + using + direction + nulls;
}

export function printPartitionBy(keys: readonly Expression[]): string {
  return keys.length === 0 ? '' : ` PARTITION BY ${printList(keys)}`;
}

/** What stands between the parentheses of a window. */
export function printWindow(window: WindowSpecification): string {
  const base = window.base === null ? '' : quoteIfNeeded(window.base);
  const frame = window.frame === null ? '' : ` ${printFrame(window.frame)}`;
  return (base + printPartitionBy(window.partitionBy) + printOrderBy(window.orderBy) + frame).trim();
}

function printFrame(frame: WindowFrame): string {
  if (frame.unit === 'session') return `SESSION WITH GAP ${printExpression(frame.start.offset!)}`;
  const bounds = frame.end === null ? printBound(frame.start) : `BETWEEN ${printBound(frame.start)} AND ${printBound(frame.end)}`;
  const exclude = frame.exclude === null ? '' : ` EXCLUDE ${frame.exclude.toUpperCase()}`;
  return `${frame.unit.toUpperCase()} ${bounds}${exclude}`;
}

function printBound(bound: FrameBound): string {
  return bound.offset === null ? bound.bound.toUpperCase() : `${printExpression(bound.offset)} ${bound.bound.toUpperCase()}`;
}

/** `TABLE name` or `TABLE (query)` with its keys; several keys stand in parentheses. */
export function printTableArgument(argument: TableArgument): string {
  const source = printSource(argument.source);
  const [key, ...others] = argument.partitionBy;
  const keys =
    key === undefined ? '' : others.length === 0 ? ` PARTITION BY ${printExpression(key)}` : ` PARTITION BY (${printList(argument.partitionBy)})`;
  return `TABLE ${source}${keys}${printOrderBy(argument.orderBy)}`;
}

/** A relation by name, or a query in parentheses. */
export function printSource(source: Query | Extract<TableArgument['source'], { kind: 'qualified-name' }>): string {
  return source.kind === 'query' ? `(${printNestedQuery(source)})` : printName(source);
}
