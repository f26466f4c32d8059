import { toSqlError } from '../../base/index.ts';
import { BatchBuilder, readDatum } from '../../batch/index.ts';
import type { Accumulator, ReferenceAggregate } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';

/** Rows collected before they are handed to the accumulator. */
const ROWS_MAX = 1024;
const ONLY_GROUP = Int32Array.of(0);

/**
 * An accumulator used for one group, a value at a time. The batch executor computes an aggregate from nothing over the whole
 * multiset, a view by its changes; PostgreSQL is the judge of both.
 */
export class SingleGroupAggregate implements ReferenceAggregate {
  readonly #accumulator: Accumulator;
  readonly #rows: BatchBuilder;

  constructor(accumulator: Accumulator, argumentTypes: readonly SqlType[]) {
    this.#accumulator = accumulator;
    accumulator.ensureCapacity(1);
    this.#rows = new BatchBuilder(argumentTypes, 64);
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    this.#rows.appendRow(args, weight);
    if (this.#rows.rowCount >= ROWS_MAX) this.#flush();
  }

  /** Errors as the aggregate's own (overflow). */
  result(): Datum | null {
    this.#flush();
    let failure: unknown = null;
    const column = this.#accumulator.result(ONLY_GROUP, 1, (_position, error) => {
      failure = error;
    });
    if (failure !== null) throw toSqlError(failure);
    return readDatum(column, 0);
  }

  #flush(): void {
    const batch = this.#rows.finish();
    if (batch.rowCount === 0) return;
    const groups = new Int32Array(batch.rowCount);
    this.#accumulator.update({ rowCount: batch.rowCount, groups, args: batch.columns, weights: batch.weights });
  }
}
