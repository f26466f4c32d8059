import type { Json } from '../../jobgraph/index.ts';
import type { SpecReader } from './spec-reader.ts';

/** The field of a spec that says how long what is not touched is kept. Left out without one: operators are found by their parameters. */
export function stateTtlJson(stateTtlMs: number | null | undefined): { readonly stateTtlMs?: Json } {
  return stateTtlMs == null ? {} : { stateTtlMs };
}

export function stateTtlFromJson(reader: SpecReader): number | null {
  return reader.nullable('stateTtlMs', reader.integer);
}
