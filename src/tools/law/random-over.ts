import type { Random } from '../../base/index.ts';
import { oneOf, percent, weighted } from './choose.ts';
import type { LawColumn, LawType } from './relations.ts';

/** Frames over rows that are ordered by all their columns: rows that tie are the same row. */
const FRAMES = [
  '',
  '',
  '',
  'ROWS BETWEEN 1 PRECEDING AND CURRENT ROW',
  'ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING',
  'ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING EXCLUDE CURRENT ROW',
  'ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE GROUP',
  'ROWS 3 PRECEDING EXCLUDE TIES',
  'GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
  'GROUPS BETWEEN 1 FOLLOWING AND 2 FOLLOWING',
  'GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES',
  'RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP',
] as const;

/** Frames over a single column, by distance. */
const DISTANCES: Partial<Record<LawType, readonly string[]>> = {
  int: ['RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING', 'RANGE 2 PRECEDING', 'RANGE BETWEEN 1 FOLLOWING AND 2 FOLLOWING'],
  numeric: ['RANGE BETWEEN 0.5 PRECEDING AND CURRENT ROW', 'RANGE BETWEEN 1 PRECEDING AND 0.25 FOLLOWING EXCLUDE GROUP'],
  time: ["RANGE BETWEEN INTERVAL '5 seconds' PRECEDING AND CURRENT ROW", "RANGE BETWEEN CURRENT ROW AND INTERVAL '3 seconds' FOLLOWING"],
};

/** Calls of window functions over `columns`, whose values depend on the rows alone. */
export class RandomOver {
  readonly #random: Random;
  readonly #columns: readonly LawColumn[];
  readonly #partition: string;
  readonly #order: string;

  constructor(random: Random, columns: readonly LawColumn[]) {
    this.#random = random;
    this.#columns = columns;
    this.#partition = percent(random, 70) ? `PARTITION BY ${oneOf(random, columns).name} ` : '';
    this.#order = `ORDER BY ${columns.map(({ name }) => `${name}${percent(random, 30) ? ' DESC' : ''}${percent(random, 10) ? ' NULLS FIRST' : ''}`).join(', ')}`;
  }

  rank(): string {
    return `${oneOf(this.#random, ['row_number', 'rank', 'dense_rank'])}() OVER (${this.#partition}${this.#order})`;
  }

  /** The column itself, or a call of its type. */
  of({ type, name }: LawColumn): string {
    const random = this.#random;
    const over = (frame: string): string => `OVER (${this.#partition}${this.#order}${frame === '' ? '' : ` ${frame}`})`;
    const framed = over(oneOf(random, FRAMES));
    const byDistance = this.#byDistance();
    const call = weighted(random, [
      [2, null],
      [1, `lag(${name}) ${over('')}`],
      [1, `lead(${name}, 2) ${over('')}`],
      [1, `first_value(${name}) ${framed}`],
      [1, `last_value(${name}) ${framed}`],
      [1, `nth_value(${name}, 2) ${framed}`],
      [type === 'bool' ? 0 : 1, `${oneOf(random, ['min', 'max'])}(${name}) ${framed}`],
      [type === 'bool' || byDistance === null ? 0 : 1, `max(${name}) ${byDistance}`],
      [type === 'bool' ? 1 : 0, `bool_or(${name}) ${framed}`],
      [type === 'int' ? 3 : 0, `(count(*) ${framed})::int`],
      [type === 'int' && byDistance !== null ? 3 : 0, `(count(*) ${byDistance})::int`],
      [type === 'int' ? 2 : 0, `(${oneOf(random, ['rank()', 'dense_rank()', 'ntile(3)'])} ${over('')})::int`],
      [type === 'numeric' ? 3 : 0, `sum(${name}) ${framed}`],
      [type === 'numeric' && byDistance !== null ? 2 : 0, `sum(${name}) ${byDistance}`],
      [type === 'numeric' ? 1 : 0, `(${oneOf(random, ['percent_rank', 'cume_dist'])}() ${over('')})::numeric`],
      [type === 'text' ? 2 : 0, `string_agg(${name}, ',') ${framed}`],
    ]);
    return call ?? name;
  }

  /** Null: no column has distances. */
  #byDistance(): string | null {
    const random = this.#random;
    const fitting = this.#columns.filter(({ type }) => DISTANCES[type] !== undefined);
    if (fitting.length === 0) return null;
    const { name, type } = oneOf(random, fitting);
    return `OVER (${this.#partition}ORDER BY ${name}${percent(random, 30) ? ' DESC' : ''} ${oneOf(random, DISTANCES[type]!)})`;
  }
}
