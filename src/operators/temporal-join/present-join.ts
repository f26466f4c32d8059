import { type Barrier, Batch, BatchBuilder, concatBatches, gatherBatch, keyColumns } from '../../batch/index.ts';
import type { Operator, OperatorEnvironment, Output } from '../../spi/index.ts';
import { joinedRows, NO_MATCH } from '../as-of-join/joined-rows.ts';
import { endEpochOf } from '../hash-join/create-side.ts';
import { PairMaker } from '../hash-join/join-pairs.ts';
import { JoinSide } from '../hash-join/join-side.ts';
import { repeatedByWeight, repeatedPairs } from '../hash-join/matches.ts';
import { splitByNullKeys } from '../hash-join/stored-side.ts';
import type { TemporalJoinSpec } from './spec.ts';

/** By processing time: left rows wait for the barrier and are joined with what the right side holds then (see index.ts). */
export class PresentJoin implements Operator {
  readonly #spec: TemporalJoinSpec;
  readonly #environment: OperatorEnvironment;
  readonly #keys: readonly number[];
  readonly #right: JoinSide;
  readonly #pairs: PairMaker;
  #waiting: Batch[] = [];

  constructor(spec: TemporalJoinSpec, environment: OperatorEnvironment) {
    this.#spec = spec;
    this.#environment = environment;
    this.#keys = Array.from({ length: spec.keyCount }, (_, key) => key);
    const types = environment.inputColumns[1]!.map((column) => column.type);
    this.#right = new JoinSide('right', { types, keys: this.#keys, totals: false, matches: false, expiry: null });
    environment.registerState({ ...this.#right.state, heldKeys: () => this.#heldKeys() });
    this.#pairs = new PairMaker(null, environment);
  }

  processBatch(input: number, batch: Batch): void {
    if (input === 1) this.#right.apply(batch);
    else this.#waiting.push(repeatedByWeight(batch));
  }

  processBarrier(_barrier: Barrier, out: Output): void {
    endEpochOf([this.#right]);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const batch of waiting) this.#join(batch, out);
  }

  /** Of left rows that wait for what the right side holds in the end. */
  #heldKeys(): Batch {
    const types = this.#keys.map((key) => this.#environment.inputColumns[0]![key]!.type);
    const held = this.#waiting.map((batch) => new Batch(batch.rowCount, keyColumns(batch, this.#keys)));
    return held.length === 0 ? new BatchBuilder(types, 1).finish() : concatBatches(held);
  }

  #join(batch: Batch, out: Output): void {
    const { rows, unmatchable } = splitByNullKeys(batch, this.#keys);
    if (unmatchable !== null) this.#alone(unmatchable, out);
    const matched = new Uint8Array(rows.rowCount);
    this.#right.probe(rows, { keys: this.#keys }, this.#environment.batchRows, (found) => {
      for (let at = 0; at < found.count; at++) matched[found.rows[at]!] = 1;
      const pairs = this.#pairs.make({ rows, matches: repeatedPairs(found), other: this.#right, input: 0 }, { weighted: false });
      if (pairs !== null) out.emit(pairs.joined);
    });
    const others = Int32Array.from([...matched.keys()].filter((row) => matched[row] === 0));
    if (others.length > 0) this.#alone(gatherBatch(rows, others, others.length), out);
  }

  /** Rows without a match. */
  #alone(rows: Batch, out: Output): void {
    const types = this.#environment.inputColumns[1]!.map((column) => column.type);
    const slots = Array.from({ length: rows.rowCount }, () => NO_MATCH);
    const right = { types, columnsOf: (found: Int32Array) => this.#right.columnsOf(found) };
    for (const joined of joinedRows(rows, slots, right, this.#spec.joinType)) out.emit(joined);
  }
}
