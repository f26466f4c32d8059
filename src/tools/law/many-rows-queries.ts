import type { Random } from '../../base/index.ts';
import { oneOf, percent, someOf } from './choose.ts';
import { type ComparedQuery, manyRowsColumns } from './many-rows.ts';

const names = manyRowsColumns.map(({ name }) => name);

const AGGREGATES = [
  'count(*)',
  'min(g)',
  'max(w)',
  'min(f)',
  'max(f)',
  'min(n)',
  'max(t)',
  'min(at)',
  'max(d)',
  'sum(g)',
  'sum(w)',
  'sum(n)',
  'avg(g)',
  'avg(w)',
  'bool_or(ok)',
  'bool_and(ok)',
  'count(t)',
  'count(f)',
  'count(DISTINCT g)',
  'count(DISTINCT w)',
  'count(DISTINCT f)',
  'count(DISTINCT t)',
  'count(DISTINCT at)',
  'sum(DISTINCT w)',
  'count(*) FILTER (WHERE ok)',
  'max(g) FILTER (WHERE w > 0)',
];

/** Queries over the tables `m` (a key `id`) and `o` (none, fewer rows), each with one answer only. */
export class ManyRowsQueries {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  query(): ComparedQuery {
    const kinds = [
      () => this.#grouped(),
      () => this.#grouped(),
      () => this.#distinct(),
      () => this.#firstRows(),
      () => this.#over(),
      () => this.#over(),
      () => this.#ranked(),
      () => this.#joined(),
      () => this.#joined(),
      () => this.#joinedGroups(),
      () => this.#combined(),
      () => this.#member(),
      () => this.#arrays(),
      () => this.#sets(),
    ];
    return oneOf(this.#random, kinds)();
  }

  #grouped(): ComparedQuery {
    const keys = this.#keys();
    const having = percent(this.#random, 15) ? ' HAVING count(*) > 1' : '';
    const group = percent(this.#random, 10) ? '' : ` GROUP BY ${keys.join(', ')}`;
    const columns = [...(group === '' ? [] : keys), ...this.#aggregates()];
    return unordered(`SELECT ${named(columns)} FROM ${this.#table()}${this.#where()}${group}${having}`);
  }

  #distinct(): ComparedQuery {
    return unordered(`SELECT DISTINCT ${this.#keys().join(', ')} FROM ${this.#table()}${this.#where()}`);
  }

  #firstRows(): ComparedQuery {
    const random = this.#random;
    const limit = percent(random, 80) ? ` LIMIT ${oneOf(random, [1, 5, 70, 300, 1500])}` : '';
    const offset = percent(random, 40) ? ` OFFSET ${oneOf(random, [1, 65, 500, 1999])}` : '';
    const table = this.#table();
    const sql = `SELECT * FROM ${table}${this.#where()} ORDER BY ${this.#order()}, id${limit}${offset}`;
    return { sql, postgres: sql, ordered: true, onClose: false };
  }

  #over(): ComparedQuery {
    const random = this.#random;
    const window = `${percent(random, 70) ? `PARTITION BY ${this.#keys().join(', ')} ` : ''}ORDER BY ${this.#order()}`;
    const functions = someOf(random, [
      `rank() OVER (${window})`,
      `dense_rank() OVER (${window})`,
      `row_number() OVER (${window}, id)`,
      `lag(t, 2) OVER (${window}, id)`,
      `lead(w) OVER (${window}, id)`,
      `sum(g) OVER (${window}, id)`,
      `count(*) OVER (${window})`,
      `sum(w) OVER (${window}, id ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)`,
      `first_value(f) OVER (${window}, id)`,
      `ntile(7) OVER (${window}, id)`,
    ]);
    return unordered(`SELECT id, ${named(functions)} FROM ${this.#table()}${this.#where()}`);
  }

  #ranked(): ComparedQuery {
    const random = this.#random;
    const ranked = `SELECT *, row_number() OVER (PARTITION BY ${this.#keys().join(', ')} ORDER BY ${this.#order()}, id) AS place FROM ${this.#table()}`;
    return unordered(`SELECT * FROM (${ranked}) AS ranked WHERE place <= ${oneOf(random, [1, 2, 3, 70])}`);
  }

