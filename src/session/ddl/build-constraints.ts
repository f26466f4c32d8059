import { SqlError, SqlState } from '../../base/index.ts';
import { primaryKeyName, type RelationColumn, type RelationConstraint, type UniqueRule } from '../../catalog/index.ts';
import { visitExpression } from '../../expr/index.ts';
import { type ColumnConstraint, type Expression, foldIdentifier, type Identifier, printExpression, type TableElement } from '../../sql/index.ts';
import { formatType } from '../../types/index.ts';
import type { StatementBinder } from '../engine/index.ts';
import { keyColumn } from './build-columns.ts';

/** What constraints are built over. */
export interface ConstraintPlace {
  readonly table: string;
  readonly columns: readonly RelationColumn[];
  readonly primaryKey: readonly number[] | null;
  readonly binder: StatementBinder;
}

export interface BuiltConstraints {
  readonly primaryKeyName?: string;
  readonly constraints?: readonly RelationConstraint[];
}

/** A constraint as written, wherever it stood; of one behind a column the column is known. */
type Written =
  | { readonly kind: 'unique'; readonly name: Identifier | null; readonly columns: readonly Identifier[]; readonly nullsDistinct: boolean }
  | { readonly kind: 'check'; readonly name: Identifier | null; readonly expression: Expression; readonly noInherit: boolean };

/** UNIQUE, CHECK and the name of the primary key of a new stored table. Errors: 42703, 42710, 42804, 0A000. */
export function buildConstraints(elements: readonly TableElement[], place: ConstraintPlace): BuiltConstraints {
  const named = elements.flatMap(constraintsOf).find(({ kind, name }) => /primary-key$/.test(kind) && name !== null)?.name ?? null;
  const primaryKey = place.primaryKey === null || named === null ? {} : { primaryKeyName: foldIdentifier(named) };
  let constraints: readonly RelationConstraint[] = [];
  for (const element of elements) {
    for (const written of writtenConstraints(element)) constraints = withConstraint(written, constraints, { ...place, ...primaryKey });
  }
  return constraints.length === 0 ? primaryKey : { ...primaryKey, constraints };
}

/** The constraints with one more. A key that is there already is not made twice, unless it has a name. */
function withConstraint(
  written: Written,
  others: readonly RelationConstraint[],
  place: ConstraintPlace & { readonly primaryKeyName?: string },
): readonly RelationConstraint[] {
  const number = Math.max(-1, ...others.map((other) => other.number)) + 1;
  const taken = new Set(others.map((other) => other.name));
  if (place.primaryKey !== null) taken.add(primaryKeyName({ ...place, name: place.table }));
  if (written.kind === 'check') {
    const { expression, columns } = checkCondition(written, place);
    const name = nameOf(written, { taken, place, base: [place.table, ...(columns.length === 1 ? [place.columns[columns[0]!]!.name] : []), 'check'] });
    return [...others, { kind: 'check', name, number, columns, expression }];
  }
  const columns = written.columns.map((column) => keyColumn(column, place.columns));
  const { nullsDistinct } = written;
  if (written.name === null && isDeclared({ columns, nullsDistinct }, others, place)) return others;
  const name = nameOf(written, { taken, place, base: [place.table, ...columns.map((column) => place.columns[column]!.name), 'key'] });
  return [...others, { kind: 'unique', name, number, columns, nullsDistinct }];
}

function constraintsOf(element: TableElement): readonly { readonly kind: string; readonly name: Identifier | null }[] {
  if (element.kind === 'column-definition') return element.constraints;
  return element.kind === 'table-primary-key' ? [element] : [];
}

function writtenConstraints(element: TableElement): Written[] {
  if (element.kind === 'column-definition') return element.constraints.flatMap((constraint) => ofColumn(element.name, constraint));
  if (element.kind === 'table-unique') return [{ ...element, kind: 'unique' }];
  return element.kind === 'table-check' ? [{ ...element, kind: 'check' }] : [];
}

function ofColumn(column: Identifier, constraint: ColumnConstraint): Written[] {
  if (constraint.kind === 'unique') return [{ ...constraint, columns: [column] }];
  return constraint.kind === 'check' ? [constraint] : [];
}

/** Condition and the columns it names. */
function checkCondition(
  written: Extract<Written, { readonly kind: 'check' }>,
  { binder, columns }: ConstraintPlace,
): { readonly expression: string; readonly columns: readonly number[] } {
  const { expression, noInherit } = written;
  if (noInherit) {
    throw new SqlError({
      code: SqlState.featureNotSupported,
      message: 'NO INHERIT is not supported: tables do not inherit',
      hint: 'Leave it away.',
      position: expression.span.start,
    });
  }
  const bound = binder.rowExpression(expression, columns, 'check constraints');
  if (bound.type.kind !== 'bool') {
    throw new SqlError({
      code: SqlState.datatypeMismatch,
      message: `argument of CHECK must be type boolean, not type ${formatType(bound.type)}`,
      position: expression.span.start,
    });
  }
  const used = new Set<number>();
  visitExpression(bound, (part) => {
    if (part.kind === 'column') used.add(part.index);
  });
  return { expression: printExpression(expression), columns: [...used].sort((left, right) => left - right) };
}

function isDeclared(
  key: Pick<UniqueRule, 'columns' | 'nullsDistinct'>,
  others: readonly RelationConstraint[],
  { primaryKey }: ConstraintPlace,
): boolean {
  const text = JSON.stringify(key.columns);
  if (JSON.stringify(primaryKey) === text) return true;
  return others.some((other) => other.kind === 'unique' && other.nullsDistinct === key.nullsDistinct && JSON.stringify(other.columns) === text);
}

interface NamePlace {
  readonly taken: ReadonlySet<string>;
  readonly place: ConstraintPlace;
  /** The parts PostgreSQL makes a name of. */
  readonly base: readonly string[];
}

/** Errors: 42710 for a written name that is taken. */
function nameOf(written: Written, { taken, place, base }: NamePlace): string {
  if (written.name === null) {
    const name = base.join('_');
    for (let number = 0; ; number++) {
      const free = number === 0 ? name : `${name}${number}`;
      if (!taken.has(free)) return free;
    }
  }
  const name = foldIdentifier(written.name);
  if (!taken.has(name)) return name;
  throw new SqlError({
    code: SqlState.duplicateObject,
    message:
      written.kind === 'check' ? `check constraint "${name}" already exists` : `constraint "${name}" for relation "${place.table}" already exists`,
    position: written.name.span.start,
  });
}
