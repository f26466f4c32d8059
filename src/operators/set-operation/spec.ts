import { type KeyExpiry, keyExpiryFromJson, keyExpiryJson, type SpecCodec, SpecReader } from '../spec/index.ts';

/** Two inputs with the output's columns; rows are the same when all their columns are, NULLs included. */
export interface SetOperationSpec {
  readonly operator: 'intersect' | 'except';
  readonly all: boolean;
  /** Rows are forgotten by this column of theirs; null: as long as an input has them they are kept. */
  readonly expiry: KeyExpiry | null;
}

export const setOperationSpecCodec: SpecCodec<SetOperationSpec> = {
  kind: 'set-operation',
  version: 2,
  encode: (spec) => ({ operator: spec.operator, all: spec.all, expiry: keyExpiryJson(spec.expiry) }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return { operator: reader.choice('operator', ['intersect', 'except']), all: reader.boolean('all'), expiry: keyExpiryFromJson(reader, 'expiry') };
  },
};