  #joined(): ComparedQuery {
    const random = this.#random;
    const kind = oneOf(random, ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const on = someOf(random, this.#keys())
      .map((key) => `a.${key} = b.${key}`)
      .join(' AND ');
    const some = `(SELECT * FROM ${this.#table()} WHERE id % 101 = 3)`;
    const sides = percent(random, 50) ? [this.#table(), some] : [some, this.#table()];
    return unordered(`SELECT a.id AS l, b.id AS r, a.t AS lt, b.w AS rw FROM ${sides[0]} AS a ${kind} ${sides[1]} AS b ON ${on}`);
  }

  #joinedGroups(): ComparedQuery {
    const random = this.#random;
    const kind = oneOf(random, ['JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const keys = this.#keys();
    const on = keys.map((key) => `a.${key} = b.${key}`).join(' AND ');
    const groups = `(SELECT ${keys.join(', ')}, count(*) AS c FROM o GROUP BY ${keys.join(', ')})`;
    return unordered(`SELECT a.id, b.c, ${keys.map((key) => `b.${key}`).join(', ')} FROM m AS a ${kind} ${groups} AS b ON ${on}`);
  }

  #combined(): ComparedQuery {
    const keys = this.#keys().join(', ');
    const operator = oneOf(this.#random, ['UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL']);
    return unordered(`SELECT ${keys} FROM m${this.#where()} ${operator} SELECT ${keys} FROM o${this.#where()}`);
  }

  #member(): ComparedQuery {
    const random = this.#random;
    const key = oneOf(random, names);
    const not = percent(random, 40) ? 'NOT ' : '';
    const other = oneOf(random, names);
    const condition = percent(random, 50)
      ? `m.${key} ${not}IN (SELECT ${key} FROM o${percent(random, 70) ? ` WHERE ${key} IS NOT NULL` : ''})`
      : `${not}EXISTS (SELECT 1 FROM o WHERE o.${key} = m.${key} AND o.${other} = m.${other})`;
    return unordered(`SELECT id, ${key} FROM m WHERE ${condition}`);
  }

  #arrays(): ComparedQuery {
    const key = oneOf(this.#random, names);
    const arrays = someOf(this.#random, [
      `array_agg(id ORDER BY ${this.#order()}, id)`,
      `string_agg(left(t, 12), ',' ORDER BY ${this.#order()}, id)`,
      'array_agg(DISTINCT w ORDER BY w)',
      'array_agg(DISTINCT g ORDER BY g DESC)',
    ]);
    return unordered(`SELECT ${key}, ${named(arrays)} FROM ${this.#table()} GROUP BY ${key}`);
  }

  #sets(): ComparedQuery {
    const [first, second] = [oneOf(this.#random, names), oneOf(this.#random, names)];
    const sets = oneOf(this.#random, [`ROLLUP (${first}, ${second})`, `GROUPING SETS ((${first}), (${second}), ())`]);
    const keys = first === second ? [first] : [first, second];
    return unordered(`SELECT ${keys.join(', ')}, ${named(this.#aggregates())} FROM ${this.#table()} GROUP BY ${sets}`);
  }

  #aggregates(): string[] {
    return [...new Set(Array.from({ length: 1 + this.#random.nextInt(4) }, () => oneOf(this.#random, AGGREGATES)))];
  }

  #keys(): string[] {
    const random = this.#random;
    // Keys that begin with integers are grouped and sorted in ways of their own.
    const first = percent(random, 40) ? oneOf(random, ['g', 'w']) : oneOf(random, names);
    return [...new Set([first, ...Array.from({ length: random.nextInt(3) }, () => oneOf(random, names))])];
  }

  #order(): string {
    const random = this.#random;
    return this.#keys()
      .map((key) => `${key}${oneOf(random, ['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}`)
      .join(', ');
  }

  #table(): string {
    return percent(this.#random, 50) ? 'm' : 'o';
  }

  #where(): string {
    return percent(this.#random, 70)
      ? ''
      : oneOf(this.#random, [' WHERE id % 2 = 0', ' WHERE g IS NOT NULL', ' WHERE w > 0', " WHERE t < 'text 03'", ' WHERE f >= 0', ' WHERE ok']);
  }
}

function unordered(sql: string): ComparedQuery {
  return { sql, postgres: sql, ordered: false, onClose: false };
}

function named(columns: readonly string[]): string {
  return columns.map((column, index) => `${column} AS c${index}`).join(', ');
}
