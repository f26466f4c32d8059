import type { Random } from '../../base/index.ts';
import { oneOf, percent, someOf, weighted } from './choose.ts';
import { type LawScope, RandomExpression } from './random-expression.ts';
import { type LawColumn, type LawType, lawRelations } from './relations.ts';

/** A query and the types of its columns, which are named c0, c1, …. */
export interface LawQuery {
  readonly sql: string;
  readonly types: readonly LawType[];
}

interface FromClause {
  readonly sql: string;
  readonly columns: readonly LawColumn[];
  /** Window columns that have to be among the grouping ones. */
  readonly window: readonly LawColumn[];
}

const types: readonly LawType[] = ['int', 'int', 'int', 'text', 'numeric', 'time', 'bool'];

/** Queries over the relations of a program whose answer does not depend on the order of rows. */
export class RandomQuery {
  readonly #random: Random;
  readonly #expression: RandomExpression;
  readonly #windows: boolean;
  readonly #joins: boolean;
  #names = 0;

  /** `windows`: also over windows of the stream, which PostgreSQL does not know. `joins`: of relations that are small enough for any of them. */
  constructor(random: Random, { windows, joins }: { readonly windows: boolean; readonly joins: boolean }) {
    this.#random = random;
    this.#windows = windows;
    this.#joins = joins;
    this.#expression = new RandomExpression(random);
  }

