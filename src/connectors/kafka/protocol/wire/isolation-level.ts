import type { IsolationLevel } from '../records/index.ts';

/** isolation_level => INT8: 0 read_uncommitted, 1 read_committed. */
export function isolationLevelByte(isolation: IsolationLevel): number {
  return isolation === 'read_committed' ? 1 : 0;
}
