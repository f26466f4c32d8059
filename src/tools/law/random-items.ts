import type { Random } from '../../base/index.ts';
import { oneOf, percent, weighted } from './choose.ts';
import type { LawScope, RandomExpression } from './random-expression.ts';
import type { LawColumn, LawType } from './relations.ts';

/** What a FROM clause has: its text and what can be named behind it. */
export interface FromClause {
  readonly sql: string;
  readonly columns: readonly LawColumn[];
  /** Window columns that have to be among the grouping ones. */
  readonly window: readonly LawColumn[];
}

/** What the items take from the query they are in. */
export interface ItemParts {
  readonly random: Random;
  readonly expression: RandomExpression;
  /** An alias that nothing else has. */
  readonly name: () => string;
  /** A query over relations and the columns of the items in front. */
  readonly nested: (wanted: readonly LawType[], outer: readonly LawColumn[]) => string;
}

const WINDOWS = [
  "TUMBLE(e, at, INTERVAL '5 seconds')",
  "TUMBLE(e, at, INTERVAL '4 seconds', INTERVAL '1 second')",
  "HOP(e, at, INTERVAL '2 seconds', INTERVAL '6 seconds')",
  "CUMULATE(e, at, INTERVAL '2 seconds', INTERVAL '6 seconds')",
] as const;

const SESSION = "SESSION(TABLE e PARTITION BY k, DESCRIPTOR(at), INTERVAL '2 seconds')";

/** Edges of graphs: from one int column to another. */
const EDGES = [
  { relation: 'r', from: 'k', to: 'v' },
  { relation: 'r', from: 'id', to: 'k' },
  { relation: 's', from: 'id', to: 'k' },
  { relation: 'e', from: 'k', to: 'v' },
] as const;

/** Steps a recursion over rows that come twice may take. */
const STEPS = 3;

/** Items of FROM that are more than a relation. */
export class RandomItems {
  readonly #parts: ItemParts;

  constructor(parts: ItemParts) {
    this.#parts = parts;
  }