  query(depth = 2): LawQuery {
    const wanted = Array.from({ length: 1 + this.#random.nextInt(3) }, () => oneOf(this.#random, types));
    return this.#ofTypes(wanted, depth, []);
  }

  #ofTypes(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): LawQuery {
    const random = this.#random;
    const sql = weighted(random, [
      [5, () => this.#plain(wanted, depth, outer)],
      [5, () => this.#grouped(wanted, depth, outer)],
      [1, () => this.#distinct(wanted, depth, outer)],
      [depth > 0 ? 1.5 : 0, () => this.#setOperation(wanted, depth, outer)],
      [depth > 0 ? 1.5 : 0, () => this.#topN(wanted, depth, outer)],
      [depth > 0 ? 2 : 0, () => this.#over(wanted, depth, outer)],
      [depth > 0 && this.#joins ? 1 : 0, () => this.#common(wanted, depth, outer)],
    ])();
    return { sql, types: wanted };
  }

  #plain(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const from = this.#from(depth, outer);
    const scope = this.#scope([...from.columns, ...outer], depth);
    return `SELECT ${this.#items(wanted, scope)} FROM ${from.sql}${this.#where(scope, 60)}`;
  }

  #distinct(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    return this.#plain(wanted, depth, outer).replace('SELECT', 'SELECT DISTINCT');
  }

  #grouped(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const random = this.#random;
    const from = this.#from(depth, outer);
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
    const sets = grouping.length > 1 && from.window.length === 0 && percent(random, 15) ? oneOf(random, ['ROLLUP', 'CUBE']) : null;
    const visible = sets === null ? [...grouping, ...outer] : [];
    const item = (type: LawType): string => {
      const fitting = [...grouping, ...outer].filter((column) => column.type === type);
      if (fitting.length > 0 && percent(random, 50)) return oneOf(random, fitting).name;
      return this.#aggregate(type, own);
    };
    const items = wanted.map((type, index) => `${item(type)} AS c${index}`).join(', ');
    const list = grouping.map(({ name }) => name).join(', ');
    const groupBy = grouping.length === 0 ? '' : ` GROUP BY ${sets === null ? list : `${sets} (${list})`}`;
    const having = percent(random, 20)
      ? ` HAVING ${this.#aggregate('int', own)} ${oneOf(random, ['>', '<', '='])} ${visible.length > 0 ? '1' : '2'}`
      : '';
    return `SELECT ${items} FROM ${from.sql}${this.#where(inner, 35)}${groupBy}${having}`;
  }

  #aggregate(type: LawType, scope: LawScope): string {
    const random = this.#random;
    const plain: LawScope = { ...scope, subquery: null };
    const of = (argument: LawType): string => this.#expression.of(argument, plain, 1);
    const filter = percent(random, 15) ? ` FILTER (WHERE ${this.#expression.condition(plain, 1)})` : '';
    const distinct = percent(random, 15) ? 'DISTINCT ' : '';
    const call = ((): string => {
      switch (type) {
        case 'int':
          return weighted(random, [
            [3, 'count(*)'],
            [2, `count(${distinct}${of(oneOf(random, types))})`],
            [2, `min(${of('int')})`],
            [2, `max(${of('int')})`],
          ]);
        case 'numeric':
          return weighted(random, [
            [2, `sum(${distinct}${of('numeric')})`],
            [2, `avg(${distinct}${of('int')})`],
            [1, `max(${of('numeric')})`],
            [1, `var_pop(${of('int')})`],
          ]);
        case 'text': {
          const value = of('text');
          return weighted(random, [
            [2, `min(${value})`],
            [2, `max(${value})`],
            [2, `string_agg(${value}, ',' ORDER BY ${value})`],
          ]);
        }
        case 'time':
          return `${oneOf(random, ['min', 'max'])}(${of('time')})`;
        case 'bool':
          return `${oneOf(random, ['bool_and', 'bool_or'])}(${this.#expression.condition(plain, 1)})`;
      }
    })();
    const conversion: Partial<Record<LawType, string>> = { int: '::int', numeric: '::numeric' };
    return `(${call}${filter})${conversion[type] ?? ''}`;
  }

  #setOperation(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const random = this.#random;
    const operator = oneOf(random, ['UNION', 'UNION ALL', 'INTERSECT', 'INTERSECT ALL', 'EXCEPT', 'EXCEPT ALL']);
    return `(${this.#ofTypes(wanted, depth - 1, outer).sql}) ${operator} (${this.#ofTypes(wanted, depth - 1, outer).sql})`;
  }

  /** Ordered by every column, so that rows that tie are the same row. */
  #topN(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const random = this.#random;
    const order = wanted.map((_, index) => `${index + 1}${percent(random, 40) ? ' DESC' : ''}${percent(random, 20) ? ' NULLS FIRST' : ''}`);
    const offset = percent(random, 20) ? ' OFFSET 1' : '';
    return `SELECT * FROM (${this.#ofTypes(wanted, depth - 1, outer).sql}) AS ${this.#name()} ORDER BY ${order.join(', ')} LIMIT ${1 + random.nextInt(4)}${offset}`;
  }

  #over(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const random = this.#random;
    const inner = this.#ofTypes(wanted, depth - 1, outer);
    const name = this.#name();
    const columns = wanted.map((_, index) => `${name}.c${index}`);
    const partition = percent(random, 70) ? `PARTITION BY ${oneOf(random, columns)} ` : '';
    // By every column: rows that tie are the same row, and it does not matter which of them is first.
    const order = `ORDER BY ${columns.map((column) => `${column}${percent(random, 30) ? ' DESC' : ''}`).join(', ')}`;
    const frame = weighted(random, [
      [4, ''],
      [1, ' ROWS BETWEEN 1 PRECEDING AND CURRENT ROW'],
      [1, ' ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING'],
      [1, ' GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING'],
      [1, ' ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING EXCLUDE CURRENT ROW'],
    ]);
    if (percent(random, 40)) {
      const rank = oneOf(random, ['row_number', 'rank', 'dense_rank']);
      const list = columns.join(', ');
      const top = this.#name();
      const outside = wanted.map((_, index) => `${top}.c${index}`).join(', ');
      return `SELECT ${outside} FROM (SELECT ${list}, ${rank}() OVER (${partition}${order}) AS rn FROM (${inner.sql}) AS ${name}) AS ${top} WHERE rn <= ${1 + random.nextInt(3)}`;
    }
    const items = wanted.map((type, index) => {
      const column = columns[index]!;
      const call = weighted(random, [
        [2, null],
        [1, `lag(${column}) OVER (${partition}${order})`],
        [1, `lead(${column}) OVER (${partition}${order})`],
        [1, `first_value(${column}) OVER (${partition}${order}${frame})`],
        [type === 'bool' ? 0 : 1, `max(${column}) OVER (${partition}${order}${frame})`],
        [type === 'int' ? 3 : 0, `(count(*) OVER (${partition}${order}${frame}))::int`],
        [type === 'int' ? 2 : 0, `(rank() OVER (${partition}${order}))::int`],
        [type === 'numeric' ? 3 : 0, `sum(${column}) OVER (${partition}${order}${frame})`],
      ]);
      return `${call ?? column} AS c${index}`;
    });
    return `SELECT ${items.join(', ')} FROM (${inner.sql}) AS ${name}`;
  }

  #common(wanted: readonly LawType[], depth: number, outer: readonly LawColumn[]): string {
    const name = this.#name();
    const inner = this.#ofTypes(wanted, depth - 1, outer);
    const columns = wanted.map((type, index): LawColumn => ({ name: `y.c${index}`, type }));
    const scope = this.#scope([...columns, ...outer], 0);
    return `WITH ${name} AS (${inner.sql}) SELECT x.* FROM ${name} AS x JOIN ${name} AS y ON x.c0 = y.c0${this.#where(scope, 50)}`;
  }

