import { SqlError, SqlState } from '../../../base/index.ts';
import type { EvaluationContext, FunctionDefinition } from '../../../expr/index.ts';
import type { Datum, SqlType } from '../../../types/index.ts';
import { formatDatum } from '../../../types/index.ts';
import { defineFunction } from '../define-function.ts';
import { formatOptions, textOf } from '../text-of.ts';
import { quoteIdentifier, quoteLiteral } from './quote.ts';

/** concat, concat_ws and format: texts of any values. Booleans print as t and f here, as PostgreSQL's output functions do. */
export const concatFunctions: readonly FunctionDefinition[] = [
  defineFunction<(Datum | null)[]>({
    signature: 'concat(variadic any) -> text',
    family: 'string',
    description: 'Joins the texts of all arguments; NULLs are ignored',
    examples: [["concat('abcde', 2, NULL, 22)", 'abcde222']],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: (args, context, types) => texts(args, context, types).join(''),
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'concat_ws(text, variadic any) -> text',
    family: 'string',
    description: 'Joins the texts of all arguments but the first, which separates them; NULLs are ignored',
    examples: [["concat_ws(',', 'abcde', 2, NULL, 22)", 'abcde,2,22']],
    volatility: 'stable',
    nullBehaviour: 'called',
    evaluate: ([separator, ...args], context, types) => (separator === null ? null : texts(args, context, types.slice(1)).join(separator as string)),
  }),
  defineFunction<(Datum | null)[]>({
    signature: 'format(text, variadic any) -> text',
    family: 'string',
    description: 'Fills %s (text), %I (identifier) and %L (literal) of a template; %n$s takes the n-th argument, %% is a percent sign',
    examples: [
      ["format('Hello %s, %1$s', 'World')", 'Hello World, World'],
      ["format('INSERT INTO %I VALUES(%L)', 'Foo bar', 'O''Reilly')", `INSERT INTO "Foo bar" VALUES('O''Reilly')`],
    ],
    volatility: 'stable',
    nullBehaviour: 'called',
    fallible: true,
    evaluate: ([template, ...args], context, types) =>
      template === null
        ? null
        : fill(
            template as string,
            args.map((arg, index) => (arg === null ? null : plainText(types[index + 1]!, arg, context))),
          ),
  }),
];

function texts(args: readonly (Datum | null)[], context: EvaluationContext, types: readonly SqlType[]): string[] {
  return args.flatMap((arg, index) => (arg === null ? [] : [plainText(types[index]!, arg, context)]));
}

function plainText(type: SqlType, value: Datum, context: EvaluationContext): string {
  return type.kind === 'bool' ? formatDatum(type, value, formatOptions(context)) : textOf(type, value, context);
}

function fill(template: string, args: readonly (string | null)[]): string {
  let next = 0;
  return template.replace(/%(?:(%)|(\d+\$)?(-)?(\*|\d+)?([A-Za-z])|([\s\S]?))/g, (_whole, percent, position, minus, width, conversion) => {
    if (percent !== undefined) return '%';
    if (conversion === undefined) throw formatError('unterminated format() type specifier', 'For a single "%" use "%%".');
    let columns = 0;
    if (width === '*') columns = Number(args[next++] ?? 0);
    else if (width !== undefined) columns = Number(width);
    const index = position === undefined ? next : Number.parseInt(position as string, 10) - 1;
    if (position !== undefined && index < 0) throw formatError('format specifies argument 0, but arguments are numbered from 1');
    if (index >= args.length) throw formatError('too few arguments for format()');
    next = index + 1;
    const text = converted(conversion as string, args[index]!);
    return minus !== undefined || columns < 0 ? text.padEnd(Math.abs(columns)) : text.padStart(columns);
  });
}

function converted(conversion: string, value: string | null): string {
  switch (conversion) {
    case 's':
      return value ?? '';
    case 'I':
      if (value === null) throw new SqlError({ code: SqlState.nullValueNotAllowed, message: 'null values cannot be formatted as an SQL identifier' });
      return quoteIdentifier(value);
    case 'L':
      return value === null ? 'NULL' : quoteLiteral(value);
    default:
      throw formatError(`unrecognized format() type specifier "${conversion}"`, 'For a single "%" use "%%".');
  }
}

function formatError(message: string, hint?: string): SqlError {
  return new SqlError({ code: SqlState.invalidParameterValue, message, hint });
}
