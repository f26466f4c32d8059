import type { Expression, FunctionLookup } from '../../expr/index.ts';

/** What is asked of: some columns of the row are all NULL. */
interface NullColumns {
  readonly isNull: (column: number) => boolean;
  readonly functions: FunctionLookup;
}

/** True when the condition cannot be true of a row in which those columns are NULL. Not knowing is false. */
export function rejectsNulls(condition: Expression, columns: NullColumns): boolean {
  if (condition.kind === 'logical' && condition.operator === 'and') return condition.args.some((arg) => rejectsNulls(arg, columns));
  if (condition.kind === 'logical' && condition.operator === 'or') return condition.args.every((arg) => rejectsNulls(arg, columns));
  if (condition.kind === 'logical') return holdsForNulls(condition.args[0]!, columns) || isNullFor(condition, columns);
  // A row value of NULLs is not NULL itself, and neither IS NULL nor IS NOT NULL of it says anything here.
  if (condition.kind === 'is-null' && condition.negated) return condition.input.type.kind !== 'row' && isNullFor(condition.input, columns);
  if (condition.kind === 'literal') return condition.value !== true;
  return isNullFor(condition, columns);
}

/** True when the condition is true, or NULL, of such a row. */
function holdsForNulls(condition: Expression, columns: NullColumns): boolean {
  if (condition.kind === 'is-null' && !condition.negated) return condition.input.type.kind !== 'row' && isNullFor(condition.input, columns);
  return isNullFor(condition, columns);
}

/** True when the expression is NULL for such a row. */
function isNullFor(expression: Expression, columns: NullColumns): boolean {
  switch (expression.kind) {
    case 'column':
      return columns.isNull(expression.index);
    case 'literal':
      return expression.value === null;
    case 'call':
      return columns.functions.function(expression.signature).nullBehaviour !== 'called' && expression.args.some((arg) => isNullFor(arg, columns));
    case 'cast':
    case 'field':
      return isNullFor(expression.input, columns);
    case 'in-list':
      return expression.items.length > 0 && isNullFor(expression.input, columns);
    case 'logical':
    case 'coalesce':
      return expression.args.every((arg) => isNullFor(arg, columns));
    default:
      return false;
  }
}
