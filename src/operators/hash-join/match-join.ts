import { type Barrier, Batch, type FixedColumn } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, Output } from '../../spi/index.ts';
import { emitInBatches, eventTimeOf } from '../shared/index.ts';
import { countForProbing, countForStored } from './count-matches.ts';
import { createJoinSide, createStoredSide, endEpochOf, keysOf } from './create-side.ts';
import { type JoinedPairs, PairMaker } from './join-pairs.ts';
import type { JoinSide } from './join-side.ts';
import { type Matches, repeatedByWeight, repeatedPairs } from './matches.ts';
import { nullColumns, ShownRows, statusByKey, statusByRow } from './shown-rows.ts';
import type { HashJoinSpec } from './spec.ts';
import { type StoredSide, splitByNullKeys } from './stored-side.ts';

type JoinType = HashJoinSpec['joinType'];

/** Which rows of an input are in the output by themselves. */
type Shown = 'none' | 'matched' | 'unmatched';

const shownBy: Readonly<Record<Exclude<JoinType, 'single'>, readonly [left: Shown, right: Shown]>> = {
  inner: ['none', 'none'],
  left: ['unmatched', 'none'],
  right: ['none', 'unmatched'],
  full: ['unmatched', 'unmatched'],
  semi: ['matched', 'none'],
  anti: ['unmatched', 'none'],
};

/**
 * Pairs are bilinear in the inputs: a row that comes is joined with what the other side holds so far, whatever the order, and pairs are emitted at
 * once; they are net only over the epoch. Rows that are in the output by themselves, because they have a match or none, follow at the barrier,
 * when that is settled; of those with NULL in the key it always is.
 */
export class MatchJoin implements Operator {
  readonly #spec: HashJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #paired: boolean;
  readonly #shown: readonly [left: Shown, right: Shown];
  readonly #sides: readonly [StoredSide, StoredSide];
  readonly #shownRows: readonly (ShownRows | null)[];
  readonly #pairs: PairMaker;
  /** Rows are only ever added to the output. */
  readonly #appendOnly: boolean;
  /** What reads the join begins anew: all rows of its sides count as of this epoch, and the pairs of those there are by its barrier come with it. */
  #toShow: boolean;
  /** No row below it will come any more. */
  #boundMicros = Number.NEGATIVE_INFINITY;
  #nowMicros: number;

  constructor(spec: HashJoinSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    // An epoch that is made again after a crash has to find the same.
    this.#nowMicros = Number(environment.startMicros);
    this.#paired = spec.joinType !== 'semi' && spec.joinType !== 'anti';
    this.#shown = shownBy[spec.joinType as keyof typeof shownBy];
    this.#appendOnly = environment.inputAppendOnly.every((appendOnly) => appendOnly) && !this.#shown.includes('unmatched');
    this.#sides = [this.#createSide(0), this.#createSide(1)];
    this.#shownRows = this.#shown.map((shown, input) => (shown === 'none' ? null : this.#createShownRows(input, shown === 'matched')));
    this.#toShow = environment.showsRestored;
    this.#pairs = new PairMaker(spec.residual, environment);
  }

