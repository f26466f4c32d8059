import type { ImportDialect } from './dialects.ts';
import { notUnderstood, ownSpelling, type SourceToken } from './source-tokens.ts';
import { list, nameText, type Tree, tree } from './tree.ts';

/** What writing a tree back to text needs to know of where it came from. */
export interface Writing {
  readonly dialect: ImportDialect;
  readonly tokens: readonly SourceToken[];
  query(node: Tree): string;
}

const symbols = new Set(['=', '<>', '!=', '<', '>', '<=', '>=', '+', '-', '*', '/', '%', '||']);
const comparisons = new Set(['=', '<>', '!=', '<', '>', '<=', '>=']);
const words = new Set(['AND', 'OR', 'IS', 'IS NOT', 'IN', 'NOT IN', 'LIKE', 'NOT LIKE', 'BETWEEN', 'NOT BETWEEN']);

/**
 * An expression in the order of the source, with the parentheses the source has: our grammar decides what binds tighter, the parser's tree does not.
 * Operators are those whose order of binding all the dialects share.
 */
export function writeExpression(value: unknown, writing: Writing): string {
  const node = tree(value);
  if (node['ast'] !== undefined) return `(${writing.query(tree(node['ast']))})`;
  if (node['collate'] != null) throw notUnderstood('COLLATE', positionOf('COLLATE', writing));
  const text = writeBare(node, writing);
  return node['parentheses'] === true && node['type'] !== 'expr_list' ? `(${text})` : text;
}

function writeBare(node: Tree, writing: Writing): string {
  const write = (value: unknown): string => writeExpression(value, writing);
  switch (node['type']) {
    case 'number':
    case 'bigint':
      return writeNumber(node['value'], writing);
    case 'single_quote_string':
    case 'string':
    case 'double_quote_string':
      return writeString(String(node['value']), writing);
    case 'null':
      return 'NULL';
    case 'bool':
      return node['value'] === true ? 'TRUE' : 'FALSE';
    case 'star':
      return '*';
    case 'column_ref':
      return writeColumn(node, writing);
    case 'unary_expr':
      return `${word(node['operator'], ['NOT', '-', '+'], writing)} ${write(node['expr'])}`;
    case 'binary_expr':
      return writeOperator(node, writing);
    case 'expr_list':
      return `(${list(node['value']).map(write).join(', ')})`;
    case 'case':
      return writeCase(node, writing);
    case 'cast':
      return writeCast(node, writing);
    case 'aggr_func':
      return writeAggregate(node, writing);
    case 'function':
      return writeFunction(node, writing);
    case 'window_func':
      return `${name(nameText(node['name']), writing)}(${list(node['args'] && tree(node['args'])['value'])
        .map(write)
        .join(', ')})${writeOver(node['over'], writing)}`;
    default:
      throw notUnderstood(String(node['type']), undefined);
  }
}

function positionOf(text: string, { tokens }: Writing): number | undefined {
  return tokens.find((token) => token.text.toUpperCase() === text.toUpperCase())?.start;
}

function word(operator: unknown, allowed: readonly string[], writing: Writing): string {
  const text = String(operator).toUpperCase();
  if (allowed.includes(text)) return text;
  throw notUnderstood(text, positionOf(text, writing));
}

/** The parser gives a number as a double: the text is that of the source. */
function writeNumber(value: unknown, { tokens }: Writing): string {
  const number = Number(value);
  const found = new Set(tokens.filter((token) => token.kind === 'number' && Number(token.text) === Math.abs(number)).map((token) => token.text));
  const [text, other] = [...found];
  if (text === undefined || other !== undefined) {
    const position = tokens.find((token) => token.text === text)?.start;
    throw notUnderstood(String(value), position, other === undefined ? undefined : `${text} and ${other} cannot be told apart by the parser.`);
  }
  return number < 0 ? `-${text}` : text;
}

function writeString(value: string, { tokens, dialect }: Writing): string {
  const found = tokens.find((token) => token.kind === 'string' && (token.text === value || token.text.replaceAll("''", "'") === value));
  if (found === undefined) throw notUnderstood(value, undefined);
  if (dialect.backslashEscapes && found.text.includes('\\')) throw notUnderstood(found.text, found.start, 'Write the string without a backslash.');
  return `'${found.text.replaceAll("''", "'").replaceAll("'", "''")}'`;
}

/** A name as the source has it: quoted where it is quoted. */
export function name(text: string, { tokens }: Writing): string {
  if (tokens.some((token) => token.kind === 'word' && token.text.toUpperCase() === text.toUpperCase())) return text;
  const found = tokens.find((token) => token.kind === 'name' && token.text === text);
  if (found === undefined || text.includes('.')) throw notUnderstood(text, found?.start);
  return `"${text}"`;
}

function writeColumn(node: Tree, writing: Writing): string {
  const path = [node['db'], node['schema'], node['table']].filter((part) => part != null && part !== '').map((part) => name(nameText(part), writing));
  const column = node['column'] === '*' ? '*' : name(nameText(node['column']), writing);
  return [...path, column].join('.');
}

