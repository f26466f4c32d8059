import type { ExpressionJson } from '../../expr/index.ts';
import { checkedInterval, type Datum, divideInterval, type Interval } from '../../types/index.ts';
import type { AggregateState } from './state-accumulator.ts';

/** sum(interval) and avg(interval): months, days and microseconds are summed apart, as PostgreSQL does. */
export class IntervalSumState implements AggregateState {
  readonly #average: boolean;
  #count = 0;
  #months = 0;
  #days = 0;
  #micros = 0n;

  constructor(average: boolean) {
    this.#average = average;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    const value = args[0] as Interval | null;
    if (value === null) return;
    this.#count += weight;
    this.#months += value.months * weight;
    this.#days += value.days * weight;
    this.#micros += value.micros * BigInt(weight);
  }

  result(): Datum | null {
    if (this.#count === 0) return null;
    const total = checkedInterval(this.#months, this.#days, this.#micros);
    return this.#average ? divideInterval(total, this.#count) : total;
  }

  toJson(): ExpressionJson {
    return { count: this.#count, months: this.#months, days: this.#days, micros: String(this.#micros) };
  }

  mergeJson(json: ExpressionJson): void {
    const other = json as { count: number; months: number; days: number; micros: string };
    this.#count += other.count;
    this.#months += other.months;
    this.#days += other.days;
    this.#micros += BigInt(other.micros);
  }
}