  /** The stream's rows by windows. */
  windowed(alias: string, columns: readonly LawColumn[]): FromClause {
    const shape = oneOf(this.#parts.random, [...WINDOWS, SESSION]);
    const window = windowColumns(alias);
    const partition: LawColumn[] = shape === SESSION ? [{ name: `${alias}.k`, type: 'int' }] : [];
    return { sql: `${shape} AS ${alias}`, columns: [...columns, ...window], window: [...window, ...partition] };
  }

  /** Two windowings of the stream, window by window. */
  windowJoin(columns: (alias: string) => readonly LawColumn[]): FromClause {
    const { random, name } = this.#parts;
    const shape = oneOf(random, WINDOWS);
    const [left, right] = [name(), name()];
    const join = oneOf(random, ['JOIN', 'JOIN', 'LEFT JOIN', 'RIGHT JOIN', 'FULL JOIN']);
    const same = ['window_start', 'window_end', ...oneOf(random, [['k'], ['k', 't']])].map((column) => `${left}.${column} = ${right}.${column}`);
    const all = [...columns(left), ...columns(right), ...windowColumns(left), ...windowColumns(right)];
    return { sql: `${shape} AS ${left} ${join} ${shape} AS ${right} ON ${same.join(' AND ')}`, columns: all, window: [] };
  }

  /** The nearest row of a key. */
  asOf(columns: (relation: string, alias: string) => readonly LawColumn[]): FromClause {
    const { random, name } = this.#parts;
    const [left, right] = [name(), name()];
    const [front, behind] = [oneOf(random, ['e', 'r', 's']), oneOf(random, ['r', 's'])];
    const time = front !== 'r' && behind === 's' && percent(random, 60) ? 'at' : null;
    const comparison = `${right}.${time ?? 'id'} ${oneOf(random, ['<=', '<', '>=', '>'])} ${left}.${time ?? 'k'}`;
    const sql = `${front} AS ${left} ASOF ${oneOf(random, ['JOIN', 'LEFT JOIN'])} ${behind} AS ${right} ON ${left}.k = ${right}.k AND ${comparison}`;
    return { sql, columns: [...columns(front, left), ...columns(behind, right)], window: [] };
  }

  /** The stream's rows with the newest other one of a key that was there at their time. */
  versioned(columns: (alias: string) => readonly LawColumn[]): FromClause {
    const { random, name } = this.#parts;
    const [left, right] = [name(), name()];
    const join = oneOf(random, ['JOIN', 'LEFT JOIN']);
    const key = `${left}.${oneOf(random, ['k', 'v'])} = ${right}.k${percent(random, 30) ? ` AND ${right}.v > 0` : ''}`;
    const sql = `e AS ${left} ${join} e FOR SYSTEM_TIME AS OF ${left}.at AS ${right} ON ${key}`;
    return { sql, columns: [...columns(left), ...columns(right)], window: [] };
  }

  /** Rows that are written out, or what subqueries give. */
  constant(scope: LawScope): FromClause {
    const { random, expression, name } = this.#parts;
    const alias = name();
    const shape = Array.from({ length: 1 + random.nextInt(3) }, () => oneOf(random, ['int', 'int', 'text', 'time'] as const));
    const rows = Array.from({ length: 1 + random.nextInt(3) }, () => `(${shape.map((type) => expression.of(type, scope, 1)).join(', ')})`);
    const columns = named(alias, shape);
    return { sql: `(VALUES ${rows.join(', ')}) AS ${alias} (${columns.map((_, index) => `c${index}`).join(', ')})`, columns, window: [] };
  }

  /** What can be reached in a graph, or its paths of bounded length. */
  recursive(): FromClause {
    const { random, expression, name } = this.#parts;
    const [alias, path, start, edge] = [name(), name(), name(), name()];
    const { relation, from, to } = oneOf(random, EDGES);
    const reached = percent(random, 60);
    const first = `SELECT ${start}.${from} AS c0, ${reached ? `${start}.${to}` : '0'} AS c1 FROM ${relation} AS ${start} WHERE ${expression.condition({ columns: [{ name: `${start}.${from}`, type: 'int' }], subquery: null }, 1)}`;
    const step = reached
      ? `SELECT ${path}.c0, ${edge}.${to} FROM ${path} JOIN ${relation} AS ${edge} ON ${edge}.${from} = ${path}.c1`
      : `SELECT ${edge}.${to}, ${path}.c1 + 1 FROM ${path} JOIN ${relation} AS ${edge} ON ${edge}.${from} = ${path}.c0 WHERE ${path}.c1 < ${STEPS}`;
    const sql = `(WITH RECURSIVE ${path} (c0, c1) AS (${first} UNION ${step}) SELECT c0, c1 FROM ${path}) AS ${alias}`;
    return { sql, columns: named(alias, ['int', 'int']), window: [] };
  }

  /** Rows that depend on those of the items in front. */
  lateral(front: FromClause): FromClause {
    const { random, name, nested } = this.#parts;
    const alias = name();
    const ints = front.columns.filter(({ type }) => type === 'int');
    const rows = (function_: string): FromClause => {
      const sql = `${front.sql} CROSS JOIN LATERAL ${function_} AS ${alias} (c0)`;
      return { sql, columns: [...front.columns, ...named(alias, ['int'])], window: [] };
    };
    return weighted(random, [
      [
        3,
        () => {
          const wanted = Array.from({ length: 1 + random.nextInt(2) }, () => oneOf(random, ['int', 'text', 'numeric', 'time'] as const));
          const join = oneOf(random, ['CROSS JOIN LATERAL', 'LEFT JOIN LATERAL']);
          const sql = `${front.sql} ${join} (${nested(wanted, front.columns)}) AS ${alias}${join.startsWith('LEFT') ? ' ON true' : ''}`;
          return { sql, columns: [...front.columns, ...named(alias, wanted)], window: [] };
        },
      ],
      [ints.length > 0 ? 1 : 0, () => rows(`generate_series(1, least(${oneOf(random, ints).name}, 3))`)],
      [ints.length > 0 ? 1 : 0, () => rows(`unnest(ARRAY[${oneOf(random, ints).name}, ${oneOf(random, ints).name}])`)],
    ])();
  }
}

function windowColumns(alias: string): LawColumn[] {
  return ['window_start', 'window_end'].map((name) => ({ name: `${alias}.${name}`, type: 'time' }));
}

function named(alias: string, types: readonly LawType[]): LawColumn[] {
  return types.map((type, index) => ({ name: `${alias}.c${index}`, type }));
}
