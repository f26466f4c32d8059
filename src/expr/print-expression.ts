import { unreachable } from '../base/index.ts';
import { type Datum, formatDatum, formatType, type SqlType } from '../types/index.ts';
import type { Expression } from './expression.ts';

/** A bound expression as SQL-like text, for EXPLAIN and for messages. `columnNames` are those of the input row. */
export function printBoundExpression(expression: Expression, columnNames: readonly string[]): string {
  const print = (node: Expression): string => printBoundExpression(node, columnNames);
  const operand = (node: Expression): string => (isCompound(node) ? `(${print(node)})` : print(node));
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression.value, expression.type);
    case 'column':
      return columnNames[expression.index] ?? expression.name;
    case 'call':
      return printCall(expression, print, operand);
    case 'lambda-call': {
      const captured = expression.captured.map(print);
      const lambdas = expression.lambdas.map(({ parameters, body }) => {
        const list = parameters.length === 1 ? parameters[0]! : `(${parameters.join(', ')})`;
        return `${list} => ${printBoundExpression(body, [...parameters, ...captured])}`;
      });
      return `${/^[^\s(]+/.exec(expression.signature)![0]}(${[...expression.args.map(print), ...lambdas].join(', ')})`;
    }
    case 'cast': {
      const name = expression.mode === 'try' ? 'TRY_CAST' : 'CAST';
      if (expression.mode === 'explicit') return `${operand(expression.input)}::${formatType(expression.type)}`;
      // Casts the binder put in by itself are not what the user wrote; text shows the value converted only where it matters.
      if (expression.mode === 'try') return `${name}(${print(expression.input)} AS ${formatType(expression.type)})`;
      return print(expression.input);
    }
    case 'logical':
      if (expression.operator === 'not') return `NOT ${operand(expression.args[0]!)}`;
      return expression.args.map(operand).join(expression.operator === 'and' ? ' AND ' : ' OR ');
    case 'is-null':
      return `${operand(expression.input)} IS ${expression.negated ? 'NOT NULL' : 'NULL'}`;
    case 'case': {
      const branches = expression.branches.map((branch) => `WHEN ${print(branch.condition)} THEN ${print(branch.result)}`).join(' ');
      return `CASE ${branches}${expression.otherwise ? ` ELSE ${print(expression.otherwise)}` : ''} END`;
    }
    case 'coalesce':
      return `COALESCE(${expression.args.map(print).join(', ')})`;
    case 'in-list':
      return `${operand(expression.input)} ${expression.negated ? 'NOT IN' : 'IN'} (${expression.items.map(print).join(', ')})`;
    case 'construct': {
      const members = expression.args.map(print).join(', ');
      if (expression.type.kind === 'row') return `ROW(${members})`;
      return `${expression.type.kind.toUpperCase()}[${members}]`;
    }
    case 'field': {
      const type = expression.input.type;
      const name = type.kind === 'row' ? type.fields[expression.index]!.name : String(expression.index + 1);
      return `${operand(expression.input)}.${name}`;
    }
    case 'parameter':
      return `$${expression.index + 1}`;
    case 'outer-column':
      return expression.name;
    case 'subquery':
      return `${printInputs(expression.inputs, operand)}${expression.negated ? 'NOT ' : ''}${expression.form.toUpperCase()}(subquery)`;
    default:
      return unreachable(expression);
  }
}

/** What is compared with a subquery's rows, in front of it. */
function printInputs(inputs: readonly Expression[], operand: (node: Expression) => string): string {
  if (inputs.length === 0) return '';
  return inputs.length === 1 ? `${operand(inputs[0]!)} ` : `(${inputs.map(operand).join(', ')}) `;
}

/** An operator's signature is `type op type -> type` or `op type -> type`; a function's has its arguments in parentheses. */
function printCall(
  expression: Extract<Expression, { kind: 'call' }>,
  print: (node: Expression) => string,
  operand: (node: Expression) => string,
): string {
  const binary = /^\S+ (\S+) \S+ -> /.exec(expression.signature);
  if (binary && !expression.signature.includes('(') && expression.args.length === 2) {
    return `${operand(expression.args[0]!)} ${binary[1]!} ${operand(expression.args[1]!)}`;
  }
  const prefix = /^([^\w\s(]+) ?\S+ -> /.exec(expression.signature);
  if (prefix && expression.args.length === 1) return `${prefix[1]!}${operand(expression.args[0]!)}`;
  const name = /^[^\s(]+/.exec(expression.signature)![0];
  return `${name}(${expression.args.map(print).join(', ')})`;
}

function isCompound(node: Expression): boolean {
  if (node.kind === 'cast' && (node.mode === 'implicit' || node.mode === 'assignment')) return isCompound(node.input);
  if (node.kind === 'call') return !/^\w+\(/.test(node.signature);
  return node.kind === 'logical' || node.kind === 'is-null' || node.kind === 'in-list';
}

function printLiteral(value: Datum | null, type: SqlType): string {
  if (value === null) return 'NULL';
  switch (type.kind) {
    case 'bool':
      return value === true ? 'TRUE' : 'FALSE';
    case 'int2':
    case 'int4':
    case 'int8':
    case 'float4':
    case 'float8':
    case 'numeric':
    case 'oid':
      return formatDatum(type, value);
    case 'text':
    case 'varchar':
    case 'char':
    case 'unknown':
    case 'name':
      return quote(formatDatum(type, value));
    default:
      return `${formatType(type).toUpperCase()} ${quote(formatDatum(type, value))}`;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
