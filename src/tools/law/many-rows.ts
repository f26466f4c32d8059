import type { Random } from '../../base/index.ts';
import { oneOf, percent, weighted } from './choose.ts';

/** A query and the same in PostgreSQL's words. */
export interface ComparedQuery {
  readonly sql: string;
  readonly postgres: string;
  /** Its rows come in an order. */
  readonly ordered: boolean;
  /** Rows leave it when their window closes: it is to be asked when all have. */
  readonly onClose: boolean;
}

/** Columns of each table beside `id`, with PostgreSQL's types. */
export const manyRowsColumns = [
  { name: 'g', type: 'int' },
  { name: 'w', type: 'bigint' },
  { name: 'f', type: 'double precision' },
  { name: 'n', type: 'numeric' },
  { name: 't', type: 'text' },
  { name: 'at', type: 'timestamp' },
  { name: 'd', type: 'date' },
  { name: 'ok', type: 'boolean' },
] as const;

type ColumnType = (typeof manyRowsColumns)[number]['type'];
type Shape = 'spread' | 'few' | 'one' | 'missing' | 'gaps' | 'ascending' | 'descending' | 'extreme';

const FEW = 7;
const SPREAD = 50_000;
const STEP_SECONDS = 977;
/** 1969-07-20: rows lie on both sides of 1970. */
const START_SECONDS = -14_000_000;

const EXTREMES: Record<ColumnType, readonly string[]> = {
  int: ['-2147483648', '2147483647', '0', '-1'],
  bigint: ['-9223372036854775808', '9223372036854775807', '9007199254740993', '9007199254740992', '-9007199254740993', '0'],
  'double precision': ['NaN', 'Infinity', '-Infinity', '-0', '0', '5e-324', '1.7976931348623157e+308', '-1e-300'],
  numeric: ['NaN', '-0.000000000000000000001', '123456789012345678901234567890.5', '-99999999999999999999', '0', '1.50', '1.5'],
  text: [
    '',
    ' ',
    'é',
    'z',
    '日本語',
    '😀',
    '\u{ffff}',
    'prefix-which-is-long-a',
    'prefix-which-is-long-b',
    'prefix',
    `${'x'.repeat(3000)}1`,
    `${'x'.repeat(3000)}2`,
  ],
  timestamp: ['infinity', '-infinity', '1969-12-31 23:59:59.999999', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'],
  date: ['infinity', '-infinity', '1969-12-31', '0001-01-01', '9999-12-31'],
  boolean: ['true', 'false'],
};

/** How the columns of one statement look: a column may be in order, one value, NULL in all rows or full of extremes. */
export class ManyRows {
  readonly #random: Random;
  /** Columns that look the same in all statements: a whole table, or window, may have but one value there, or none. */
  readonly #lasting: ReadonlyMap<string, Shape>;
  #nextId = 0;

  constructor(random: Random) {
    this.#random = random;
    const lasting = manyRowsColumns.filter(() => percent(random, 35));
    this.#lasting = new Map(
      lasting.map(({ name }) => [name, oneOf<Shape>(random, ['missing', 'missing', 'missing', 'one', 'few', 'extreme', 'ascending', 'descending'])]),
    );
  }

  /** An id that was given to a row. */
  someId(): number {
    return this.#random.nextInt(this.#nextId);
  }

  /** `count` rows as a statement's VALUES, each column of a shape of its own; ids go up by one. */
  values(count: number): string {
    const shapes = manyRowsColumns.map(({ name, type }) => ({ type, shape: this.#shapeOf(name), seed: this.#random.nextInt(SPREAD) }));
    const first = this.#nextId;
    this.#nextId += count;
    return Array.from({ length: count }, (_, row) => {
      const cells = shapes.map(({ type, shape, seed }) => quoted(this.#cell(type, { shape, seed, row: first + row })));
      return `(${first + row}, ${cells.join(', ')})`;
    }).join(',');
  }

  /** One value for all rows of an UPDATE. */
  value(column: string): string {
    const { type } = manyRowsColumns.find(({ name }) => name === column)!;
    return quoted(this.#cell(type, { shape: this.#shapeOf(column), seed: this.#random.nextInt(SPREAD), row: this.#random.nextInt(SPREAD) }));
  }

  #shapeOf(column: string): Shape {
    const lasting = this.#lasting.get(column);
    if (lasting !== undefined) return lasting;
    return weighted<Shape>(this.#random, [
      [3, 'spread'],
      [4, 'few'],
      [2, 'one'],
      [2, 'missing'],
      [3, 'gaps'],
      [2, 'ascending'],
      [2, 'descending'],
      [4, 'extreme'],
    ]);
  }

  #cell(type: ColumnType, { shape, seed, row }: { readonly shape: Shape; readonly seed: number; readonly row: number }): string | null {
    const random = this.#random;
    switch (shape) {
      case 'missing':
        return null;
      case 'one':
        return cellOf(type, seed);
      case 'ascending':
        return cellOf(type, row);
      case 'descending':
        return cellOf(type, SPREAD - row);
      case 'few':
        return cellOf(type, seed + random.nextInt(FEW));
      case 'spread':
        return cellOf(type, random.nextInt(2 * SPREAD) - SPREAD);
      case 'gaps':
        return percent(random, 50) ? null : cellOf(type, random.nextInt(2 * SPREAD) - SPREAD);
      case 'extreme':
        return percent(random, 10) ? null : percent(random, 10) ? cellOf(type, random.nextInt(SPREAD)) : oneOf(random, EXTREMES[type]);
    }
  }
}

function cellOf(type: ColumnType, number: number): string {
  switch (type) {
    case 'int':
      return String(number);
    case 'bigint':
      return String(BigInt(number) * 100_000_000_007n);
    case 'double precision':
      return String(number / 8);
    case 'numeric':
      return (number / 4).toFixed(2);
    case 'text':
      return `text ${String(number).padStart(6, '0')}`;
    case 'timestamp':
      return secondsText(START_SECONDS + number * STEP_SECONDS);
    case 'date':
      return secondsText(START_SECONDS + number * STEP_SECONDS).slice(0, 10);
    case 'boolean':
      return String(number % 2 === 0);
  }
}

/** `YYYY-MM-DD hh:mm:ss` of seconds since 1970. */
export function secondsText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function quoted(text: string | null): string {
  return text === null ? 'NULL' : `'${text}'`;
}
