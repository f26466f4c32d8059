import type { FunctionDefinition } from '../../../expr/index.ts';
import type { Datum } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { textOf } from '../text-of.ts';

/** Words that cannot stand as an identifier without quotes (PostgreSQL, appendix C, reserved and type or function names). */
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check coalesce ' +
    'collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time ' +
    'current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze ' +
    'from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array ' +
    'json_object lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric ' +
    'offset on only or order out outer overlaps overlay placing position precision primary real references returning right row select session_user setof ' +
    'similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique user using ' +
    'values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi ' +
    'xmlroot xmlserialize xmltable'
  ).split(' '),
);

/** quote_ident, quote_literal, quote_nullable. */
export const quoteFunctions: readonly FunctionDefinition[] = [
  defineFunction<[string]>({
    signature: 'quote_ident(text) -> text',
    family: 'string',
    description: 'The string as SQL identifier, in double quotes where it needs them',
    examples: [["quote_ident('Foo bar')", '"Foo bar"']],
    evaluate: ([text]) => quoteIdentifier(text),
  }),
  defineFunction<[string]>({
    signature: 'quote_literal(text) -> text',
    family: 'string',
    description: 'The string as SQL literal',
    examples: [["quote_literal('O''Reilly')", "'O''Reilly'"]],
    evaluate: ([text]) => quoteLiteral(text),
  }),
  defineFunction<[Datum]>({
    signature: 'quote_literal(any) -> text',
    family: 'string',
    description: 'The text of any value as SQL literal',
    examples: [['quote_literal(42.5)', "'42.5'"]],
    volatility: 'stable',
    evaluate: ([value], context, types) => quoteLiteral(textOf(types[0]!, value, context)),
  }),
  defineFunction<[string | null]>({
    signature: 'quote_nullable(text) -> text',
    family: 'string',
    description: 'The string as SQL literal; NULL as the word',
    examples: [['quote_nullable(NULL)', 'NULL']],
    nullBehaviour: 'called',
    evaluate: ([text]) => (text === null ? 'NULL' : quoteLiteral(text)),
  }),
];

export function quoteIdentifier(text: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(text) && !RESERVED.has(text) ? text : `"${text.replaceAll('"', '""')}"`;
}

export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? `E${quoted}` : quoted;
}
