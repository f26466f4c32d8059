import { notUnderstood } from './source-tokens.ts';
import { isTree, list, nameText, type Tree, tree } from './tree.ts';
import { name, type Writing, writeExpression, writeOrderBy, writeType } from './write-expression.ts';

/** SELECT, INSERT and CREATE TABLE as text; every other statement is an error. */
export function writeStatement(node: Tree, writing: Omit<Writing, 'query'>): string {
  const full: Writing = { ...writing, query: (query) => writeQuery(query, full) };
  if (node['type'] === 'select') return writeQuery(node, full);
  if (node['type'] === 'insert') return writeInsert(node, full);
  if (node['type'] === 'create' && node['keyword'] === 'table') return writeCreateTable(node, full);
  throw notUnderstood(String(node['type']).toUpperCase(), writing.tokens[0]?.start);
}

/** A chain of set operations stands in the order of the source; our grammar knows that INTERSECT binds tighter. */
function writeQuery(node: Tree, writing: Writing): string {
  const parts: string[] = [writeWith(node['with'], writing)];
  let last = node;
  for (let select: Tree | null = node; select !== null; select = isTree(select['_next']) ? select['_next'] : null) {
    parts.push(writeSelect(select, writing));
    if (isTree(select['_next'])) parts.push(String(select['set_op']).toUpperCase());
    last = select;
  }
  for (const holder of new Set([node, last])) {
    parts.push(writeOrderBy(holder['_orderby'] ?? holder['orderby'], writing), writeLimit(holder['_limit'] ?? holder['limit'], writing));
  }
  return parts.filter((part) => part !== '').join(' ');
}

function writeWith(value: unknown, writing: Writing): string {
  const tables = list(value).map((item) => {
    const { name: written, stmt, columns, recursive } = tree(item);
    if (recursive === true || list(columns).length > 0) throw notUnderstood('WITH', writing.tokens[0]?.start);
    return `${name(nameText(written), writing)} AS (${writeQuery(tree(tree(stmt)['ast'] ?? stmt), writing)})`;
  });
  return tables.length === 0 ? '' : `WITH ${tables.join(', ')}`;
}

function writeSelect(node: Tree, writing: Writing): string {
  if (node['type'] !== 'select') throw notUnderstood(String(node['type']), undefined);
  const distinct = node['distinct'] === 'DISTINCT' || (isTree(node['distinct']) && node['distinct']['type'] === 'DISTINCT') ? 'DISTINCT ' : '';
  const items =
    node['columns'] === '*'
      ? '*'
      : list(node['columns'])
          .map((item) => {
            const { expr, as } = tree(item);
            return writeExpression(expr, writing) + (as == null ? '' : ` AS ${name(nameText(as), writing)}`);
          })
          .join(', ');
  const clause = (word: string, value: unknown): string => (value == null ? '' : ` ${word} ${writeExpression(value, writing)}`);
  const top = node['top'] == null ? '' : ` LIMIT ${numberOf(tree(node['top'])['value'], writing)}`;
  const grouping = node['groupby'];
  const keys = list(isTree(grouping) ? grouping['columns'] : grouping).map((key) => writeExpression(key, writing));
  const group = keys.length === 0 ? '' : ` GROUP BY ${keys.join(', ')}`;
  if (top !== '' && node['orderby'] != null) throw notUnderstood('TOP', undefined, 'Write LIMIT behind ORDER BY.');
  return `SELECT ${distinct}${items}${writeFrom(node['from'], writing)}${clause('WHERE', node['where'])}${group}${clause('HAVING', node['having'])}${top}`;
}

function numberOf(value: unknown, writing: Writing): string {
  return writeExpression(isTree(value) ? value : { type: 'number', value }, writing);
}

const joins = new Set([
  'JOIN',
  'INNER JOIN',
  'LEFT JOIN',
  'RIGHT JOIN',
  'FULL JOIN',
  'LEFT OUTER JOIN',
  'RIGHT OUTER JOIN',
  'FULL OUTER JOIN',
  'CROSS JOIN',
]);

function writeFrom(value: unknown, writing: Writing): string {
  const items = list(value).map((one, index) => {
    const item = tree(one);
    const source = writeSource(item, writing);
    const join = item['join'];
    if (join == null) return index === 0 ? source : `, ${source}`;
    if (!joins.has(String(join))) throw notUnderstood(String(join), undefined);
    const using = list(item['using']).map((column) => name(nameText(column), writing));
    const on = item['on'] == null ? '' : ` ON ${writeExpression(item['on'], writing)}`;
    if (on === '' && using.length === 0 && join !== 'CROSS JOIN') throw notUnderstood(String(join), undefined, 'Write CROSS JOIN, or a condition.');
    return ` ${String(join)} ${source}${using.length === 0 ? on : ` USING (${using.join(', ')})`}`;
  });
  return items.length === 0 ? '' : ` FROM ${items.join('')}`;
}

function writeSource(item: Tree, writing: Writing): string {
  const alias = item['as'] == null ? '' : ` AS ${name(nameText(item['as']), writing)}`;
  if (item['expr'] !== undefined) return writeExpression(item['expr'], writing) + alias;
  const path = [item['db'], item['schema'], item['table']].filter((part) => part != null).map((part) => name(nameText(part), writing));
  return path.join('.') + alias;
}

function writeLimit(value: unknown, writing: Writing): string {
  if (value == null) return '';
  const { seperator, value: counts } = tree(value);
  const [first, second] = list(counts).map((count) => writeExpression(count, writing));
  if (first === undefined) return '';
  if (second === undefined) return seperator === 'offset' ? `OFFSET ${first}` : `LIMIT ${first}`;
  return seperator === ',' ? `LIMIT ${second} OFFSET ${first}` : `LIMIT ${first} OFFSET ${second}`;
}

function writeInsert(node: Tree, writing: Writing): string {
  const [table] = list(node['table']);
  const columns = list(node['columns']).map((column) => name(nameText(column), writing));
  const values = tree(node['values']);
  const rows =
    values['type'] === 'select'
      ? writeQuery(values, writing)
      : `VALUES ${list(values['values'])
          .map((row) => writeExpression(row, writing))
          .join(', ')}`;
  return `INSERT INTO ${writeSource(tree(table), writing)}${columns.length === 0 ? '' : ` (${columns.join(', ')})`} ${rows}`;
}

function writeCreateTable(node: Tree, writing: Writing): string {
  const [table] = list(node['table']);
  const elements = list(node['create_definitions']).map((value) => {
    const element = tree(value);
    if (element['resource'] === 'constraint') {
      if (element['constraint_type'] !== 'primary key') throw notUnderstood(String(element['constraint_type']), undefined);
      return `PRIMARY KEY (${list(element['definition'])
        .map((column) => name(nameText(column), writing))
        .join(', ')})`;
    }
    const nullable = isTree(element['nullable']) ? ` ${String(element['nullable']['value']).toUpperCase()}` : '';
    const key = element['primary_key'] == null ? '' : ' PRIMARY KEY';
    return `${name(nameText(element['column']), writing)} ${writeType(tree(element['definition']), writing)}${nullable}${key}`;
  });
  const guard = node['if_not_exists'] == null ? '' : 'IF NOT EXISTS ';
  return `CREATE TABLE ${guard}${writeSource(tree(table), writing)} (${elements.join(', ')})`;
}
