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

/** Functions whose name means something else in a dialect; arguments come as SQL text. NULL: with these arguments it means the same. */
const dialectCalls: Readonly<Record<string, Readonly<Record<string, (...args: string[]) => string | null>>>> = {
  flink: {
    to_timestamp: (text, pattern) => (pattern === undefined ? null : `parse_timestamp(${text}, ${pattern})`),
    to_date: (text, pattern) => (pattern === undefined ? null : `parse_date(${text}, ${pattern})`),
  },
  ksqldb: {
    regexp_extract: (pattern, text, ...group) => `pg_catalog.regexp_extract(${[text, pattern, ...group].join(', ')})`,
    regexp_extract_all: (pattern, text, ...group) => `pg_catalog.regexp_extract_all(${[text, pattern, ...group].join(', ')})`,
    from_unixtime: (millis) => `to_timestamp_ltz(${millis}, 3)`,
    unix_timestamp: (value = 'now()') => `CAST(floor(extract(epoch FROM ${value}) * 1000) AS int8)`,
  },
};

/** Functions whose first argument is a unit, written as a word. */
const unitCalls: ReadonlySet<string> = new Set([...['timestampadd', 'timestampsub', 'timestampdiff', 'dateadd', 'datesub', 'timeadd', 'timesub']]);

const units = /^(?:microsecond|millisecond|second|minute|hour|day|week|month|quarter|year|decade|century)s?$/i;

const mentioned = new RegExp(
  `\\b(${[...Object.keys(calls), ...Object.values(dialectCalls).flatMap(Object.keys), ...unitCalls].join('|')})\\s*\\(`,
  'i',
);

interface Site {
  readonly dialect: string;
  readonly exists: (name: string) => boolean;
}

/**
 * The statement with functions of other systems replaced by what they are here. `exists`: whether there is a function of the name, which then
 * stands, but for names that mean something else in the dialect.
 */
export function withoutForeignCalls(parsed: ParsedStatement, site: Site): ParsedStatement {
  if (!mentioned.test(parsed.text)) return parsed;
  return { ...parsed, statement: replacedAt(parsed.statement, site) as ParsedStatement['statement'] };
}

function replacedAt(node: unknown, site: Site): unknown {
  if (Array.isArray(node)) return node.map((item) => replacedAt(item, site));
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([property, value]) => [property, property === 'span' ? value : replacedAt(value, site)]);
  const copy = Object.fromEntries(entries) as AstNode;
  return copy.kind === 'function-call' ? (ownCall(copy as FunctionCall, site) ?? copy) : copy;
}

function ownCall(call: FunctionCall, site: Site): Expression | null {
  const name = foldIdentifier(call.name.parts.at(-1)!).toLowerCase();
  const plain = !call.star && !call.distinct && call.over === null && call.filter === null && call.name.parts.length === 1;
  if (!plain) return null;
  if (unitCalls.has(name)) return withUnit(call);
  const args = call.arguments.map((argument) => printExpression(argument.value));
  const text = inWords(name, args, site);
  return text === null ? null : (placedAt(parseExpression(text), call.span) as Expression);
}

function inWords(name: string, args: readonly string[], site: Site): string | null {
  const own = Object.hasOwn(dialectCalls, site.dialect) ? dialectCalls[site.dialect]! : {};
  if (Object.hasOwn(own, name)) return own[name]!(...args);
  if (!Object.hasOwn(calls, name) || args.length === 0 || args.length > 2 || site.exists(name)) return null;
  return calls[name]!(args[0]!, args[1]);
}

/** A word in the place of the unit is one, not a column. */
function withUnit(call: FunctionCall): FunctionCall | null {
  const [first, ...others] = call.arguments;
  if (first?.value.kind !== 'column-reference' || first.value.name.length !== 1) return null;
  const { text, quoted } = first.value.name[0]!;
  if (quoted || !units.test(text)) return null;
  return { ...call, arguments: [{ ...first, value: { kind: 'string-literal', value: text.toLowerCase(), span: first.span } }, ...others] };
}
