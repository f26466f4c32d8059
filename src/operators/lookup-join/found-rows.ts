import type { SqlError } from '../../base/index.ts';
import type { Batch } from '../../batch/index.ts';

/** What the other side had for a key. Shared by all rows that have asked for the key in an epoch, and immutable. */
export interface FoundRows {
  readonly rows: Batch;
  /** Rows were found that cannot be read; then `rows` is empty. */
  readonly failure: SqlError | null;
}
