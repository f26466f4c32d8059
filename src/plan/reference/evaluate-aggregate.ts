import { RunningAggregate } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { type AggregateCall, type AggregatePlan, GROUPING_SIGNATURE, groupingBits } from '../logical/index.ts';
import { BREATH, limitHeld, PIECE_ROWS, type Pieces } from './pieces.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';

/** GROUP BY with grouping sets; without groups one row, also over no input. Rows are added as they come, none is kept. */
export function* evaluateAggregate(plan: AggregatePlan, run: ReferenceRun): Pieces {
  const sets = plan.groupingSets.map((set) => new GroupingSet(plan, set, run));
  for (const rows of run.pieces(plan.input)) {
    for (const row of rows) {
      const keys = plan.groupBy.map((expression) => run.value(expression, row));
      for (const set of sets) set.add(row, keys);
    }
    limitHeld(
      sets.reduce((sum, set) => sum + set.size, 0),
      plan.fields.length * GROUP_VALUE_WIDTH,
    );
    yield BREATH;
  }
  for (const set of sets) yield* set.results();
}

/** An aggregate's state is that much larger than a value, roughly. */
const GROUP_VALUE_WIDTH = 8;

interface Group {
  readonly keys: Row;
  /** Null for GROUPING(), which is a matter of the set. */
  readonly aggregates: readonly (RunningAggregate | null)[];
}

class GroupingSet {
  readonly #plan: AggregatePlan;
  readonly #set: readonly number[];
  readonly #run: ReferenceRun;
  readonly #types: readonly SqlType[];
  readonly #groups = new Map<string, Group>();

  constructor(plan: AggregatePlan, set: readonly number[], run: ReferenceRun) {
    this.#plan = plan;
    this.#set = set;
    this.#run = run;
    this.#types = set.map((position) => plan.groupBy[position]!.type);
    if (set.length === 0) this.#groups.set('', this.#newGroup(plan.groupBy.map(() => null)));
  }

  get size(): number {
    return this.#groups.size;
  }

  add(row: Row, keys: Row): void {
    const set = this.#set;
    const key =
      set.length === 0
        ? ''
        : rowKey(
            this.#types,
            set.map((position) => keys[position] ?? null),
          );
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = this.#newGroup(keys.map((value, position) => (set.includes(position) ? value : null)));
      this.#groups.set(key, group);
    }
    for (const aggregate of group.aggregates) aggregate?.add(row);
  }

  *results(): Pieces {
    let piece: Row[] = [];
    for (const { keys, aggregates } of this.#groups.values()) {
      const { calls } = this.#plan;
      piece.push([...keys, ...calls.map((call, index) => aggregates[index]?.result() ?? this.#grouping(call))]);
      if (piece.length < PIECE_ROWS) continue;
      yield piece;
      piece = [];
    }
    yield piece;
  }

  #grouping(call: AggregateCall): Datum | null {
    return call.signature === GROUPING_SIGNATURE ? groupingBits(call, this.#plan, this.#set) : null;
  }

  #newGroup(keys: Row): Group {
    const { calls } = this.#plan;
    return { keys, aggregates: calls.map((call) => (call.signature === GROUPING_SIGNATURE ? null : new RunningAggregate(call, this.#run))) };
  }
}
