import { type Expression, expressionChildren, withExpressionChildren } from '../../expr/index.ts';
import type { Span } from '../../sql/index.ts';
import {
  type AggregateCall,
  expressionKey,
  type Field,
  GROUPING_SIGNATURE,
  type LogicalPlan,
  mapOuterColumns,
  subqueryPlan,
} from '../logical/index.ts';
import { AGGREGATE_BASE, OVER_BASE } from './bind-state.ts';
import { groupingError } from './binder-error.ts';
import { columnOf, type RowScope } from './row-scope.ts';
import { withWrittenKeys } from './written-keys.ts';

interface Grouping {
  readonly keys: Expression[];
  readonly sets: readonly (readonly number[])[];
  readonly calls: readonly AggregateCall[];
  readonly callSpans: readonly (Span | null)[];
  /** The row below the Aggregate node, for the names in messages. */
  readonly row: RowScope;
}

/**
 * Moves expressions from the row below an Aggregate node to the row above it: a grouping expression becomes its key column, a call's
 * placeholder its result column. Any other column is an error (42803), unless a grouped primary key decides it.
 */
export class AggregateRewriter {
  readonly #grouping: Grouping;
  readonly #positions = new Map<string, number>();
  /** Result columns asked for so far; keys may still grow by columns a primary key decides, so their position is known last. */
  readonly #calls: { readonly key: string; readonly call: AggregateCall }[] = [];
  readonly #callOf: number[] = [];

  constructor(grouping: Grouping) {
    this.#grouping = grouping;
    for (const [index, key] of grouping.keys.entries()) this.#positions.set(expressionKey(key), index);
    for (const [index, call] of grouping.calls.entries()) this.#callOf.push(this.#register(call, grouping.callSpans[index] ?? null));
  }

  /** The same call written twice is computed once. */
  #register(call: AggregateCall, span: Span | null): number {
    if (call.signature === GROUPING_SIGNATURE) this.#checkGroupingArguments(call, span);
    const key = JSON.stringify([
      call.signature,
      call.distinct,
      call.args.map(expressionKey),
      call.filter && expressionKey(call.filter),
      call.orderBy.map((item) => [expressionKey(item.expression), item.descending, item.nullsFirst]),
    ]);
    const known = this.#calls.findIndex((other) => other.key === key);
    if (known >= 0) return known;
    this.#calls.push({ key, call });
    return this.#calls.length - 1;
  }

  #checkGroupingArguments(call: AggregateCall, span: Span | null): void {
    if (call.args.every((arg) => this.#positions.has(expressionKey(arg)))) return;
    throw groupingError('arguments to GROUPING must be grouping expressions of the associated query level', span ?? undefined);
  }

  /** Call columns are numbered from AGGREGATE_BASE until `finish` moves them behind the keys. */
  rewrite(expression: Expression): Expression {
    const position = this.#positions.get(expressionKey(expression));
    if (position !== undefined) return { ...columnOf(position, { name: keyName(expression), type: expression.type }), span: expression.span };
    if (expression.kind === 'column') return this.#rewriteColumn(expression);
    if (expression.kind === 'subquery') return this.#rewriteSubquery(expression);
    return this.#rewriteChildren(expression);
  }

  #rewriteChildren(expression: Expression): Expression {
    const children = expressionChildren(expression);
    const rewritten = children.map((child) => this.rewrite(child));
    return rewritten.some((child, index) => child !== children[index]) ? withExpressionChildren(expression, rewritten) : expression;
  }

  #rewriteColumn(column: Extract<Expression, { kind: 'column' }>): Expression {
    if (column.index >= OVER_BASE) return column;
    if (column.index >= AGGREGATE_BASE) return { ...column, index: AGGREGATE_BASE + this.#callOf[column.index - AGGREGATE_BASE]! };
    const position = this.#dependentKey(column);
    if (position !== null) return { ...column, index: position };
    throw groupingError(`column "${this.#nameOf(column.index)}" must appear in the GROUP BY clause or be used in an aggregate function`, column.span);
  }

  #rewriteSubquery(expression: Extract<Expression, { kind: 'subquery' }>): Expression {
    const plan = mapOuterColumns(
      subqueryPlan(expression),
      (column, level) => {
        if (column.depth !== level) return column;
        if (column.index >= OVER_BASE) return column;
        if (column.index >= AGGREGATE_BASE) return { ...column, index: AGGREGATE_BASE + this.#callOf[column.index - AGGREGATE_BASE]! };
        const inner = { kind: 'column', index: column.index, name: column.name, type: column.type } as const;
        const position = this.#positions.get(expressionKey(inner)) ?? this.#dependentKey(inner);
        if (position !== null) return { ...column, index: position };
        throw groupingError(`subquery uses ungrouped column "${this.#nameOf(column.index)}" from outer query`, column.span);
      },
      1,
    );
    return this.#rewriteChildren({ ...expression, plan });
  }

  /** A column of a table whose whole primary key is grouped becomes one more key (PostgreSQL, "GROUP BY Clause"). */
  #dependentKey(column: Extract<Expression, { kind: 'column' }>): number | null {
    if (this.#grouping.sets.length !== 1) return null;
    const relation = this.#grouping.row.relations.find((candidate) =>
      candidate.columns.some((known) => known.expression.kind === 'column' && known.expression.index === column.index),
    );
    const { primaryKey } = relation ?? {};
    if (relation === undefined || primaryKey === null || primaryKey === undefined || primaryKey.length === 0) return null;
    if (!primaryKey.every((position) => this.#positions.has(expressionKey(relation.columns[position]!.expression)))) return null;
    const position = this.#grouping.keys.length;
    this.#grouping.keys.push(column);
    this.#positions.set(expressionKey(column), position);
    return position;
  }

  #nameOf(index: number): string {
    for (const relation of this.#grouping.row.relations) {
      const found = relation.columns.find((column) => column.expression.kind === 'column' && column.expression.index === index);
      if (found !== undefined) return `${relation.alias}.${found.name}`;
    }
    return this.#grouping.row.columns.find((column) => column.expression.kind === 'column' && column.expression.index === index)?.name ?? '?column?';
  }

  /** The plan, after everything above it has been rewritten. */
  finish(input: LogicalPlan): LogicalPlan {
    const { keys, sets } = this.#grouping;
    const grouped = sets.length === 1 ? [keys.map((_, index) => index)] : sets;
    const fields: Field[] = [
      ...keys.map((key) => ({ name: keyName(key), type: key.type })),
      ...this.#calls.map(({ call }) => ({ name: call.name, type: call.type })),
    ];
    return withWrittenKeys({ kind: 'aggregate', input, groupBy: keys, groupingSets: grouped, calls: this.#calls.map(({ call }) => call), fields });
  }

  /** Position of the first call column; known once nothing more is rewritten. */
  get keyCount(): number {
    return this.#grouping.keys.length;
  }
}

function keyName(expression: Expression): string {
  if (expression.kind === 'column') return expression.name;
  if (expression.kind === 'field' && expression.input.type.kind === 'row') return expression.input.type.fields[expression.index]!.name;
  return '?column?';
}
