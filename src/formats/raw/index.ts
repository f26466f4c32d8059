/**
 * The whole message as the value of the one column, text or bytea (Flink's "Raw Format" for these types); other types through their
 * PostgreSQL text form.
 */
import { SqlError, SqlState } from '../../base/index.ts';
import type { EdgeColumn } from '../../jobgraph/index.ts';
import type { DecodeField, FormatDefinition } from '../../spi/index.ts';
import { RawDecoder } from './raw-decoder.ts';
import { RawEncoder } from './raw-encoder.ts';

export const raw: FormatDefinition = {
  name: 'raw',
  description: 'the message as it is, in one column',
  options: [],
  changelogMode: 'append',
  createDecoder: (fields) => {
    checkOneColumn(fields);
    return new RawDecoder(fields[0]!);
  },
  createEncoder: (columns) => {
    checkOneColumn(columns);
    return new RawEncoder();
  },
};

function checkOneColumn(columns: readonly (EdgeColumn | DecodeField)[]): void {
  if (columns.length === 1) return;
  throw new SqlError({
    code: SqlState.invalidParameterValue,
    message: `format "raw" needs exactly one column, not ${columns.length}`,
    hint: 'Metadata and computed columns do not count.',
  });
}
