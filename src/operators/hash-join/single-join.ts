import { type Barrier, Batch, gatherBatch } from '../../batch/index.ts';
import { severalRowsError } from '../../expr/index.ts';
import type { Operator, OperatorEnvironment, Output } from '../../spi/index.ts';
import { emitInBatches, rowText } from '../shared/index.ts';
import { countForProbing, countForStored } from './count-matches.ts';
import { createJoinSide, createStoredSide, endEpochOf } from './create-side.ts';
import { type Candidates, type JoinedPairs, PairMaker } from './join-pairs.ts';
import type { JoinSide } from './join-side.ts';
import { nullColumns } from './shown-rows.ts';
import type { HashJoinSpec } from './spec.ts';
import { type StoredSide, splitByNullKeys } from './stored-side.ts';

/** Pairs of the epoch that wait for the number of their left row's matches. */
interface Held {
  readonly joined: Batch;
  readonly leftSlots: Int32Array;
}

/**
 * Left join in which a left row with more than one match is an error of that row (21000). How many there are is settled at the barrier only, so pairs
 * wait for it. A row that was and is without error passes on its pairs' change as it is; one that changes between the two is looked up again.
 */
export class SingleJoin implements Operator {
  readonly #spec: HashJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #left: JoinSide;
  readonly #right: StoredSide;
  readonly #pairs: PairMaker;
  #held: Held[] = [];
  /** What reads the join begins anew: all rows count as of this epoch, and their pairs are looked up at its barrier. */
  #toShow: boolean;

  constructor(spec: HashJoinSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#left = createJoinSide(spec, 0, { totals: false, matches: true }, environment);
    this.#right = createStoredSide(spec, 1, { totals: false }, environment);
    this.#pairs = new PairMaker(spec.residual, environment);
    this.#toShow = environment.showsRestored;
  }

