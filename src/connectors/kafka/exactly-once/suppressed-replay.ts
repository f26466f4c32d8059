import { SqlError, SqlState } from '../../../base/index.ts';
import type { Batch, Epoch } from '../../../batch/index.ts';
import { type Marker, sumOf, type Total, totalAt, totalOf } from './marker.ts';
import { RowTally } from './row-tally.ts';

/** Where a replay begins. */
export interface ReplayStart {
  readonly epoch: Epoch;
  /** The total there, where the checkpoint itself was made in the middle of such a replay; else the marker knows it. */
  readonly total: Pick<Total, 'rows' | 'digest'> | null;
}

/**
 * The output is ahead of the state, since an older checkpoint had to be taken: the rows between the two are made again and must be those that are out there
 * already. They are counted instead of written.
 */
export class SuppressedReplay {
  /** The last epoch that is out already. */
  readonly through: Epoch;
  readonly #sink: string;
  readonly #from: Epoch;
  readonly #begin: Pick<Total, 'rows' | 'digest'>;
  readonly #end: Total;
  readonly #tally = new RowTally();

  /** Errors: 55000 when the marker does not reach back to the checkpoint. */
  constructor(sink: string, marker: Marker, start: ReplayStart) {
    this.#sink = sink;
    this.#from = start.epoch;
    this.#end = totalOf(marker);
    this.through = this.#end.epoch;
    const begin = start.total ?? totalAt(marker, start.epoch);
    if (begin === null) throw this.#refusal('The marker in the output does not reach back so far.');
    this.#begin = begin;
  }

  /** The total after the rows so far. */
  get total(): Pick<Total, 'rows' | 'digest'> {
    return sumOf(this.#begin, this.#tally);
  }

  add(batch: Batch): void {
    this.#tally.add(batch);
  }

  /** After the last row of `through`. Errors: 55000 when the rows are not those that were written. */
  finish(): void {
    const { rows, digest } = this.total;
    if (rows === this.#end.rows && digest === this.#end.digest) return;
    const found = rows === this.#end.rows ? 'others' : String(this.#tally.rows);
    throw this.#refusal(`The output has ${this.#end.rows - this.#begin.rows} rows of the epochs between, and the inputs give ${found} now.`);
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
