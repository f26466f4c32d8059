import type { Random } from '../../base/index.ts';
import { oneOf, percent } from './choose.ts';
import type { LawColumn } from './relations.ts';

interface Input {
  readonly relation: string;
  /** An order without ties, or, of the stream, that of event time. */
  readonly order: string;
  /** A number of a row and its name among the measures. */
  readonly value: string;
  readonly id: string;
}

const TABLES: readonly Input[] = [
  { relation: 'r', order: 'id', value: 'v', id: 'id' },
  { relation: 's', order: 'at, id', value: 'id', id: 'id' },
  { relation: '(SELECT k, max(v) AS v, at FROM e GROUP BY k, at)', order: 'at', value: 'v', id: 'v' },
];

/** The newest of its rows are matched once the watermark has passed them. Rows that tie are the same row. */
const STREAM: Input = { relation: 'e', order: 'at, v, t', value: 'v', id: 'v' };

/** With the variables that any match has rows of. */
const PATTERNS = [
  { pattern: 'a b+', last: 'b' },
  { pattern: 'a b* c', last: 'c' },
  { pattern: 'a+? b', last: 'b' },
  { pattern: 'a b*? c', last: 'c' },
  { pattern: '(a | b)+ c', last: 'c' },
  { pattern: 'a{2} b?', last: 'a' },
  { pattern: '(a b){1,2}', last: 'b' },
  { pattern: 'PERMUTE(a, b)', last: 'a' },
  { pattern: 'a (b | c)*', last: 'a' },
] as const;

/** MATCH_RECOGNIZE, over a table or the stream. Its columns are k, c0 to c2, all of type int. */
export class RandomMatches {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  ofTable(): string {
    return this.#over(oneOf(this.#random, TABLES));
  }

  ofStream(): string {
    return this.#over(STREAM);
  }

  columns(alias: string): LawColumn[] {
    return ['k', 'c0', 'c1', 'c2'].map((name) => ({ name: `${alias}.${name}`, type: 'int' }));
  }

  #over(input: Input): string {
    const random = this.#random;
    const { pattern, last } = oneOf(random, PATTERNS);
    const rows = oneOf(random, ['ONE ROW PER MATCH', 'ONE ROW PER MATCH', 'ALL ROWS PER MATCH']);
    const skip = oneOf(random, ['PAST LAST ROW', 'PAST LAST ROW', 'TO NEXT ROW', ...(last === 'a' ? [] : [`TO LAST ${last}`])]);
    const running = rows.startsWith('ALL') ? oneOf(random, ['', 'FINAL ', 'RUNNING ']) : '';
    const within = input.order.startsWith('at') && percent(random, 30) ? " WITHIN INTERVAL '10' SECOND" : '';
    const measures = [`${running}first(${input.id}) AS c0`, `${running}last(${last}.${input.value}) AS c1`, `${this.#measure(running, input)} AS c2`];
    const variables = ['a', 'b', 'c'].filter((variable) => pattern.includes(variable));
    const defined = variables
      .map((variable) => `${variable} AS ${this.#condition(variable, input)}`)
      .filter((_, index) => index > 0 || percent(random, 60));
    const clauses = [
      `PARTITION BY k ORDER BY ${input.order}`,
      `MEASURES ${measures.join(', ')}`,
      rows,
      `AFTER MATCH SKIP ${skip}`,
      `PATTERN (${pattern})${within}`,
      ...(defined.length > 0 ? [`DEFINE ${defined.join(', ')}`] : []),
    ];
    return `SELECT k, c0, c1, c2::int AS c2 FROM ${input.relation} MATCH_RECOGNIZE (${clauses.join(' ')})`;
  }

  #measure(running: string, { value }: Input): string {
    return `${running}${oneOf(this.#random, ['count(*)', `sum(a.${value})`, `max(${value})`, 'match_number()'])}`.replace(
      /^.* match_number/,
      'match_number',
    );
  }

  #condition(variable: string, { value }: Input): string {
    const own = `${variable}.${value}`;
    return oneOf(this.#random, [
      'true',
      `${own} > 1`,
      `${own} IS NULL`,
      `${own} > prev(${own})`,
      `${own} <= prev(${own}) + 1`,
      `${own} >= first(a.${value})`,
      `sum(${own}) < 6`,
      `count(${variable}.*) < 3`,
      `next(${own}) <> ${own}`,
    ]);
  }
}
