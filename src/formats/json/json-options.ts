import { SqlError, SqlState } from '../../base/index.ts';
import type { OptionDefinition } from '../../spi/index.ts';

/** Options of the format, with Flink's names and meanings. */
export const JSON_OPTIONS: readonly OptionDefinition[] = [
  {
    name: 'json.fail-on-missing-field',
    type: 'boolean',
    default: 'false',
    description: 'A message without one of the declared keys is a bad row; by default the column is NULL.',
  },
  {
    name: 'json.ignore-parse-errors',
    type: 'boolean',
    default: 'false',
    description: 'A value of the wrong type becomes NULL and a message that is not JSON is left out, instead of being a bad row.',
  },
  {
    name: 'json.timestamp-format.standard',
    type: 'choice',
    choices: ['SQL', 'ISO-8601'],
    default: 'SQL',
    description: 'How timestamps are written: 2024-01-31 10:11:12.5 or 2024-01-31T10:11:12.5. Both are read, and numbers as milliseconds since 1970.',
  },
  {
    name: 'json.encode.decimal-as-plain-number',
    type: 'boolean',
    default: 'true',
    description: 'Numerics are written with all their digits and never with an exponent. Only true is supported.',
  },
  {
    name: 'json.encode.ignore-null-fields',
    type: 'boolean',
    default: 'false',
    description: 'Leave keys of NULL columns out instead of writing null.',
  },
];

export interface JsonDecodeOptions {
  readonly failOnMissingField: boolean;
  readonly ignoreParseErrors: boolean;
}

export interface JsonEncodeOptions {
  readonly isoTimestamps: boolean;
  readonly ignoreNullFields: boolean;
}

export function jsonDecodeOptions(options: ReadonlyMap<string, string>): JsonDecodeOptions {
  const failOnMissingField = options.get('json.fail-on-missing-field') === 'true';
  const ignoreParseErrors = options.get('json.ignore-parse-errors') === 'true';
  if (failOnMissingField && ignoreParseErrors) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'options "json.fail-on-missing-field" and "json.ignore-parse-errors" cannot both be true',
    });
  }
  return { failOnMissingField, ignoreParseErrors };
}

export function jsonEncodeOptions(options: ReadonlyMap<string, string>): JsonEncodeOptions {
  return {
    isoTimestamps: options.get('json.timestamp-format.standard')?.toUpperCase() === 'ISO-8601',
    ignoreNullFields: options.get('json.encode.ignore-null-fields') === 'true',
  };
}
