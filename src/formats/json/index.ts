/**
 * JSON objects, one a message; options and meanings are Flink's (documentation page "JSON Format").
 *
 * Not here: the scan itself (batch/kernels), JSON functions of SQL (functions/scalar/json).
 *
 * Laws
 * - Keys are matched exactly; the last of several equal keys counts; a missing key is NULL.
 * - Numbers are exact: what does not fit the column's type is a failure, never rounded silently.
 *
 * Start reading at json-decoder.ts, then json-value.ts, then json-encoder.ts.
 */
import type { FormatDefinition } from '../../spi/index.ts';
import { JsonDecoder } from './json-decoder.ts';
import { JsonEncoder } from './json-encoder.ts';
import { JSON_OPTIONS, jsonDecodeOptions, jsonEncodeOptions } from './json-options.ts';

export const json: FormatDefinition = {
  name: 'json',
  description: 'one JSON object a message',
  options: JSON_OPTIONS,
  changelogMode: 'append',
  createDecoder: (fields, options) => new JsonDecoder(fields, jsonDecodeOptions(options)),
  createEncoder: (columns, options) => new JsonEncoder(columns, jsonEncodeOptions(options)),
};
