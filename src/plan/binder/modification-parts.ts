import type { Relation } from '../../catalog/index.ts';
import type { Expression } from '../../expr/index.ts';
import { foldIdentifier, type Identifier, type SelectItem, type WithClause } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { Field } from '../logical/index.ts';
import { bindWith } from './bind-query.ts';
import { bindSelectItems } from './bind-select-items.ts';
import { type BindContext, plainScope, type QueryEnvironment } from './bind-state.ts';
import { createBindState, settleParameters, topEnvironment } from './bind-statement.ts';
import { resolveUnknown } from './coercion.ts';
import { type BoundCheck, rowChecks } from './row-checks.ts';
import { columnOf, type RowScope } from './row-scope.ts';

/** RETURNING: expressions over the rows of the modification's plan (INSERT: over the stored row). */
export interface BoundReturning {
  readonly fields: readonly Field[];
  readonly expressions: readonly Expression[];
}

export interface BoundModification {
  readonly relation: Relation;
  readonly returning: BoundReturning | null;
}

/** What binding the whole statement has found out. */
export interface BoundStatement {
  readonly parameterTypes: readonly SqlType[];
  readonly volatileFunctions: readonly string[];
}

/** What a row has to be to be stored; the writer raises the error, for it can name the row. */
export interface BoundRowRules {
  readonly relation: Relation;
  /** Columns that refuse NULL (23502). */
  readonly notNull: readonly number[];
  /** 23514 where one is false. */
  readonly checks: readonly BoundCheck[];
}

/** Binds a statement that is one by itself, and not a part of another one. */
export function asWholeStatement<Bound>(context: BindContext, bindIn: (environment: QueryEnvironment) => Bound): Bound & BoundStatement {
  const environment = topEnvironment(createBindState(context));
  const bound = bindIn(environment);
  const { state } = environment;
  return { ...bound, parameterTypes: settleParameters(state), volatileFunctions: [...state.volatileFunctions] };
}

/** The environment behind the WITH clause of a modification. */
export function behindWith(clause: WithClause | null, environment: QueryEnvironment): QueryEnvironment {
  return clause === null ? environment : bindWith(clause, environment);
}

export function aliasName(alias: Identifier | null): string | null {
  return alias === null ? null : foldIdentifier(alias);
}

export function rowRules(relation: Relation, { state }: QueryEnvironment): Pick<BoundRowRules, 'notNull' | 'checks'> {
  return { notNull: relation.columns.flatMap((column, index) => (column.nullable ? [] : [index])), checks: rowChecks(relation, state) };
}

export function targetRow(relation: Relation, alias: string | null): RowScope {
  const columns = relation.columns.map((column, index) => ({ name: column.name, expression: columnOf(index, column) }));
  return {
    relations: [
      {
        alias: alias ?? relation.name,
        name: relation.name,
        schema: alias === null ? relation.schema : null,
        columns,
        scalar: false,
        primaryKey: relation.primaryKey,
      },
    ],
    columns,
    width: columns.length,
  };
}

interface ReturningClause {
  readonly items: readonly SelectItem[];
  readonly row: RowScope;
}

export function finishModification(relation: Relation, clause: ReturningClause, environment: QueryEnvironment): BoundModification {
  return { relation, returning: clause.items.length === 0 ? null : bindReturning(clause.items, clause.row, environment) };
}

function bindReturning(items: readonly SelectItem[], row: RowScope, environment: QueryEnvironment): BoundReturning {
  const bound = bindSelectItems(items, plainScope(environment, row, 'RETURNING'));
  const expressions = bound.map((item) => resolveUnknown(item.expression, environment.state));
  return { expressions, fields: bound.map((item, index) => ({ name: item.name, type: expressions[index]!.type })) };
}
