/**
 * One CSV record a message; options and meanings are Flink's (documentation page "CSV Format"), NULL as PostgreSQL's COPY has it: an
 * unquoted empty field, or the null literal when one is set. Columns are matched by position. A header line is the connector's business.
 *
 * Start reading at csv-decoder.ts.
 */
import type { FormatDefinition } from '../../spi/index.ts';
import { CsvDecoder } from './csv-decoder.ts';
import { CsvEncoder } from './csv-encoder.ts';
import { CSV_OPTIONS, csvDialect } from './csv-options.ts';

export const csv: FormatDefinition = {
  name: 'csv',
  description: 'one line of separated values a message',
  options: CSV_OPTIONS,
  changelogMode: 'append',
  createDecoder: (fields, options) => new CsvDecoder(fields, csvDialect(options)),
  createEncoder: (columns, options) => new CsvEncoder(columns, csvDialect(options)),
};
