import { SqlError, SqlState } from '../../../base/index.ts';
import type { Batch, Epoch } from '../../../batch/index.ts';
import { type Marker, since, type Total, totalOf } from './marker.ts';
import { RowTally } from './row-tally.ts';

/**
 * The output is ahead of the state, since an older checkpoint had to be taken: the rows between the two are made again and must be those that are out there
 * already. They are counted instead of written.
 */
export class SuppressedReplay {
  /** The last epoch that is out already. */
  readonly through: Epoch;
  readonly #sink: string;
  readonly #from: Epoch;
  readonly #expected: Pick<Total, 'rows' | 'digest'>;
  readonly #tally = new RowTally();

  /** Errors: 55000 when the marker does not reach back to the checkpoint. */
  constructor(sink: string, marker: Marker, from: Epoch) {
    this.#sink = sink;
    this.#from = from;
    this.through = totalOf(marker).epoch;
    const expected = since(marker, from);
    if (expected === null) throw this.#refusal('The marker in the output does not reach back so far.');
    this.#expected = expected;
  }

  add(batch: Batch): void {
    this.#tally.add(batch);
  }

  /** After the last row of `through`. Errors: 55000 when the rows are not those that were written. */
  finish(): void {
    const { rows, digest } = this.#tally;
    if (rows === this.#expected.rows && digest === this.#expected.digest) return;
    const difference = rows === this.#expected.rows ? 'other rows' : `${rows} rows`;
    throw this.#refusal(`The output has ${this.#expected.rows} rows of these epochs, and the inputs gave ${difference} now.`);
  }

  #refusal(detail: string): SqlError {
    return new SqlError({
      code: SqlState.objectNotInPrerequisiteState,
      message: `sink "${this.#sink}" has written up to epoch ${this.through}, and its state is of epoch ${this.#from}`,
      detail,
      hint: 'Start from a newer copy of the data directory, or DROP the sink and CREATE it again: a new sink writes everything from its start.',
      class: 'user',
    });
  }
}