function writeOperator(node: Tree, writing: Writing): string {
  const operator = String(node['operator']).toUpperCase();
  const at = positionOf(operator.split(' ').at(-1)!, writing);
  if (operator === '||' && writing.dialect.barsAreOr) throw notUnderstood('||', at, 'Write OR, or concat(a, b).');
  if (operator === '/' && writing.dialect.fractionalDivision)
    throw notUnderstood('/', at, 'Whole numbers divide to whole numbers here: CAST one of them first.');
  if (operator === '||' && writing.tokens.some((token) => token.text === '+' || token.text === '-'))
    throw notUnderstood('||', at, 'Write concat(a, b).');
  if (!symbols.has(operator) && !words.has(operator)) throw notUnderstood(operator, at);
  if (operator.endsWith('IN') && isBareComparison(node['left']))
    throw notUnderstood(operator, at, 'Put parentheses around the comparison, or around IN: dialects differ about which comes first.');
  const left = writeExpression(node['left'], writing);
  const right = tree(node['right']);
  if (!operator.endsWith('BETWEEN')) return `${left} ${operator} ${writeExpression(right, writing)}`;
  const [low, high] = list(right['value']);
  return `${left} ${operator} ${writeExpression(low, writing)} AND ${writeExpression(high, writing)}`;
}

function isBareComparison(value: unknown): boolean {
  const node = tree(value);
  return node['type'] === 'binary_expr' && node['parentheses'] !== true && comparisons.has(String(node['operator']));
}

function writeCase(node: Tree, writing: Writing): string {
  const operand = node['expr'] == null ? '' : ` ${writeExpression(node['expr'], writing)}`;
  const branches = list(node['args']).map((value) => {
    const branch = tree(value);
    const result = writeExpression(branch['result'], writing);
    return branch['type'] === 'else' ? `ELSE ${result}` : `WHEN ${writeExpression(branch['cond'], writing)} THEN ${result}`;
  });
  return `CASE${operand} ${branches.join(' ')} END`;
}

function writeCast(node: Tree, writing: Writing): string {
  const [target, more] = list(node['target']);
  if (more !== undefined) throw notUnderstood('CAST', positionOf('CAST', writing));
  const operand = writeExpression(node['expr'], writing);
  if (node['symbol'] === '::') return `${operand}::${writeType(tree(target), writing)}`;
  return `${ownSpelling(String(node['keyword']))}(${operand} AS ${writeType(tree(target), writing)})`;
}

const types = new Set([
  'BIGINT',
  'FLOAT8',
  'TEXT',
  'TIMESTAMP',
  'NUMERIC',
  'INTEGER',
  'BOOLEAN',
  'VARCHAR',
  'CHAR',
  'DATE',
  'TIME',
  'SMALLINT',
  'REAL',
]);

/** Types that hold the same values here. */
export function writeType(node: Tree, writing: Writing): string {
  const written = String(node['dataType']);
  const type = ownSpelling(written);
  if (!types.has(type)) throw notUnderstood(written, positionOf(written, writing));
  const sizes = [node['length'], node['scale']].filter((size) => size != null);
  return sizes.length === 0 ? type : `${type}(${sizes.map(String).join(', ')})`;
}

function writeAggregate(node: Tree, writing: Writing): string {
  const args = tree(node['args']);
  const distinct = args['distinct'] == null ? '' : 'DISTINCT ';
  return `${name(nameText(node['name']), writing)}(${distinct}${writeExpression(args['expr'], writing)})${writeOver(node['over'], writing)}`;
}

/** Functions of the same name and meaning; others could mean something else, and are refused. */
const functions = new Set(
  'ABS CEIL FLOOR ROUND SIGN SQRT POWER MOD COALESCE NULLIF CONCAT LOWER UPPER TRIM LTRIM RTRIM LENGTH REPLACE REVERSE GREATEST LEAST COUNT SUM MIN MAX AVG'.split(
    ' ',
  ),
);

function writeFunction(node: Tree, writing: Writing): string {
  const parts = tree(node['name']);
  const written = list(parts['name']).length > 0 ? list(parts['name']).map(nameText) : [nameText(parts['schema'])];
  const text = written.join('.');
  const own = ownSpelling(text);
  const args = node['args'] == null ? [] : list(tree(node['args'])['value']);
  const arguments_ = args.map((argument) => writeExpression(argument, writing)).join(', ');
  if (own === 'NOT' || own === 'EXISTS') return `${own} ${arguments_.startsWith('(SELECT') ? arguments_ : `(${arguments_})`}`;
  if (!functions.has(own)) throw notUnderstood(text, positionOf(text, writing), 'Only functions that mean the same in every dialect are imported.');
  return `${own}(${arguments_})${writeOver(node['over'], writing)}`;
}

function writeOver(value: unknown, writing: Writing): string {
  if (value == null) return '';
  const outer = tree(tree(value)['as_window_specification']);
  const window = tree(outer['window_specification']);
  if (window['window_frame_clause'] != null) throw notUnderstood('OVER', positionOf('OVER', writing));
  const keys = list(window['partitionby']).map((key) => writeExpression(tree(key)['expr'], writing));
  const partition = keys.length === 0 ? '' : `PARTITION BY ${keys.join(', ')} `;
  return ` OVER (${partition}${writeOrderBy(window['orderby'], writing)})`;
}

/** With the place of NULLs written out where the dialect's is not ours. */
export function writeOrderBy(value: unknown, writing: Writing): string {
  const items = list(value).map((item) => {
    const { expr, type, nulls } = tree(item);
    const descending = type === 'DESC';
    const place = { smallest: descending ? 'LAST' : 'FIRST', largest: descending ? 'FIRST' : 'LAST', last: 'LAST' }[writing.dialect.nulls];
    return `${writeExpression(expr, writing)}${descending ? ' DESC' : ''} ${nulls == null ? `NULLS ${place}` : String(nulls)}`;
  });
  return items.length === 0 ? '' : `ORDER BY ${items.join(', ')}`;
}
