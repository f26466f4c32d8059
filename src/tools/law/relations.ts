import type { Random } from '../../base/index.ts';
import { oneOf, percent } from './choose.ts';

/** Types the generator knows. Floats are left out: their sums depend on the order of the rows. */
export type LawType = 'int' | 'text' | 'bool' | 'time' | 'numeric';

export interface LawColumn {
  readonly name: string;
  readonly type: LawType;
}

export interface LawRelation {
  readonly name: string;
  readonly columns: readonly LawColumn[];
  readonly create: string;
  /** A stream with a watermark: windows can be made over its column `at`. */
  readonly windowed: boolean;
}

/** The relations of every program: two keyed tables, a bag, and a stream whose rows come late and twice. */
export const lawRelations: readonly LawRelation[] = [
  {
    name: 'r',
    columns: [
      { name: 'id', type: 'int' },
      { name: 'k', type: 'int' },
      { name: 'v', type: 'int' },
      { name: 't', type: 'text' },
      { name: 'ok', type: 'bool' },
    ],
    create: 'CREATE TABLE r (id INT PRIMARY KEY, k INT, v INT, t TEXT, ok BOOLEAN)',
    windowed: false,
  },
  {
    name: 's',
    columns: [
      { name: 'id', type: 'int' },
      { name: 'k', type: 'int' },
      { name: 'n', type: 'numeric' },
      { name: 'at', type: 'time' },
    ],
    create: 'CREATE TABLE s (id INT PRIMARY KEY, k INT, n NUMERIC(10,2), at TIMESTAMP)',
    windowed: false,
  },
  {
    name: 'b',
    columns: [
      { name: 'k', type: 'int' },
      { name: 't', type: 'text' },
    ],
    create: 'CREATE TABLE b (k INT, t TEXT)',
    windowed: false,
  },
  {
    name: 'e',
    columns: [
      { name: 'k', type: 'int' },
      { name: 'v', type: 'int' },
      { name: 't', type: 'text' },
      { name: 'at', type: 'time' },
    ],
    create: "CREATE STREAM e (k INT, v INT, t TEXT, at TIMESTAMP, WATERMARK FOR at AS at - INTERVAL '4 seconds')",
    windowed: true,
  },
];

const SMALL = 5;
const IDS = 12;
/** Rows of a large statement: enough for what is done in another way with many rows than with few (kernels decide by size: src/README.md). */
const MANY_ROWS = 64;
const MANY_ROWS_MORE = 60;
const MANY_IDS = 400;
const MINUTE_SECONDS = 60;

/** Changes of the relations, as statements. Values are few, so that they meet. */
export class RandomInput {
  readonly #random: Random;
  readonly #many: boolean;
  /** Seconds of the stream's newest row. */
  #newest = 0;

  /** `many`: now and then a statement with many rows. */
  constructor(random: Random, { many }: { readonly many: boolean }) {
    this.#random = random;
    this.#many = many;
  }

  /** One statement, or several between BEGIN and COMMIT. */
  change(): string {
    if (!percent(this.#random, 15)) return this.#statement();
    const statements = Array.from({ length: 2 + this.#random.nextInt(3) }, () => this.#statement());
    return ['BEGIN', ...statements, 'COMMIT'].join(';\n');
  }

  #statement(): string {
    const relation = oneOf(this.#random, lawRelations);
    const kind = this.#random.nextInt(10);
    if (relation.name === 'e' || kind < 5) return this.#insert(relation);
    const where = this.#where(relation);
    if (kind < 8) {
      const column = oneOf(
        this.#random,
        relation.columns.filter(({ name }) => name !== 'id'),
      );
      return `UPDATE ${relation.name} SET ${column.name} = ${this.#value(column)}${where}`;
    }
    return `DELETE FROM ${relation.name}${where}`;
  }

  #insert(relation: LawRelation): string {
    if (this.#many && percent(this.#random, 20)) return this.#insertMany(relation);
    const keyed = relation.columns.some(({ name }) => name === 'id');
    const rows = Array.from({ length: 1 + this.#random.nextInt(keyed ? 3 : 4) }, () => `(${this.#row(relation).join(', ')})`);
    const twice = !keyed && percent(this.#random, 25) ? [rows[0]!] : [];
    return insertion(relation, [...rows, ...twice]);
  }

  /** Sometimes with a column that is NULL in all of them. */
  #insertMany(relation: LawRelation): string {
    const random = this.#random;
    const nullable = relation.columns.filter(({ name, type }) => name !== 'id' && !(relation.windowed && type === 'time'));
    const missing = percent(random, 40) ? oneOf(random, nullable) : null;
    const rows = Array.from({ length: MANY_ROWS + random.nextInt(MANY_ROWS_MORE) }, () => {
      const values = this.#row(relation);
      const cells = relation.columns.map((column, index) => {
        if (column === missing) return 'NULL';
        return column.name === 'id' ? String(random.nextInt(MANY_IDS)) : values[index]!;
      });
      return `(${cells.join(', ')})`;
    });
    return insertion(relation, rows);
  }

  #row(relation: LawRelation): string[] {
    return relation.columns.map((column) => (relation.windowed && column.type === 'time' ? this.#eventTime() : this.#value(column)));
  }

  /** Mostly forward, sometimes back within what the watermark allows, sometimes late. */
  #eventTime(): string {
    const random = this.#random;
    const step = percent(random, 70) ? random.nextInt(4) : -random.nextInt(9);
    const seconds = Math.max(0, this.#newest + step);
    this.#newest = Math.max(this.#newest, seconds);
    return timestamp(seconds);
  }

  #value({ name, type }: LawColumn): string {
    const random = this.#random;
    if (name === 'id') return String(random.nextInt(IDS));
    if (percent(random, 15)) return 'NULL';
    switch (type) {
      case 'int':
        return String(random.nextInt(SMALL));
      case 'numeric':
        return `${random.nextInt(SMALL)}.${oneOf(random, ['00', '25', '50'])}`;
      case 'text':
        return oneOf(random, ["'a'", "'b'", "'ab'", "''", "'B'"]);
      case 'bool':
        return oneOf(random, ['true', 'false']);
      case 'time':
        return timestamp(random.nextInt(MINUTE_SECONDS));
    }
  }

  #where(relation: LawRelation): string {
    const random = this.#random;
    if (percent(random, 5)) return '';
    const column = oneOf(random, relation.columns);
    const value = this.#value(column);
    return value === 'NULL' ? ` WHERE ${column.name} IS NULL` : ` WHERE ${column.name} = ${value}`;
  }
}

/** Two rows of one statement may have one id: the second finds the first there. */
function insertion({ name, columns }: LawRelation, rows: readonly string[]): string {
  const keyed = columns.some((column) => column.name === 'id');
  return `INSERT INTO ${name} VALUES ${rows.join(', ')}${keyed ? ' ON CONFLICT (id) DO NOTHING' : ''}`;
}

/** A literal, in seconds after the start of the tests' clock. */
function timestamp(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `TIMESTAMP '2024-01-01 ${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}'`;
}
