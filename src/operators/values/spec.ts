import { datumFromJson, datumToJson, type ExpressionJson } from '../../expr/index.ts';
import type { Json } from '../../jobgraph/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { type SpecCodec, SpecReader, typeJson } from '../spec/index.ts';

/** Constant rows, a bounded source read by one subtask. */
export interface ValuesSpec {
  readonly types: readonly SqlType[];
  readonly rows: readonly (readonly (Datum | null)[])[];
}

export const valuesSpecCodec: SpecCodec<ValuesSpec> = {
  kind: 'values',
  version: 1,
  encode: (spec) => ({
    types: spec.types.map((type) => ({ type: typeJson(type) })),
    rows: spec.rows.map((row) => row.map((value) => datumToJson(value) as Json)),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      types: reader.objects('types').map((entry) => entry.type('type')),
      rows: reader.list('rows').map((row) => (row as readonly ExpressionJson[]).map(datumFromJson)),
    };
  },
};
