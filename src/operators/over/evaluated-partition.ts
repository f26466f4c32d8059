import { type SqlError, toSqlError } from '../../base/index.ts';
import { type CallEvaluator, firstAffected, type PartitionValues, PeerGroups, type WindowCall } from '../../over/index.ts';
import type { Datum } from '../../types/index.ts';
import type { OrderedRow } from '../ordering/index.ts';

/** A call that failed for a row, which is then left out. */
export class CallFailure {
  readonly error: SqlError;

  constructor(error: SqlError) {
    this.error = error;
  }
}

export type CallResult = Datum | null | CallFailure;

/** Rows of a partition from some position on, with the value of each call: `results[call][row]`. */
export interface EvaluatedRows {
  readonly rows: readonly OrderedRow[];
  readonly results: readonly (readonly CallResult[])[];
}

export interface EvaluatedCalls {
  readonly calls: readonly WindowCall[];
  /** Columns of each call in OrderedRow.values: its arguments, and its filter. */
  readonly columns: readonly { readonly args: readonly number[]; readonly filter: number | null }[];
  readonly numberCopies: boolean;
  isPeer(left: OrderedRow, right: OrderedRow): boolean;
  evaluator(call: WindowCall, partition: { readonly peers: PeerGroups; readonly values: PartitionValues }): CallEvaluator;
}

/** The values of all calls over one partition, a row as often as it is there. */
export class EvaluatedPartition {
  readonly #calls: EvaluatedCalls;
  readonly #peers = new PeerGroups();
  readonly #rows: OrderedRow[] = [];
  readonly #results: CallResult[][];
  readonly #evaluators: readonly CallEvaluator[];

  constructor(calls: EvaluatedCalls) {
    this.#calls = calls;
    this.#evaluators = [
      ...calls.calls.map((call, index) => calls.evaluator(call, { peers: this.#peers, values: this.#valuesOf(calls.columns[index]!) })),
      ...(calls.numberCopies ? [this.#copyNumbers()] : []),
    ];
    this.#results = this.#evaluators.map(() => []);
  }

  get size(): number {
    return this.#rows.length;
  }

  /**
   * Takes over an order that is as it was before `firstChanged`. Returns what may have changed: the rows before and after, from the same position on;
   * null when nothing has.
   */
  replace(order: readonly OrderedRow[], firstChanged: number): { readonly before: EvaluatedRows; readonly after: EvaluatedRows } | null {
    let changed = 0;
    for (let at = 0; at < firstChanged; at++) changed += order[at]!.count;
    if (firstChanged === order.length && changed === this.#rows.length) return null;
    const first = this.#firstAffected(changed);
    const before = this.#from(first);
    this.#rows.length = changed;
    for (let at = firstChanged; at < order.length; at++) {
      const row = order[at]!;
      for (let copy = 0; copy < row.count; copy++) this.#rows.push(row);
    }
    this.#evaluate(changed, first);
    return { before, after: this.#from(first) };
  }

  #evaluate(changed: number, first: number): void {
    const rows = this.#rows;
    this.#peers.update(changed, rows.length, (row) => this.#calls.isPeer(rows[row - 1]!, rows[row]!));
    for (const [index, evaluator] of this.#evaluators.entries()) {
      const results = this.#results[index]!;
      results.length = first;
      evaluator.invalidate(changed);
      for (let row = first; row < rows.length; row++) results.push(valueOrFailure(evaluator, row));
    }
  }

  #firstAffected(changed: number): number {
    const peerStart = changed === 0 ? 0 : this.#peers.peerStart(changed - 1);
    return this.#calls.calls.reduce((first, call) => Math.min(first, firstAffected(call, changed, peerStart)), changed);
  }

  #from(first: number): EvaluatedRows {
    return { rows: this.#rows.slice(first), results: this.#results.map((results) => results.slice(first)) };
  }

  #valuesOf({ args, filter }: EvaluatedCalls['columns'][number]): PartitionValues {
    const rows = this.#rows;
    return {
      argument: (index, row) => rows[row]!.values[args[index]!]!,
      passes: (row) => filter === null || rows[row]!.values[filter] === true,
      order: (row) => rows[row]!.values[0] ?? null,
    };
  }

  #copyNumbers(): CallEvaluator {
    return {
      invalidate: () => undefined,
      value: (row) => {
        let first = row;
        while (first > 0 && this.#rows[first - 1] === this.#rows[row]) first--;
        return BigInt(row - first);
      },
    };
  }
}

function valueOrFailure(evaluator: CallEvaluator, row: number): CallResult {
  try {
    return evaluator.value(row);
  } catch (error) {
    return new CallFailure(toSqlError(error));
  }
}
