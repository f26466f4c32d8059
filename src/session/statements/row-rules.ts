import { SqlError, SqlState } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { compileRowInterpreter } from '../../expr/index.ts';
import type { BoundRowRules } from '../../plan/index.ts';
import { formatDatum } from '../../types/index.ts';
import type { Row } from '../engine/index.ts';
import { binderOf } from '../statement-binding.ts';
import type { StatementContext } from '../statement-context.ts';

/** Refuses a row that may not be stored. Errors: 23502, 23514, with the failing row, as PostgreSQL words it. */
export type CheckRow = (row: Row) => void;

/** NOT NULL first, then the checks in order of their names. */
export function rowRules({ relation, notNull, checks }: BoundRowRules, context: StatementContext): CheckRow {
  const { evaluation } = binderOf(context).context;
  const conditions = checks.map(({ name, condition }) => {
    return { name, holds: compileRowInterpreter(condition, context.engine.registries.lookup) };
  });
  return (row) => {
    for (const index of notNull) if ((row[index] ?? null) === null) throw nullViolation(row, relation, index);
    for (const { name, holds } of conditions) if (holds(row, evaluation) === false) throw checkViolation(row, relation, name);
  };
}

function nullViolation(row: Row, relation: Relation, index: number): SqlError {
  const column = relation.columns[index]!.name;
  return new SqlError({
    code: SqlState.notNullViolation,
    message: `null value in column "${column}" of relation "${relation.name}" violates not-null constraint`,
    detail: failingRow(row, relation),
    schema: relation.schema,
    table: relation.name,
    column,
  });
}

function checkViolation(row: Row, relation: Relation, constraint: string): SqlError {
  return new SqlError({
    code: SqlState.checkViolation,
    message: `new row for relation "${relation.name}" violates check constraint "${constraint}"`,
    detail: failingRow(row, relation),
    schema: relation.schema,
    table: relation.name,
    constraint,
  });
}

/** The row that an error is about, as PostgreSQL says it in DETAIL. */
export function failingRow(row: Row, { columns }: Relation): string {
  const shown = columns.map(({ type }, index) => {
    const value = row[index] ?? null;
    return value === null ? 'null' : formatDatum(type, value);
  });
  return `Failing row contains (${shown.join(', ')}).`;
}
