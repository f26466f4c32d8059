import type { Datum } from '../types/index.ts';

/** What one session has seen of relations by ASSERT CHANGES and ASSERT OUTPUT, which ask for what came since. */
export interface Looks {
  /** By oid: what was there at the last look. Absent: no look yet. */
  readonly contents: Map<number, SeenContent>;
  /** By oid of a sink, then by partition: the next position. */
  readonly positions: Map<number, ReadonlyMap<string, number>>;
}

export interface SeenContent {
  /** Types of the columns, as text: rows of others are no rows of this content. */
  readonly types: string;
  readonly rows: readonly (readonly (Datum | null)[])[];
}
