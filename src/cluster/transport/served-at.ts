import type { ServerAddress } from '../../base/index.ts';

/** What the JobManager tells front ends: where it serves clients. */
export interface ServedAt {
  readonly sql: ServerAddress;
  readonly http: ServerAddress;
}
