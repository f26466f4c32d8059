import type { Expression } from '../../../sql/index.ts';
import { isTree, list, nameText, type Tree, tree } from '../tree.ts';

/** What binds to what in a tree of ours, as text with every parenthesis; null for what is outside the subset that all grammars share. */
export function ownShape(expression: Expression): string | null {
  switch (expression.kind) {
    case 'column-reference':
      return expression.name.map(({ text }) => text.toLowerCase()).join('.');
    case 'number-literal':
      return String(Number(expression.text));
    case 'string-literal':
      return `'${expression.value}'`;
    case 'null-literal':
      return 'NULL';
    case 'unary':
      return joined([expression.operator.symbol, ownShape(expression.operand)]);
    case 'not':
      return joined(['NOT', ownShape(expression.operand)]);
    case 'binary':
      return joined([ownShape(expression.left), expression.operator.symbol, ownShape(expression.right)]);
    case 'logical':
      return expression.operands.map(ownShape).reduce((left, right) => joined([left, expression.operator.toUpperCase(), right]));
    case 'is-test':
      return joined([ownShape(expression.operand), 'IS', expression.negated ? 'NOT' : '', expression.test.toUpperCase()]);
    case 'like':
      return joined([ownShape(expression.operand), expression.negated ? 'NOT LIKE' : 'LIKE', ownShape(expression.pattern)]);
    case 'between': {
      const bounds = [ownShape(expression.low), 'AND', ownShape(expression.high)];
      return joined([ownShape(expression.operand), expression.negated ? 'NOT BETWEEN' : 'BETWEEN', ...bounds]);
    }
    case 'in-list':
      return joined([ownShape(expression.operand), expression.negated ? 'NOT IN' : 'IN', ...expression.list.map(ownShape)]);
    default:
      return null;
  }
}

/** The same of a tree of node-sql-parser. */
export function foreignShape(value: unknown): string | null {
  const node = tree(value);
  switch (node['type']) {
    case 'column_ref':
      return [node['table'], node['column']].flatMap((part) => (part == null ? [] : [nameText(part).toLowerCase()])).join('.');
    case 'number':
      return String(node['value']);
    case 'single_quote_string':
    case 'string':
      return `'${String(node['value'])}'`;
    case 'null':
      return 'NULL';
    case 'unary_expr':
      return joined([String(node['operator']).toUpperCase(), foreignShape(node['expr'])]);
    case 'function':
      return negation(node);
    case 'binary_expr':
      return foreignBinary(node);
    case 'expr_list':
      return list(node['value']).map(foreignShape).join(' ');
    default:
      return null;
  }
}

function foreignBinary(node: Tree): string | null {
  const operator = String(node['operator']).toUpperCase();
  const right = node['right'];
  if (operator.endsWith('BETWEEN') && isTree(right)) {
    const [low, high] = list(right['value']).map(foreignShape);
    return joined([foreignShape(node['left']), operator, low ?? null, 'AND', high ?? null]);
  }
  return joined([foreignShape(node['left']), operator === '!=' ? '<>' : operator, foreignShape(right)]);
}

/** NOT (…) is a call to some of the grammars. */
function negation(node: Tree): string | null {
  const { name, schema } = tree(node['name']);
  if (nameText(list(name)[0] ?? schema).toUpperCase() !== 'NOT') return null;
  return joined(['NOT', foreignShape(node['args'])]);
}

function joined(parts: readonly (string | null)[]): string | null {
  return parts.includes(null) ? null : `(${parts.filter((part) => part !== '').join(' ')})`;
}
