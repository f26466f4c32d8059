import type { Expression } from '../../expr/index.ts';
import { expressionJson, type SpecCodec, SpecReader } from '../spec/index.ts';

/** Columns come out as they go in. */
export interface NeededRowsSpec {
  /** False or NULL for rows that are not needed; null: all are. */
  readonly predicate: Expression | null;
  /** So many are enough, in each subtask; null: all that there are. */
  readonly enough: number | null;
}

export const neededRowsSpecCodec: SpecCodec<NeededRowsSpec> = {
  kind: 'needed-rows',
  version: 1,
  encode: ({ predicate, enough }) => ({ predicate: predicate === null ? null : expressionJson(predicate), enough }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return { predicate: reader.nullable('predicate', reader.expression), enough: reader.nullable('enough', reader.integer) };
  },
};