  processBatch(input: number, batch: Batch, out: Output): void {
    const keys = keysOf(this.#spec, input);
    const { rows, unmatchable } = splitByNullKeys(batch, keys);
    if (unmatchable !== null && this.#shown[input] === 'unmatched') out.emit(this.#alone(input, unmatchable));
    if (rows.rowCount === 0) return;
    const own = this.#sides[input]!;
    const counted = this.#countsMatches(input) ? (own as JoinSide).applyUncounted(rows) : null;
    if (this.#toShow ? this.#countsMatches(0) || this.#countsMatches(1) : this.#looksForPairs) {
      const other = this.#sides[1 - input]!;
      this.#pair(input, rows, (pairs, matches) => {
        if (counted !== null) countForProbing(own as JoinSide, { ...counted, rows, matches, pairs });
        if (this.#countsMatches(1 - input)) countForStored(other as JoinSide, { rows, matches, pairs });
        if (this.#paired && !this.#toShow) out.emit(pairs.joined);
      });
    }
    if (counted === null) own.apply(rows);
  }

  processWatermark(micros: bigint): void {
    this.#boundMicros = Math.max(this.#boundMicros, Number(micros - this.#spec.latenessMicros));
  }

  processBarrier(barrier: Barrier, out: Output): void {
    if (this.#toShow) {
      this.#toShow = false;
      // Where no pairs are shown they have to be tested all the same: those that fail are reported again.
      if (this.#looksForPairs) this.#pair(0, this.#sides[0].present(), ({ joined }) => this.#paired && out.emit(joined));
    }
    for (const [input, shown] of this.#shownRows.entries()) {
      const changes = shown?.changes() ?? null;
      if (changes === null) continue;
      const alone = this.#alone(input, changes);
      emitInBatches(this.#appendOnly ? repeatedByWeight(alone) : alone, this.#environment.batchRows, out);
    }
    endEpochOf(this.#sides);
    if (barrier.rowsFollow === true) return;
    if (!barrier.last) this.#nowMicros = Math.max(this.#nowMicros, Number(barrier.timestampMicros));
    for (const [input, side] of this.#sides.entries()) {
      side.expire(this.#spec.expiry[input]?.clock === 'epoch' ? this.#nowMicros : this.#boundMicros);
    }
  }

  /**
   * What rows of an input find of the other one, where that goes by the time of epochs. By their own time where they have it: so a row finds the same however many
   * of the older ones are still kept, after a restart too.
   */
  #since(input: number, { columns }: Batch): ((row: number) => number) | undefined {
    const other = this.#spec.expiry[1 - input]!;
    if (other?.clock !== 'epoch') return undefined;
    const own = this.#spec.expiry[input]!;
    const nowMicros = this.#nowMicros;
    if (own?.clock !== 'epoch') return () => nowMicros - other.slackMicros;
    const times = columns[own.column] as FixedColumn;
    return (row) => eventTimeOf(times, row) - other.slackMicros;
  }

  /** Pairs of rows of an input with what the other one holds. */
  #pair(input: number, rows: Batch, take: (pairs: JoinedPairs, matches: Matches) => void): void {
    const other = this.#sides[1 - input]!;
    // Rows that are only added carry no weights: one that is there twice comes twice.
    const repeated = this.#appendOnly && this.#paired;
    other.probe(rows, { keys: keysOf(this.#spec, input), since: this.#since(input, rows) }, this.#environment.batchRows, (found) => {
      const matches = repeated ? repeatedPairs(found) : found;
      const pairs = this.#pairs.make({ rows, matches, other, input }, { weighted: !repeated, silent: this.#toShow });
      if (pairs !== null) take(pairs, matches);
    });
  }

  get #looksForPairs(): boolean {
    return this.#paired || this.#spec.residual !== null;
  }

  /** With a residual every row that is shown by itself has its own number of matches. */
  #countsMatches(input: number): boolean {
    return this.#spec.residual !== null && this.#shown[input] !== 'none';
  }

  #createSide(input: number): StoredSide {
    const totals = this.#spec.residual === null && this.#shown[1 - input] !== 'none';
    // Without residual the right rows of a semi or anti join are their keys, of which equal ones count as one row.
    if (this.#shown[input] === 'none' && (this.#paired || this.#spec.residual !== null)) {
      return createStoredSide(this.#spec, input, { totals }, this.#environment);
    }
    return createJoinSide(this.#spec, input, { totals, matches: this.#countsMatches(input) }, this.#environment);
  }

  #createShownRows(input: number, matched: boolean): ShownRows {
    const own = this.#sides[input] as JoinSide;
    const status = this.#spec.residual === null ? statusByKey(own, this.#sides[1 - input]!.totals!) : statusByRow(own);
    return new ShownRows(own, status, matched);
  }

  /** Rows of an input as rows of the output. */
  #alone(input: number, { rowCount, columns, weights }: Batch): Batch {
    if (!this.#paired) return new Batch(rowCount, columns, weights);
    const types = this.#environment.inputColumns[1 - input]!.map((column) => column.type);
    const nulls = nullColumns(types, rowCount);
    return new Batch(rowCount, input === 0 ? [...columns, ...nulls] : [...nulls, ...columns], weights);
  }
}
