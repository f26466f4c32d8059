import { type SortKeySpec, type SpecCodec, SpecReader, sortKeyFromJson, sortKeyJson } from '../spec/index.ts';

/** ORDER BY … LIMIT … OFFSET over all rows (one subtask). Rows equal in the order go by canonical row encoding. `limit` null: no limit. */
export interface TopNSpec {
  readonly orderBy: readonly SortKeySpec[];
  readonly limit: number | null;
  readonly offset: number;
}

export const topNSpecCodec: SpecCodec<TopNSpec> = {
  kind: 'top-n',
  version: 1,
  encode: (spec) => ({ orderBy: spec.orderBy.map(sortKeyJson), limit: spec.limit, offset: spec.offset }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      orderBy: reader.objects('orderBy').map(sortKeyFromJson),
      limit: reader.nullable('limit', reader.integer),
      offset: reader.integer('offset'),
    };
  },
};