  processBatch(input: number, batch: Batch, out: Output): void {
    const { rows, unmatchable } = splitByNullKeys(batch, input === 0 ? this.#spec.leftKeys : this.#spec.rightKeys);
    if (unmatchable !== null && input === 0) out.emit(this.#alone(unmatchable));
    if (rows.rowCount === 0) return;
    if (input === 0) this.#addLeft(rows);
    else this.#addRight(rows);
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    if (this.#toShow) this.#holdAll();
    const slots = this.#left.touchedSlots();
    if (slots.length > 0) {
      for (const { joined, leftSlots } of this.#held) this.#emitSelected(joined, (row) => !this.#failedBefore(leftSlots[row]!), out);
      this.#lookUpAgain(slots, out);
      this.#emitAlone(slots, out);
      this.#reportErrors(slots);
    }
    this.#held = [];
    endEpochOf([this.#left, this.#right]);
  }

  #holdAll(): void {
    this.#toShow = false;
    const slots = this.#left.presentSlots();
    const rows = this.#left.present();
    this.#right.probe(rows, { keys: this.#spec.leftKeys }, this.#environment.batchRows, (matches) => {
      const pairs = this.#make({ rows, matches, other: this.#right, input: 0 });
      if (pairs !== null) this.#hold(pairs, (pair) => slots[matches.rows[pair]!]!);
    });
  }

  #addLeft(rows: Batch): void {
    const { slots, uncounted } = this.#left.applyUncounted(rows);
    this.#right.probe(rows, { keys: this.#spec.leftKeys }, this.#environment.batchRows, (matches) => {
      const pairs = this.#make({ rows, matches, other: this.#right, input: 0 }, this.#toShow);
      if (pairs === null) return;
      countForProbing(this.#left, { rows, matches, pairs, slots, uncounted });
      this.#hold(pairs, (pair) => slots[matches.rows[pair]!]!);
    });
  }

  #addRight(rows: Batch): void {
    this.#left.probe(rows, { keys: this.#spec.rightKeys }, this.#environment.batchRows, (matches) => {
      const pairs = this.#make({ rows, matches, other: this.#left, input: 1 }, this.#toShow);
      if (pairs === null) return;
      countForStored(this.#left, { rows, matches, pairs });
      this.#hold(pairs, (pair) => matches.slots[pair]!);
    });
    this.#right.apply(rows);
  }

  #make(candidates: Candidates, silent = false): JoinedPairs | null {
    return this.#pairs.make(candidates, { weighted: true, silent });
  }

  #hold({ joined, selection }: JoinedPairs, slotOf: (pair: number) => number): void {
    if (this.#toShow) return;
    const leftSlots = new Int32Array(joined.rowCount);
    for (let at = 0; at < leftSlots.length; at++) leftSlots[at] = slotOf(selection === null ? at : selection[at]!);
    this.#held.push({ joined, leftSlots });
  }

  #failedBefore(slot: number): boolean {
    return this.#left.counts.before(slot) !== 0 && this.#left.matches.before(slot) > 1;
  }

  #fails(slot: number): boolean {
    return this.#left.counts.now(slot) !== 0 && this.#left.matches.now(slot) > 1;
  }

  /**
   * A row that fails now has passed on the change of its pairs, so all of its pairs go; one that failed and does not any more has none in the output
   * yet, so all of its pairs come.
   */
  #lookUpAgain(slots: Int32Array, out: Output): void {
    const changed = slots.filter((slot) => this.#fails(slot) !== this.#failedBefore(slot));
    if (changed.length === 0) return;
    const weights = changed.map((slot) => (this.#fails(slot) ? -1 : 1) * this.#left.counts.now(slot));
    const all = new Batch(changed.length, this.#left.columnsOf(changed), weights);
    const there = Int32Array.from(weights.keys()).filter((row) => weights[row] !== 0);
    const rows = gatherBatch(all, there, there.length);
    this.#right.probe(rows, { keys: this.#spec.leftKeys }, this.#environment.batchRows, (matches) => {
      const pairs = this.#make({ rows, matches, other: this.#right, input: 0 }, true);
      if (pairs !== null) out.emit(pairs.joined);
    });
  }

  /** Rows without match, with NULLs for the right side. */
  #emitAlone(slots: Int32Array, out: Output): void {
    const { counts, matches } = this.#left;
    const weights = slots.map((slot) => (matches.now(slot) === 0 ? counts.now(slot) : 0) - (matches.before(slot) === 0 ? counts.before(slot) : 0));
    this.#emitSelected(this.#alone(new Batch(slots.length, this.#left.columnsOf(slots), weights)), (row) => weights[row] !== 0, out);
  }

  #reportErrors(slots: Int32Array): void {
    const { counts } = this.#left;
    const weights = slots.map((slot) => (this.#fails(slot) ? counts.now(slot) : 0) - (this.#failedBefore(slot) ? counts.before(slot) : 0));
    const failing = slots.filter((_, at) => weights[at] !== 0);
    if (failing.length === 0) return;
    const rows = new Batch(failing.length, this.#left.columnsOf(failing));
    const changes = weights.filter((weight) => weight !== 0);
    for (let row = 0; row < failing.length; row++) {
      this.#environment.reportRowError({ error: severalRowsError(), expression: 'subquery', row: rowText(rows, row), weight: changes[row]! });
    }
  }

  #emitSelected(batch: Batch, wanted: (row: number) => boolean, out: Output): void {
    const selection = new Int32Array(batch.rowCount);
    let count = 0;
    for (let row = 0; row < batch.rowCount; row++) if (wanted(row)) selection[count++] = row;
    if (count > 0) emitInBatches(gatherBatch(batch, selection, count), this.#environment.batchRows, out);
  }

  #alone({ rowCount, columns, weights }: Batch): Batch {
    const types = this.#environment.inputColumns[1]!.map((column) => column.type);
    return new Batch(rowCount, [...columns, ...nullColumns(types, rowCount)], weights);
  }
}
