import { int4Type, int8Type, type SqlType } from '../types/index.ts';

/** What ksqlDB calls the pseudo columns of a stream. */
export type ArrivalName = 'rowtime' | 'rowpartition' | 'rowoffset';

/** A column that nobody declared and no star shows: metadata of the message, which a source makes when a field of that position is asked for. */
export interface ImpliedColumn {
  readonly name: ArrivalName;
  /** The connector's name for it. */
  readonly key: 'timestamp' | 'partition' | 'offset';
  readonly type: SqlType;
  /** What stands in a path where declared columns have their position; no column that is added later gets it. */
  readonly position: number;
}

/** Positions lie beyond any real column count. */
const IMPLIED_BASE = 1_000_000;

export const impliedColumns: readonly ImpliedColumn[] = [
  { name: 'rowtime', key: 'timestamp', type: { kind: 'timestamptz', precision: 3 }, position: IMPLIED_BASE },
  { name: 'rowpartition', key: 'partition', type: int4Type, position: IMPLIED_BASE + 1 },
  { name: 'rowoffset', key: 'offset', type: int8Type, position: IMPLIED_BASE + 2 },
];

/** The implied column of a position in a path; null where a declared one stands. */
export function impliedColumnAt(position: number): ImpliedColumn | null {
  return impliedColumns[position - IMPLIED_BASE] ?? null;
}
