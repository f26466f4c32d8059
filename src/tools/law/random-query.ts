import type { Random } from '../../base/index.ts';
import { oneOf, percent, someOf, weighted } from './choose.ts';
import { RandomAggregate } from './random-aggregate.ts';
import { type LawScope, RandomExpression } from './random-expression.ts';
import { type FromClause, RandomItems } from './random-items.ts';
import { RandomMatches } from './random-matches.ts';
import { RandomOver } from './random-over.ts';
import { type LawColumn, type LawRelation, type LawType, lawRelations } from './relations.ts';

/** A query and the types of its columns, which are named c0, c1, …. */
export interface LawQuery {
  readonly sql: string;
  readonly types: readonly LawType[];
}

/** A query whose view has a row once the watermark has passed all it is made of, and keeps it. */
export interface ClosingQuery {
  readonly sql: string;
  /** What the query answers now may have to wait for more rows than there are: a match goes on as far as it can. */
  readonly staysOpen: boolean;
  /** Stands behind it in the definition of the view. */
  readonly emit: string;
}

const types: readonly LawType[] = ['int', 'int', 'int', 'text', 'numeric', 'time', 'bool'];

/** Queries over the relations of a program whose answer does not depend on the order of rows. */
export class RandomQuery {
  readonly #random: Random;
  readonly #expression: RandomExpression;
  readonly #aggregate: RandomAggregate;
  readonly #items: RandomItems;
  readonly #matches: RandomMatches;
  readonly #windows: boolean;
  readonly #joins: boolean;
  #names = 0;

  /** `windows`: also over windows of the stream, which PostgreSQL does not know. `joins`: of relations that are small enough for any of them. */
  constructor(random: Random, { windows, joins }: { readonly windows: boolean; readonly joins: boolean }) {
    this.#random = random;
    this.#windows = windows;
    this.#joins = joins;
    this.#expression = new RandomExpression(random);
    this.#aggregate = new RandomAggregate(random, this.#expression);
    this.#matches = new RandomMatches(random);
    const nested = (wanted: readonly LawType[], outer: readonly LawColumn[]): string => this.#ofTypes(wanted, 0, outer).sql;
    this.#items = new RandomItems({ random, expression: this.#expression, name: () => this.#name(), nested });
  }

