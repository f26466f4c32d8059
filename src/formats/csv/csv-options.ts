import { SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';

export const CSV_OPTIONS: readonly OptionDefinition[] = [
  { name: 'csv.field-delimiter', type: 'text', default: ',', description: 'One character between fields; \\t is a tab.' },
  {
    name: 'csv.quote-character',
    type: 'text',
    default: '"',
    description: 'One character around fields that hold a delimiter, a quote or a line end.',
  },
  { name: 'csv.disable-quote-character', type: 'boolean', default: 'false', description: 'Quotes are ordinary characters.' },
  { name: 'csv.escape-character', type: 'text', description: 'One character before a quote inside quotes; without it quotes are doubled.' },
  { name: 'csv.null-literal', type: 'text', description: 'The text of NULL; without it an unquoted empty field is NULL.' },
  {
    name: 'csv.ignore-parse-errors',
    type: 'boolean',
    default: 'false',
    description: 'A value of the wrong type becomes NULL and a line with too few or too many fields is left out, instead of being a bad row.',
  },
];

/** Characters as bytes; `quote` and `escapeByte` are -1 when there is none. */
export interface CsvDialect {
  readonly delimiter: number;
  readonly quote: number;
  readonly escapeByte: number;
  readonly nullLiteral: string;
  readonly ignoreParseErrors: boolean;
}

export function csvDialect(options: ReadonlyMap<string, string>): CsvDialect {
  const quoteDisabled = options.get('csv.disable-quote-character') === 'true';
  const dialect = {
    delimiter: character('csv.field-delimiter', options.get('csv.field-delimiter') ?? ','),
    quote: quoteDisabled ? -1 : character('csv.quote-character', options.get('csv.quote-character') ?? '"'),
    escapeByte: options.has('csv.escape-character') ? character('csv.escape-character', options.get('csv.escape-character')!) : -1,
    nullLiteral: options.get('csv.null-literal') ?? '',
    ignoreParseErrors: options.get('csv.ignore-parse-errors') === 'true',
  };
  if (dialect.delimiter === dialect.quote) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'options "csv.field-delimiter" and "csv.quote-character" must be different',
    });
  }
  return dialect;
}

function character(option: string, value: string): number {
  const text = value === '\\t' ? '\t' : value;
  if (text.length === 1 && text.charCodeAt(0) < 0x80 && text !== '\n' && text !== '\r') return text.charCodeAt(0);
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `option "${option}" must be a single one-byte character` });
}
