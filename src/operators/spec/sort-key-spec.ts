import type { Json } from '../../jobgraph/index.ts';
import type { SpecReader } from './spec-reader.ts';

/** A column to order by. */
export interface SortKeySpec {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export function sortKeyJson(key: SortKeySpec): Json {
  return { column: key.column, descending: key.descending, nullsFirst: key.nullsFirst };
}

export function sortKeyFromJson(reader: SpecReader): SortKeySpec {
  return { column: reader.integer('column'), descending: reader.boolean('descending'), nullsFirst: reader.boolean('nullsFirst') };
}
