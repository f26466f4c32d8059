import type { SqlType } from '../../types/index.ts';
import { type SpecCodec, SpecReader, typeJson } from '../spec/index.ts';

/** Output: the first `kept` columns of the input row, the function's `columns`, and its ordinality (int8, from 1) where asked for. */
export interface TableFunctionSpec {
  /** TableFunctionDefinition signature. */
  readonly signature: string;
  /** Input columns that are the arguments. */
  readonly arguments: readonly number[];
  readonly kept: number;
  readonly columns: readonly SqlType[];
  readonly ordinality: boolean;
  /** A row for which the function gives none stays, with NULLs (LEFT JOIN). */
  readonly keepsUnmatched: boolean;
}

export const tableFunctionSpecCodec: SpecCodec<TableFunctionSpec> = {
  kind: 'table-function',
  version: 1,
  encode: (spec) => ({
    signature: spec.signature,
    arguments: spec.arguments,
    kept: spec.kept,
    columns: spec.columns.map((type) => ({ type: typeJson(type) })),
    ordinality: spec.ordinality,
    keepsUnmatched: spec.keepsUnmatched,
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return {
      signature: reader.text('signature'),
      arguments: reader.integers('arguments'),
      kept: reader.integer('kept'),
      columns: reader.objects('columns').map((entry) => entry.type('type')),
      ordinality: reader.boolean('ordinality'),
      keepsUnmatched: reader.boolean('keepsUnmatched'),
    };
  },
};