  query(depth = 2): LawQuery {
    const wanted = Array.from({ length: 1 + this.#random.nextInt(3) }, () => oneOf(this.#random, types));
    return this.#ofTypes(wanted, depth, []);
  }

  /** Over the stream alone: nothing else takes anything back. */
  closing(): ClosingQuery {
    if (percent(this.#random, 40)) return { sql: this.#matches.ofStream(), staysOpen: true, emit: '' };
    const wanted = Array.from({ length: 1 + this.#random.nextInt(3) }, () => oneOf(this.#random, types));
    if (percent(this.#random, 30)) {
      const { sql, columns } = this.#items.versioned((alias) => columnsOf(streamOfWindows, alias));
      const scope = this.#scope(columns, 0);
      return { sql: `SELECT ${this.#selected(wanted, scope)} FROM ${sql}${this.#where(scope, 40)}`, staysOpen: false, emit: '' };
    }
    const from = this.#items.windowed(this.#name(), columnsOf(streamOfWindows, `q${this.#names - 1}`));
    return { sql: this.#groupedOver(from, { wanted, depth: 0, outer: [] }), staysOpen: false, emit: ' EMIT ON WINDOW CLOSE' };
  }

  #ofTypes(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): LawQuery {
    const random = this.#random;
    const sql = weighted(random, [
      [5, () => this.#plain(wanted, depth, outer)],
      [5, () => this.#grouped(wanted, depth, outer)],
      [1, () => this.#distinct(wanted, depth, outer)],
      [depth > 0 ? 1.5 : 0, () => this.#setOperation(wanted, depth, outer)],
      [depth > 0 ? 1.5 : 0, () => this.#topN(wanted, depth, outer)],
      [depth > 0 ? 1 : 0, () => this.#distinctOn(wanted, depth, outer)],
      [depth > 0 ? 0.7 : 0, () => this.#withTies(wanted, depth, outer)],
      [depth > 0 ? 2 : 0, () => this.#over(wanted, depth, outer)],
      [depth > 0 && this.#joins ? 1 : 0, () => this.#common(wanted, depth, outer)],
    ])();
    return { sql, types: wanted };
  }

  #plain(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const from = this.#from(depth, outer);
    const scope = this.#scope([...from.columns, ...outer], depth);
    return `SELECT ${this.#selected(wanted, scope)} FROM ${from.sql}${this.#where(scope, 60)}`;
  }

  #distinct(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    return this.#plain(wanted, depth, outer).replace('SELECT', 'SELECT DISTINCT');
  }

  #grouped(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    return this.#groupedOver(this.#from(depth, outer), { wanted, depth, outer });
  }

  #groupedOver(
    from: FromClause,
    { wanted, depth, outer }: { readonly wanted: readonly LawType[]; readonly depth: number; readonly outer: readonly LawColumn[] },
  ): string {
    const random = this.#random;
    const inner = this.#scope([...from.columns, ...outer], depth);
    // An aggregate over columns of an outer query alone would be the outer query's.
    const own = this.#scope(from.columns, 0);
    const keyCount = weighted(random, [
      [from.window.length > 0 ? 0 : 2, 0],
      [5, 1],
      [2, 2],
    ] as const);
    const keys = Array.from({ length: keyCount }, (): LawColumn => {
      const type = oneOf(random, types);
      return { type, name: this.#expression.of(type, { ...inner, subquery: null }, 1) };
    }).filter(({ name }) => from.columns.some((column) => name.includes(column.name)));
    const grouping = [...from.window, ...keys];
    // Of an expression that is a constant to its planner PostgreSQL shows the constant in sets without it.
    const plain = keys.length > 0 && keys.every(({ name }) => from.columns.some((column) => column.name === name));
    const sets = plain && percent(random, 40) ? this.#groupingSets(from.window, keys) : null;
    const visible = sets === null ? [...grouping, ...outer] : [];
    const item = (type: LawType): string => {
      const fitting = [...grouping, ...outer].filter((column) => column.type === type);
      if (fitting.length > 0 && percent(random, 50)) return oneOf(random, fitting).name;
      if (sets !== null && type === 'int' && percent(random, 40)) return `grouping(${oneOf(random, keys).name})`;
      return this.#aggregate.of(type, own);
    };
    const items = wanted.map((type, index) => `${item(type)} AS c${index}`).join(', ');
    const list = grouping.map(({ name }) => name).join(', ');
    const groupBy = grouping.length === 0 ? '' : ` GROUP BY ${sets ?? list}`;
    const having = percent(random, 20)
      ? ` HAVING ${this.#aggregate.of('int', own)} ${oneOf(random, ['>', '<', '='])} ${visible.length > 0 ? '1' : '2'}`
      : '';
    return `SELECT ${items} FROM ${from.sql}${this.#where(inner, 35)}${groupBy}${having}`;
  }

  /** Windows are in all of them. */
  #groupingSets(window: readonly LawColumn[], keys: readonly LawColumn[]): string {
    const random = this.#random;
    const names = keys.map(({ name }) => name);
    const all = names.join(', ');
    const sets = oneOf(random, [`ROLLUP (${all})`, `CUBE (${all})`, `GROUPING SETS ((${all}), (${oneOf(random, names)}), ())`]);
    return [...window.map(({ name }) => name), sets].join(', ');
  }

  #setOperation(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const random = this.#random;
    const operator = oneOf(random, ['UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL']);
    return `(${this.#ofTypes(wanted, depth - 1, outer).sql}) ${operator} (${this.#ofTypes(wanted, depth - 1, outer).sql})`;
  }

  /** Ordered by every column, so that rows that tie are the same row. */
  #topN(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const offset = percent(this.#random, 20) ? ' OFFSET 1' : '';
    return `SELECT * FROM (${this.#ofTypes(wanted, depth - 1, outer).sql}) AS ${this.#name()} ORDER BY ${this.#everyColumn(wanted)} LIMIT ${1 + this.#random.nextInt(4)}${offset}`;
  }

  #distinctOn(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    return `SELECT DISTINCT ON (c0) * FROM (${this.#ofTypes(wanted, depth - 1, outer).sql}) AS ${this.#name()} ORDER BY ${this.#everyColumn(wanted)}`;
  }

  #withTies(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const order = oneOf(this.#random, ['c0', 'c0 DESC', 'c0 NULLS FIRST']);
    const inner = this.#ofTypes(wanted, depth - 1, outer).sql;
    return `SELECT * FROM (${inner}) AS ${this.#name()} ORDER BY ${order} FETCH FIRST ${1 + this.#random.nextInt(3)} ROWS WITH TIES`;
  }

  #everyColumn(wanted: readonly LawType[]): string {
    const random = this.#random;
    return wanted.map((_, index) => `c${index}${percent(random, 40) ? ' DESC' : ''}${percent(random, 20) ? ' NULLS FIRST' : ''}`).join(', ');
  }

  #over(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const random = this.#random;
    const inner = this.#ofTypes(wanted, depth - 1, outer);
    const name = this.#name();
    const columns = wanted.map((type, index): LawColumn => ({ name: `${name}.c${index}`, type }));
    const calls = new RandomOver(random, columns);
    if (percent(random, 40)) {
      const list = columns.map((column) => column.name).join(', ');
      const top = 1 + random.nextInt(3);
      if (this.#windows && percent(random, 30)) return `SELECT ${list} FROM (${inner.sql}) AS ${name} QUALIFY ${calls.rank()} <= ${top}`;
      const ranked = this.#name();
      const outside = wanted.map((_, index) => `${ranked}.c${index}`).join(', ');
      return `SELECT ${outside} FROM (SELECT ${list}, ${calls.rank()} AS rn FROM (${inner.sql}) AS ${name}) AS ${ranked} WHERE rn <= ${top}`;
    }
    const items = columns.map((column, index) => `${calls.of(column)} AS c${index}`);
    return `SELECT ${items.join(', ')} FROM (${inner.sql}) AS ${name}`;
  }

  #common(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const name = this.#name();
    // Squares of squares would be more rows than a test can hold.
    const only = depth > 1 ? '' : 'DISTINCT ';
    const inner = `SELECT ${only}* FROM (${this.#ofTypes(wanted, depth - 1, outer).sql}) AS ${this.#name()}`;
    const columns = wanted.map((type, index): LawColumn => ({ name: `y.c${index}`, type }));
    const scope = this.#scope([...columns, ...outer], 0);
    return `WITH ${name} AS (${inner}) SELECT x.* FROM ${name} AS x JOIN ${name} AS y ON x.c0 = y.c0${this.#where(scope, 50)}`;
  }

  #selected(wanted: readonly LawType[], scope: LawScope): string {
    return wanted.map((type, index) => `${this.#expression.of(type, scope)} AS c${index}`).join(', ');
  }

  #where(scope: LawScope, chance: number): string {
    return percent(this.#random, chance) ? ` WHERE ${this.#expression.condition(scope)}` : '';
  }

  #from(depth: number, outer: readonly LawColumn[]): FromClause {
    const random = this.#random;
    if (this.#windows && this.#joins && percent(random, 4)) return this.#items.windowJoin((alias) => columnsOf(streamOfWindows, alias));
    if (this.#windows && this.#joins && percent(random, 4)) return this.#items.asOf((relation, alias) => columnsOf(relationCalled(relation), alias));
    const first = this.#item(depth);
    if (first.window.length > 0 || !this.#joins) return first;
    if (depth > 0 && percent(random, 8)) return this.#items.lateral(first);
    if (!percent(random, 45)) return first;
    let { sql } = first;
    let columns = first.columns;
    for (let more = 0; more === 0 || (more < 2 && percent(random, 30)); more++) {
      const right = this.#item(depth);
      const join = weighted(random, [
        [5, 'JOIN'],
        [3, 'LEFT JOIN'],
        [1, 'RIGHT JOIN'],
        [1, 'FULL JOIN'],
        [1, 'CROSS JOIN'],
      ]);
      const all = [...columns, ...right.columns];
      if (more === 0 && join !== 'CROSS JOIN' && percent(random, 10) && hasKey(columns) && hasKey(right.columns)) {
        return { sql: `${sql} ${join} ${right.sql} USING (k)`, columns: all, window: [] };
      }
      sql = `${sql} ${join} ${right.sql}${join === 'CROSS JOIN' ? '' : ` ON ${this.#joinCondition({ left: columns, right: right.columns, all: [...all, ...outer] })}`}`;
      columns = all;
    }
    return { sql, columns, window: [] };
  }

  #joinCondition(sides: { readonly left: readonly LawColumn[]; readonly right: readonly LawColumn[]; readonly all: readonly LawColumn[] }): string {
    const random = this.#random;
    const type = oneOf(random, ['int', 'int', 'int', 'text'] as const);
    const [left, right] = [sides.left.filter((column) => column.type === type), sides.right.filter((column) => column.type === type)];
    const equality = left.length > 0 && right.length > 0 ? `${oneOf(random, left).name} = ${oneOf(random, right).name}` : 'true';
    const times = (columns: readonly LawColumn[]): readonly LawColumn[] => columns.filter((column) => column.type === 'time');
    const [before, after] = [times(sides.left), times(sides.right)];
    if (before.length > 0 && after.length > 0 && percent(random, 40)) {
      const time = oneOf(random, before).name;
      return `${equality} AND ${oneOf(random, after).name} BETWEEN ${time} - INTERVAL '${random.nextInt(4)} seconds' AND ${time} + INTERVAL '${random.nextInt(3)} seconds'`;
    }
    if (!percent(random, 30)) return equality;
    return `${equality} AND ${this.#expression.condition({ columns: sides.all, subquery: null }, 1)}`;
  }

  #item(depth: number): FromClause {
    const random = this.#random;
    const alias = this.#name();
    if (depth > 0 && percent(random, 20)) {
      const inner = this.query(depth - 1);
      const columns = inner.types.map((type, index): LawColumn => ({ name: `${alias}.c${index}`, type }));
      return { sql: `(${inner.sql}) AS ${alias}`, columns, window: [] };
    }
    if (this.#joins && percent(random, 4)) return this.#items.recursive();
    if (percent(random, 4)) return this.#items.constant(this.#scope([], depth));
    if (this.#windows && percent(random, 4))
      return { sql: `(${this.#matches.ofTable()}) AS ${alias}`, columns: this.#matches.columns(alias), window: [] };
    const relation = oneOf(random, lawRelations);
    const columns = columnsOf(relation, alias);
    if (!relation.windowed || !this.#windows || percent(random, 40)) return { sql: `${relation.name} AS ${alias}`, columns, window: [] };
    return this.#items.windowed(alias, columns);
  }

  #scope(columns: readonly LawColumn[], depth: number): LawScope {
    if (depth <= 0) return { columns, subquery: null };
    return {
      columns,
      subquery: (shape, type) => {
        const outer = columns.length > 0 && percent(this.#random, 60) ? someOf(this.#random, columns) : [];
        if (shape !== 'scalar' && shape !== 'pair') return this.#ofTypes(shape === 'pairs' ? [type, 'int'] : [type], 0, outer).sql;
        // One row at most: an aggregate over everything.
        const from = this.#item(0);
        const scope = this.#scope([...from.columns, ...outer], 0);
        const own = this.#scope(from.columns, 0);
        const items = (shape === 'pair' ? [type, 'int' as const] : [type]).map((one) => this.#aggregate.of(one, own));
        return `SELECT ${items.join(', ')} FROM ${from.sql}${this.#where(scope, 70)}${percent(this.#random, 15) ? ' HAVING count(*) > 1' : ''}`;
      },
    };
  }

  #name(): string {
    return `q${this.#names++}`;
  }
}

const streamOfWindows = lawRelations.find(({ windowed }) => windowed)!;

/** One column k, which USING can name. */
function hasKey(columns: readonly LawColumn[]): boolean {
  return columns.filter(({ name }) => name.endsWith('.k')).length === 1;
}

function relationCalled(name: string): LawRelation {
  return lawRelations.find((relation) => relation.name === name)!;
}

function columnsOf(relation: LawRelation, alias: string): LawColumn[] {
  return relation.columns.map(({ name, type }) => ({ name: `${alias}.${name}`, type }));
}
