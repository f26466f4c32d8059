import type { Expression } from '../../expr/index.ts';
import { expressionJson, type SpecCodec, SpecReader } from '../spec/index.ts';

/** A filter and a projection in one pass; output column i is `projections[i]`. */
export interface CalcSpec {
  readonly predicate: Expression | null;
  readonly projections: readonly Expression[];
}

export const calcSpecCodec: SpecCodec<CalcSpec> = {
  kind: 'calc',
  version: 1,
  encode: (spec) => ({
    predicate: spec.predicate === null ? null : expressionJson(spec.predicate),
    projections: spec.projections.map(expressionJson),
  }),
  decode: (json) => {
    const reader = new SpecReader(json);
    return { predicate: reader.nullable('predicate', reader.expression), projections: reader.expressions('projections') };
  },
};
