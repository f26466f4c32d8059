import type { Expression } from '../../../expr/index.ts';
import { type Field, type LogicalPlan, mapOuterColumnsOfExpression } from '../../logical/index.ts';

/** A column of a row with these fields; `offset`: columns in front of it. */
export function columnOf(fields: readonly Field[], index: number, offset = 0): Expression {
  const { name, type } = fields[index]!;
  return { kind: 'column', index: index + offset, name, type };
}

/** The plan with these of its columns, in this order; the plan itself when that changes nothing. */
export function selectColumns(plan: LogicalPlan, columns: readonly number[]): LogicalPlan {
  if (columns.length === plan.fields.length && columns.every((column, index) => column === index)) return plan;
  return {
    kind: 'project',
    input: plan,
    expressions: columns.map((column) => columnOf(plan.fields, column)),
    fields: columns.map((column) => plan.fields[column]!),
  };
}

/** The plan with further columns behind its own; a read of a column that is there is no further one. Gives their positions. */
export function appendColumns(plan: LogicalPlan, expressions: readonly Expression[], name = 'key'): { plan: LogicalPlan; positions: number[] } {
  const width = plan.fields.length;
  const added: Expression[] = [];
  const positions = expressions.map((expression) => {
    if (expression.kind === 'column') return expression.index;
    return width + added.push(expression) - 1;
  });
  if (added.length === 0) return { plan, positions };
  const fields = [...plan.fields, ...added.map(({ type }) => ({ name, type }))];
  return {
    plan: { kind: 'project', input: plan, expressions: [...plan.fields.map((_, index) => columnOf(plan.fields, index)), ...added], fields },
    positions,
  };
}

/** Columns of the outer row (depth 1 outside the expression's own row) that an expression reads, those in its subqueries included; ascending. */
export function outerReads(expression: Expression): number[] {
  const found = new Set<number>();
  mapOuterColumnsOfExpression(expression, (column, level) => {
    if (column.depth - level === 1) found.add(column.index);
    return column;
  });
  return [...found].sort((left, right) => left - right);
}

/** The expression with its reads of the outer row as reads of columns of its own row. */
export function bindOuterReads(expression: Expression, position: (index: number) => number): Expression {
  return mapOuterColumnsOfExpression(expression, (column, level) => {
    if (column.depth - level !== 1) return column;
    const index = position(column.index);
    if (level > 0) return { ...column, depth: level, index };
    return { kind: 'column', index, name: column.name, type: column.type, span: column.span };
  });
}

/** An expression after the outer row has become the row at hand: rows further out are one nearer. */
export function oneRowNearer(expression: Expression): Expression {
  return mapOuterColumnsOfExpression(expression, (column, level) => (column.depth - level >= 2 ? { ...column, depth: column.depth - 1 } : column));
}
