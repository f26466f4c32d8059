import { SqlError, SqlState } from '../base/index.ts';
import type { Expression } from '../expr/index.ts';
import { type Datum, rowKey, type SqlType } from '../types/index.ts';
import type { AggregateDefinition, ReferenceAggregate } from './aggregate-definition.ts';
import type { Registry } from './registry.ts';

type Row = readonly (Datum | null)[];

/** A call of an aggregate with everything that stands in and behind its parentheses; expressions are over the rows added. */
export interface AggregateOverRows {
  /** AggregateDefinition signature. */
  readonly signature: string;
  readonly args: readonly Expression[];
  readonly distinct: boolean;
  readonly filter: Expression | null;
  readonly orderBy: readonly { readonly expression: Expression; readonly descending: boolean; readonly nullsFirst: boolean }[];
  readonly type: SqlType;
}

/** Evaluates expressions over rows of values, and knows the aggregates. */
export interface RowEvaluator {
  readonly aggregates: Registry<AggregateDefinition>;
  value(expression: Expression, row: Row): Datum | null;
  /** A condition as a filter tests it: not true is false. */
  test(condition: Expression): (row: Row) => boolean;
}

/** One call that takes rows one by one and can be asked in between. */
export class RunningAggregate {
  readonly #call: AggregateOverRows;
  readonly #evaluator: RowEvaluator;
  readonly #aggregate: ReferenceAggregate;
  readonly #types: readonly SqlType[];
  readonly #filter: ((row: Row) => boolean) | null;
  readonly #seen = new Set<string>();

  constructor(call: AggregateOverRows, evaluator: RowEvaluator) {
    const definition = evaluator.aggregates.get(call.signature);
    if (definition === undefined) throw new SqlError({ code: SqlState.internalError, message: `aggregate ${call.signature} is not built in` });
    this.#call = call;
    this.#evaluator = evaluator;
    this.#types = call.args.map((arg) => arg.type);
    this.#filter = call.filter === null ? null : evaluator.test(call.filter);
    this.#aggregate = definition.createReference({
      argumentTypes: [...this.#types, ...call.orderBy.map((key) => key.expression.type)],
      resultType: call.type,
      appendOnly: true,
      orderBy: call.orderBy.map(({ descending, nullsFirst }, index) => ({ argument: this.#types.length + index, descending, nullsFirst })),
    });
  }

  add(row: Row): void {
    const { args, distinct, orderBy } = this.#call;
    if (this.#filter !== null && !this.#filter(row)) return;
    const values = args.map((arg) => this.#evaluator.value(arg, row));
    if (distinct) {
      const key = rowKey(this.#types, values);
      if (this.#seen.has(key)) return;
      this.#seen.add(key);
    }
    for (const key of orderBy) values.push(this.#evaluator.value(key.expression, row));
    this.#aggregate.add(values, 1);
  }

  result(): Datum | null {
    return this.#aggregate.result();
  }
}
