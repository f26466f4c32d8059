import { type Batch, readDatum } from '../../batch/index.ts';
import { formatDatum } from '../../types/index.ts';

/** Characters of one value shown; a whole document would drown the message. */
const VALUE_CHARACTERS_MAX = 200;

/** A row as `(1, abc, NULL)`, for people who look for the row that failed. */
export function rowText(batch: Batch, row: number): string {
  const values = batch.columns.map((column) => {
    const value = readDatum(column, row);
    if (value === null) return 'NULL';
    const text = formatDatum(column.type, value);
    return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
  });
  return `(${values.join(', ')})`;
}
