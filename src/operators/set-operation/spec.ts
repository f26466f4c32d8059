import { type SpecCodec, SpecReader } from '../spec/index.ts';

/** Two inputs with the output's columns; rows are the same when all their columns are, NULLs included. */
export interface SetOperationSpec {
  readonly operator: 'intersect' | 'except';
  readonly all: boolean;
}

export const setOperationSpecCodec: SpecCodec<SetOperationSpec> = {
  kind: 'set-operation',
  version: 1,
  encode: (spec) => ({ operator: spec.operator, all: spec.all }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return { operator: reader.choice('operator', ['intersect', 'except']), all: reader.boolean('all') };
  },
};
