import type { Json } from '../../../jobgraph/index.ts';

/** What a form of EXPLAIN has found, for people and for tools. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly json: Json;
}
