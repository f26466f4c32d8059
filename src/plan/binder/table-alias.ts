import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier, type TableAlias } from '../../sql/index.ts';
import type { LogicalPlan } from '../logical/index.ts';
import { type Arrival, type BoundFrom, fieldColumns, relationRow, type ScopeRelation } from './row-scope.ts';

interface AliasedPlan {
  readonly plan: LogicalPlan;
  /** The name without alias. */
  readonly name: string;
  readonly schema: string | null;
  readonly alias: TableAlias | null;
  readonly scalar?: boolean;
  readonly primaryKey?: readonly number[] | null;
  readonly arrival?: Arrival;
  /** Number of columns with names of their own, where the plan has others behind them. */
  readonly visible?: number;
}

/** A plan as a table of FROM under its alias and column aliases. Errors: 42P10 for more aliases than columns. */
export function aliasPlan(aliased: AliasedPlan): BoundFrom {
  const { plan, alias } = aliased;
  const fields = plan.fields.slice(0, aliased.visible);
  const columns = alias?.columns.map(foldIdentifier) ?? [];
  if (alias !== null && columns.length > fields.length) {
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `table "${foldIdentifier(alias.name)}" has ${fields.length} columns available but ${columns.length} columns specified`,
      position: alias.span.start,
    });
  }
  const relation: ScopeRelation = {
    alias: alias === null ? aliased.name : foldIdentifier(alias.name),
    name: aliased.name,
    schema: alias === null ? aliased.schema : null,
    columns: fieldColumns(fields, columns),
    scalar: aliased.scalar ?? false,
    primaryKey: aliased.primaryKey ?? null,
    ...(aliased.arrival === undefined ? {} : { arrival: aliased.arrival }),
  };
  // Also in the plan: its operators are found by their parameters, names included, and a renamed relation keeps its old names as aliases.
  return { plan: renameFields(plan, columns), row: relationRow(relation, plan.fields.length) };
}

/** The plan with its first fields under these names. */
export function renameFields(plan: LogicalPlan, names: readonly string[]): LogicalPlan {
  if (plan.fields.every((field, index) => field.name === (names[index] ?? field.name))) return plan;
  return { ...plan, fields: plan.fields.map((field, index) => ({ ...field, name: names[index] ?? field.name })) };
}
