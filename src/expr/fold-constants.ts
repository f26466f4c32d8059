import { SqlError } from '../base/index.ts';
import type { Expression } from './expression.ts';
import { expressionChildren, mapExpression } from './expression-children.ts';
import { isImmutable } from './fallible.ts';
import type { EvaluationContext, FunctionLookup } from './function-definition.ts';
import { compileRowInterpreter } from './interpreter.ts';

/**
 * Replaces immutable operations on literals by their value, and drops what a constant decides in AND, OR, CASE and COALESCE. An operation
 * that fails stays as it is: it may lie in a branch no row reaches, and the error belongs to the rows that do.
 */
export function foldConstants(expression: Expression, functions: FunctionLookup, context: EvaluationContext): Expression {
  return mapExpression(expression, (node) => simplify(foldNode(node, functions, context)));
}

function foldNode(node: Expression, functions: FunctionLookup, context: EvaluationContext): Expression {
  const children = expressionChildren(node);
  if (children.length === 0 && node.kind !== 'call' && node.kind !== 'construct') return node;
  if (!children.every((child) => child.kind === 'literal') || !isImmutable(node, functions)) return node;
  try {
    const value = compileRowInterpreter(node, functions)([], context);
    return { kind: 'literal', type: node.type, value, span: node.span };
  } catch (error) {
    if (error instanceof SqlError) return node;
    throw error;
  }
}

function simplify(node: Expression): Expression {
  if (node.kind === 'logical' && node.operator !== 'not') return simplifyLogical(node);
  if (node.kind === 'case') return simplifyCase(node);
  if (node.kind === 'coalesce') return simplifyCoalesce(node);
  return node;
}

/**
 * Neutral operands go; an operand that decides ends the list. Operands in front of it stay, since they are evaluated first and may
 * fail; when it is the first one, the whole is decided.
 */
function simplifyLogical(node: Extract<Expression, { kind: 'logical' }>): Expression {
  const decisive = node.operator === 'or';
  const args: Expression[] = [];
  for (const arg of node.args) {
    if (arg.kind === 'literal' && arg.value === !decisive) continue;
    args.push(arg);
    if (arg.kind === 'literal' && arg.value === decisive) break;
  }
  if (args.length === 0) return { kind: 'literal', type: node.type, value: !decisive, span: node.span };
  if (args.length === 1) return args[0]!;
  return args.length === node.args.length ? node : { ...node, args };
}

function simplifyCase(node: Extract<Expression, { kind: 'case' }>): Expression {
  const branches: { condition: Expression; result: Expression }[] = [];
  let otherwise = node.otherwise;
  for (const branch of node.branches) {
    if (branch.condition.kind === 'literal') {
      if (branch.condition.value !== true) continue;
      otherwise = branch.result;
      break;
    }
    branches.push(branch);
  }
  if (branches.length === 0) return otherwise ?? { kind: 'literal', type: node.type, value: null, span: node.span };
  return branches.length === node.branches.length ? node : { ...node, branches, otherwise };
}

function simplifyCoalesce(node: Extract<Expression, { kind: 'coalesce' }>): Expression {
  const args: Expression[] = [];
  for (const arg of node.args) {
    if (arg.kind === 'literal' && arg.value === null) continue;
    args.push(arg);
    if (arg.kind === 'literal') break;
  }
  if (args.length === 0) return { kind: 'literal', type: node.type, value: null, span: node.span };
  if (args.length === 1) return args[0]!;
  return args.length === node.args.length ? node : { ...node, args };
}