  #items(wanted: readonly LawType[], scope: LawScope): string {
    return wanted.map((type, index) => `${this.#expression.of(type, scope)} AS c${index}`).join(', ');
  }

  #where(scope: LawScope, chance: number): string {
    return percent(this.#random, chance) ? ` WHERE ${this.#expression.condition(scope)}` : '';
  }

  #from(depth: number, outer: readonly LawColumn[]): FromClause {
    const random = this.#random;
    const first = this.#item(depth);
    if (first.window.length > 0 || !this.#joins || !percent(random, 45)) return first;
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
    const relation = oneOf(random, lawRelations);
    const columns = relation.columns.map(({ name, type }): LawColumn => ({ name: `${alias}.${name}`, type }));
    if (!relation.windowed || !this.#windows || percent(random, 40)) return { sql: `${relation.name} AS ${alias}`, columns, window: [] };
    const shape = oneOf(random, [
      "TUMBLE(e, at, INTERVAL '5 seconds')",
      "HOP(e, at, INTERVAL '2 seconds', INTERVAL '6 seconds')",
      "CUMULATE(e, at, INTERVAL '2 seconds', INTERVAL '6 seconds')",
      "SESSION(TABLE e PARTITION BY k, DESCRIPTOR(at), INTERVAL '2 seconds')",
    ]);
    const window: LawColumn[] = ['window_start', 'window_end'].map((name) => ({ name: `${alias}.${name}`, type: 'time' }));
    const partition = shape.startsWith('SESSION') ? [{ name: `${alias}.k`, type: 'int' as const }] : [];
    return { sql: `${shape} AS ${alias}`, columns: [...columns, ...window], window: [...window, ...partition] };
  }

  #scope(columns: readonly LawColumn[], depth: number): LawScope {
    if (depth <= 0) return { columns, subquery: null };
    return {
      columns,
      subquery: (shape, type) => {
        const outer = percent(this.#random, 60) ? someOf(this.#random, columns) : [];
        if (shape !== 'scalar') return this.#ofTypes([type], 0, outer).sql;
        // One row at most: an aggregate over everything.
        const from = this.#item(0);
        const scope = this.#scope([...from.columns, ...outer], 0);
        return `SELECT ${this.#aggregate(type, this.#scope(from.columns, 0))} FROM ${from.sql}${this.#where(scope, 70)}`;
      },
    };
  }

  #name(): string {
    return `q${this.#names++}`;
  }
}
