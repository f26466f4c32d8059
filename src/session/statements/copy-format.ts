import { SqlError, SqlState } from '../../base/index.ts';
import type { CopyStatement, WithOption } from '../../sql/index.ts';
import type { CopyFormat, ResultField } from '../contract.ts';

/** COPY's options with PostgreSQL's checks and defaults. Errors: 22023, 0A000, 42601. */
export function copyFormat(statement: CopyStatement, fields: readonly ResultField[]): CopyFormat {
  const options = new Map<string, WithOption>();
  for (const option of statement.options) {
    if (!known.includes(option.key)) {
      throw new SqlError({ code: SqlState.syntaxError, message: `option "${option.key}" not recognized`, position: option.keySpan.start });
    }
    if (options.has(option.key))
      throw new SqlError({ code: SqlState.syntaxError, message: 'conflicting or redundant options', position: option.keySpan.start });
    options.set(option.key, option);
  }
  const format = formatName(options.get('format'));
  const csv = format === 'csv';
  const text = (key: string, byDefault: string): string => options.get(key)?.value.text ?? byDefault;
  const quote = oneCharacter(options.get('quote'), 'COPY quote', text('quote', '"'));
  if (!csv) refuseCsvOnly(options);
  return {
    format,
    delimiter: oneCharacter(options.get('delimiter'), 'COPY delimiter', text('delimiter', csv ? ',' : '\t')),
    nullText: text('null', csv ? '' : '\\N'),
    header: headerOption(options.get('header'), statement),
    quote,
    escape: oneCharacter(options.get('escape'), 'COPY escape', text('escape', quote)),
    forceQuote: columnList(options.get('force_quote'), fields),
    forceNotNull: columnList(options.get('force_not_null'), fields),
    forceNull: columnList(options.get('force_null'), fields),
  };
}

const known = ['format', 'delimiter', 'null', 'header', 'quote', 'escape', 'force_quote', 'force_not_null', 'force_null', 'encoding', 'freeze'];

function formatName(option: WithOption | undefined): 'text' | 'csv' {
  const name = option?.value.text.toLowerCase() ?? 'text';
  if (name === 'text' || name === 'csv') return name;
  if (name === 'binary')
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'COPY format "binary" is not supported',
      hint: 'Use text or csv.',
      position: option!.span.start,
    });
  throw new SqlError({ code: SqlState.invalidParameterValue, message: `COPY format "${name}" not recognized`, position: option!.span.start });
}

function oneCharacter(option: WithOption | undefined, what: string, value: string): string {
  if (value.length === 1 && value !== '\n' && value !== '\r') return value;
  throw new SqlError({
    code: SqlState.featureNotSupported,
    message: `${what} must be a single one-byte character`,
    position: option?.value.span.start,
  });
}

function refuseCsvOnly(options: ReadonlyMap<string, WithOption>): void {
  for (const key of ['quote', 'escape', 'force_quote', 'force_not_null', 'force_null']) {
    const option = options.get(key);
    if (option !== undefined) {
      throw new SqlError({
        code: SqlState.featureNotSupported,
        message: `COPY ${key.toUpperCase()} requires CSV mode`,
        position: option.keySpan.start,
      });
    }
  }
}

function headerOption(option: WithOption | undefined, statement: CopyStatement): boolean | 'match' {
  if (option === undefined) return false;
  const word = option.value.text.toLowerCase();
  if (word === 'match' && statement.direction === 'from') return 'match';
  if (['true', 'on', '1', ''].includes(word)) return true;
  if (['false', 'off', '0'].includes(word)) return false;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: 'header requires a Boolean value or "match"',
    position: option.value.span.start,
  });
}

/** Positions of the columns named; `*` is all. */
function columnList(option: WithOption | undefined, fields: readonly ResultField[]): readonly number[] {
  if (option === undefined) return [];
  if (option.value.text.trim() === '*') return fields.map((_, index) => index);
  const names = option.value.text.replaceAll(/[()]/g, '').split(',');
  return names.map((name) => {
    const found = fields.findIndex((field) => field.name === name.trim().replaceAll('"', ''));
    if (found >= 0) return found;
    throw new SqlError({ code: SqlState.undefinedColumn, message: `column "${name.trim()}" does not exist`, position: option.value.span.start });
  });
}
