import {
  type AstNode,
  type Expression,
  type FunctionCall,
  foldIdentifier,
  type ParsedStatement,
  parseExpression,
  printExpression,
} from '../../sql/index.ts';
import { placedAt } from './placed-at.ts';

/** ksqlDB's functions in PostgreSQL's words; arguments come as SQL text. */
const calls: Readonly<Record<string, (first: string, second: string | undefined) => string>> = {
  as_value: (value) => value,
  ucase: (text) => `upper(${text})`,
  lcase: (text) => `lower(${text})`,
  len: (text) => `length(${text})`,
  explode: (array) => `unnest(${array})`,
  collect_list: (value) => `array_agg(${value})`,
  collect_set: (value) => `array_agg(DISTINCT ${value})`,
  topk: (value, count = '1') => `(array_agg(${value} ORDER BY ${value} DESC) FILTER (WHERE ${value} IS NOT NULL))[1:${count}]`,
  topkdistinct: (value, count = '1') => `(array_agg(DISTINCT ${value} ORDER BY ${value} DESC) FILTER (WHERE ${value} IS NOT NULL))[1:${count}]`,
};

const mentioned = new RegExp(`\\b(${Object.keys(calls).join('|')})\\s*\\(`, 'i');

/** The statement with ksqlDB's functions replaced by what they are here. `exists`: whether there is a function of the name, which then stands. */
export function withoutForeignCalls(parsed: ParsedStatement, exists: (name: string) => boolean): ParsedStatement {
  if (!mentioned.test(parsed.text)) return parsed;
  return { ...parsed, statement: replacedAt(parsed.statement, exists) as ParsedStatement['statement'] };
}

function replacedAt(node: unknown, exists: (name: string) => boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => replacedAt(item, exists));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([property, value]) => [property, property === 'span' ? value : replacedAt(value, exists)]);
  const copy = Object.fromEntries(entries) as AstNode;
  return copy.kind === 'function-call' ? (ownCall(copy as FunctionCall, exists) ?? copy) : copy;
}

function ownCall(call: FunctionCall, exists: (name: string) => boolean): Expression | null {
  const name = foldIdentifier(call.name.parts.at(-1)!).toLowerCase();
  const build = Object.hasOwn(calls, name) ? calls[name] : undefined;
  const plain = !call.star && !call.distinct && call.over === null && call.filter === null && call.arguments.length > 0 && call.arguments.length <= 2;
  if (build === undefined || !plain || call.name.parts.length > 1 || exists(name)) return null;
  const [first, second] = call.arguments.map((argument) => printExpression(argument.value));
  return placedAt(parseExpression(build(first!, second)), call.span) as Expression;
}
