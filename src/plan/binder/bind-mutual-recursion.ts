import { SqlError, SqlState } from '../../base/index.ts';
import { foldIdentifier, type MutualRecursionClause, type RecursiveBinding } from '../../sql/index.ts';
import { sameType } from '../../types/index.ts';
import type { BindingPlan, Field, LogicalPlan, MutualRecursionPlan } from '../logical/index.ts';
import { type CommonTables, outerDepth, type QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, syntaxError, typeText, withPosition } from './binder-error.ts';
import { changeOutputs } from './cast-outputs.ts';
import { coerce } from './coercion.ts';
import { resolveTypeName } from './resolve-type-name.ts';
import { renameFields } from './table-alias.ts';

interface Binding {
  readonly id: string;
  readonly name: string;
  /** As declared; what the query yields is brought to their types. */
  readonly fields: readonly Field[];
  readonly written: RecursiveBinding;
}

/** The bindings of WITH MUTUALLY RECURSIVE, each of which sees all of them. Errors: 42712, 42701 for a name given twice, 22023 for a limit of no round. */
export function bindMutualRecursion(clause: MutualRecursionClause, environment: QueryEnvironment): QueryEnvironment {
  const { limit } = clause;
  if (limit !== null && limit.rounds < 1) {
    throw new SqlError({
      code: SqlState.invalidParameterValue,
      message: 'the recursion limit has to be greater than 0',
      position: limit.span.start,
    });
  }
  const bindings = clause.bindings.map((written) => declare(written, environment));
  for (const [index, { name, written }] of bindings.entries()) {
    if (bindings.findIndex((other) => other.name === name) === index) continue;
    throw new SqlError({
      code: SqlState.duplicateAlias,
      message: `WITH query name "${name}" specified more than once`,
      position: written.name.span.start,
    });
  }
  const inside = withTables(bindings, environment, ({ id, name, fields }) => ({ kind: 'recursive-scan', id, name, fields }));
  const plans = bindings.map((binding): BindingPlan => ({ id: binding.id, name: binding.name, plan: bindOne(binding, inside) }));
  const rounds = limit === null ? null : { rounds: limit.rounds, atLimit: limit.atLimit };
  return withTables(
    bindings,
    environment,
    ({ fields }, shown): MutualRecursionPlan => ({ kind: 'mutual-recursion', bindings: plans, shown, limit: rounds, fields }),
  );
}

function declare(written: RecursiveBinding, { state }: QueryEnvironment): Binding {
  const name = foldIdentifier(written.name);
  const fields: Field[] = [];
  for (const column of written.columns) {
    const field = { name: foldIdentifier(column.name), type: withPosition(column.span, () => resolveTypeName(column.type)) };
    if (fields.some((other) => other.name === field.name)) {
      throw new SqlError({
        code: SqlState.duplicateColumn,
        message: `column name "${field.name}" specified more than once`,
        position: column.span.start,
      });
    }
    fields.push(field);
  }
  return { id: [...state.viewStack, name, written.name.span.start].join('.'), name, fields, written };
}

function withTables(
  bindings: readonly Binding[],
  environment: QueryEnvironment,
  planOf: (binding: Binding, index: number) => LogicalPlan,
): QueryEnvironment {
  const depth = outerDepth(environment.outer);
  const commonTables = bindings.reduce<CommonTables | null>(
    (next, binding, index) => ({ name: binding.name, plan: planOf(binding, index), depth, next }),
    environment.commonTables,
  );
  return { ...environment, commonTables };
}

/** The query of a binding with the columns it declares. Errors: 42601 for another number of columns, 42804 for types that cannot be assigned. */
function bindOne({ name, fields, written }: Binding, environment: QueryEnvironment): LogicalPlan {
  const { state } = environment;
  const plan = state.binders.query(written.query, environment);
  if (plan.fields.length !== fields.length) {
    throw syntaxError(`recursive query "${name}" declares ${fields.length} columns but its query has ${plan.fields.length}`, written.name.span);
  }
  const typed = changeOutputs(plan, (column, index) => {
    const { name: declared, type } = fields[index]!;
    const converted = coerce(column, type, 'assignment', state);
    if (converted !== null)
      return sameType(converted.type, type) ? converted : { kind: 'cast', type, input: converted, mode: 'implicit', span: column.span };
    throw datatypeMismatch(
      `recursive query "${name}" declares column "${declared}" of type ${typeText(type)} but its query yields type ${typeText(column.type)}`,
      written.columns[index]!.span,
      'Cast the column of the query, or declare its type.',
    );
  });
  return renameFields(
    typed,
    fields.map((field) => field.name),
  );
}
