import { DATABASE_OID, type SystemRow } from '../../catalog/index.ts';
import type { LockEntry, LockTarget } from './locks.ts';

/** Rows of pg_locks. Locks on relations are among writers only, in PostgreSQL's words: readers take none. */
export function* lockRows(entries: Iterable<LockEntry>): Generator<SystemRow> {
  for (const { target, processId, shared, granted } of entries) {
    // A pid of NULL is, as in PostgreSQL, nobody's session: a sink into a table.
    yield {
      ...targetColumns(target),
      database: DATABASE_OID,
      pid: processId === 0 ? null : processId,
      mode: modeOf(target, shared),
      granted,
      fastpath: false,
    };
  }
}

function targetColumns(target: LockTarget): SystemRow {
  if (target.kind === 'relation') return { locktype: 'relation', relation: target.oid };
  return { locktype: 'advisory', classid: target.classId, objid: target.objectId, objsubid: target.subId };
}

function modeOf({ kind }: LockTarget, shared: boolean): string {
  if (kind === 'advisory') return shared ? 'ShareLock' : 'ExclusiveLock';
  return shared ? 'RowExclusiveLock' : 'ShareRowExclusiveLock';
}
