import type { Random } from '../../base/index.ts';
import { oneOf, percent, weighted } from './choose.ts';
import type { LawColumn, LawType } from './relations.ts';

/** Columns an expression may name, as they are written there. */
export interface LawScope {
  readonly columns: readonly LawColumn[];
  /** Makes a query that may name the scope's columns, of one column, or in pairs with an int, `scalar` and `pair` of one row at most; null: no subqueries here. */
  readonly subquery: ((shape: 'scalar' | 'pair' | 'rows' | 'exists' | 'pairs', type: LawType) => string) | null;
}

/** Expressions that cannot fail: no division, no cast of text, no sum that leaves its type. */
export class RandomExpression {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Of that type; `depth` bounds the tree. */
  of(type: LawType, scope: LawScope, depth = 2): string {
    const random = this.#random;
    if (depth <= 0 || percent(random, 45)) return this.#leaf(type, scope);
    if (scope.subquery !== null && percent(random, 6)) return `(${scope.subquery('scalar', type)})`;
    if (percent(random, 12))
      return `CASE WHEN ${this.condition(scope, depth - 1)} THEN ${this.of(type, scope, depth - 1)} ELSE ${this.of(type, scope, depth - 1)} END`;
    if (percent(random, 8)) return `coalesce(${this.of(type, scope, depth - 1)}, ${this.#leaf(type, scope)})`;
    switch (type) {
      case 'int':
        return weighted(random, [
          [4, `(${this.of('int', scope, depth - 1)} ${oneOf(random, ['+', '-'])} ${this.of('int', scope, depth - 1)})`],
          [2, `(${this.of('int', scope, depth - 1)} % 3)`],
          [1, `abs(${this.of('int', scope, depth - 1)})`],
          [1, `length(${this.of('text', scope, depth - 1)})`],
          [1, `nullif(${this.of('int', scope, depth - 1)}, 2)`],
        ]);
      case 'numeric':
        return weighted(random, [
          [2, `(${this.of('numeric', scope, depth - 1)} + ${this.of('int', scope, depth - 1)})`],
          [1, `round(${this.of('numeric', scope, depth - 1)})`],
        ]);
      case 'text':
        return weighted(random, [
          [2, `(${this.of('text', scope, depth - 1)} || ${this.of('text', scope, depth - 1)})`],
          [1, `upper(${this.of('text', scope, depth - 1)})`],
          [1, `left(${this.of('text', scope, depth - 1)}, 1)`],
        ]);
      case 'time':
        return weighted(random, [
          [2, `(${this.of('time', scope, depth - 1)} + INTERVAL '1 second')`],
          [1, `date_trunc('minute', ${this.of('time', scope, depth - 1)})`],
        ]);
      case 'bool':
        return this.condition(scope, depth);
    }
  }

  condition(scope: LawScope, depth = 2): string {
    const random = this.#random;
    const inner = (): string => this.condition(scope, depth - 1);
    if (depth > 0 && percent(random, 25))
      return weighted(random, [
        [3, `(${inner()} AND ${inner()})`],
        [3, `(${inner()} OR ${inner()})`],
        [1, `(NOT ${inner()})`],
      ]);
    const type = oneOf(random, ['int', 'int', 'int', 'text', 'time', 'numeric'] as const);
    const value = (): string => this.of(type, scope, depth - 1);
    const { subquery } = scope;
    if (subquery !== null && percent(random, 14)) {
      return weighted(random, [
        [2, `${percent(random, 40) ? 'NOT ' : ''}EXISTS (${subquery('exists', 'int')})`],
        [3, `${value()} ${percent(random, 35) ? 'NOT ' : ''}IN (${subquery('rows', type)})`],
        [1, `${value()} ${oneOf(random, ['=', '<', '>=', '<>'])} ${oneOf(random, ['ANY', 'ALL'])} (${subquery('rows', type)})`],
        [0.5, `${value()} ${oneOf(random, ['=', '<', '>=', '<>'])} ${oneOf(random, ['ANY', 'ALL'])} (ARRAY(${subquery('rows', type)}))`],
        [0.7, `(${value()}, ${this.of('int', scope, 0)}) ${oneOf(random, ['=', '<', '>=', '<>'])} (${subquery('pair', type)})`],
        [1, `(${value()}, ${this.of('int', scope, 0)}) ${percent(random, 35) ? 'NOT ' : ''}IN (${subquery('pairs', type)})`],
        [
          0.5,
          `(${value()}, ${this.of('int', scope, 0)}) ${oneOf(random, ['=', '<', '>=', '<>'])} ${oneOf(random, ['ANY', 'ALL'])} (${subquery('pairs', type)})`,
        ],
      ]);
    }
    return weighted(random, [
      [6, `${value()} ${oneOf(random, ['=', '<>', '<', '<=', '>', '>='])} ${value()}`],
      [2, `${value()} IS ${percent(random, 50) ? 'NOT ' : ''}NULL`],
      [1, `${value()} IS ${percent(random, 50) ? 'NOT ' : ''}DISTINCT FROM ${value()}`],
      [1, `${value()} IN (${value()}, ${value()})`],
      [1, `${value()} BETWEEN ${value()} AND ${value()}`],
      [1, `(${value()}, ${this.of('int', scope, 0)}) ${oneOf(random, ['=', '<', '>=', '<>'])} (${value()}, ${this.of('int', scope, 0)})`],
    ]);
  }

  #leaf(type: LawType, scope: LawScope): string {
    const random = this.#random;
    const fitting = scope.columns.filter((column) => column.type === type);
    if (fitting.length > 0 && !percent(random, 20)) return oneOf(random, fitting).name;
    switch (type) {
      case 'int':
        return oneOf(random, ['0', '1', '2', '3', 'NULL::int']);
      case 'numeric':
        return oneOf(random, ['0.25', '1.50', '2::numeric', 'NULL::numeric']);
      case 'text':
        return oneOf(random, ["'a'", "'b'", "''", 'NULL::text']);
      case 'time':
        return oneOf(random, ["TIMESTAMP '2024-01-01 00:00:10'", "TIMESTAMP '2024-01-01 00:00:30'", 'NULL::timestamp']);
      case 'bool':
        return oneOf(random, ['true', 'false', 'NULL::bool']);
    }
  }
}
