import { SqlError, SqlState } from '../../base/index.ts';
import { type CommonTable, foldIdentifier, type Query, type QueryBody, type SetOperation } from '../../sql/index.ts';
import { sameType } from '../../types/index.ts';
import { type JoinPlan, type LogicalPlan, planInputs, type RecursiveScanPlan } from '../logical/index.ts';
import { type CommonTables, outerDepth, type QueryEnvironment } from './bind-state.ts';
import { notSupported, syntaxError, typeText } from './binder-error.ts';
import { castOutputs, resolveOutputs } from './cast-outputs.ts';
import { findCommonType } from './common-type.ts';
import { renameFields } from './table-alias.ts';

/** A common table that is a query. */
type QueryTable = CommonTable & { readonly query: Query };

type BindBody = (body: QueryBody, environment: QueryEnvironment) => LogicalPlan;

/** A table of WITH RECURSIVE, which need not be recursive. Errors: 42P19 for a recursion of another form than PostgreSQL takes. */
export function bindRecursive(table: QueryTable, environment: QueryEnvironment, bindBody: BindBody): LogicalPlan {
  const { state } = environment;
  const name = foldIdentifier(table.name);
  const { body } = table.query;
  const bindWhole = (message: string): LogicalPlan => nameColumns(state.binders.query(table.query, withOwn(environment, name, message)), table);
  if (body.kind !== 'set-operation' || body.operator !== 'union' || table.query.with !== null) {
    return bindWhole(`recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`);
  }
  const outside = `recursive reference to query "${name}" must not appear within its non-recursive term`;
  const base = nameColumns(resolveOutputs(bindBody(body.left, withOwn(environment, name, outside)), state), table);
  const id = [...state.viewStack, name, table.name.span.start].join('.');
  const scan: RecursiveScanPlan = { kind: 'recursive-scan', id, name, fields: base.fields };
  const step = bindBody(body.right, withOwn(environment, name, scan));
  if (!reads(step, id)) return bindWhole(outside);
  checkStep(step, scan, body);
  refuseOrder(table);
  return { kind: 'recursion', id, name, all: body.all, base, step: sameTypes(step, { base, name, body }, environment), fields: base.fields };
}

/** The table's name within its own query. */
function withOwn(environment: QueryEnvironment, name: string, plan: CommonTables['plan']): QueryEnvironment {
  return { ...environment, commonTables: { name, plan, depth: outerDepth(environment.outer), next: environment.commonTables } };
}

/** The columns as the table's list names them. Errors: 42P10 for more names than columns. */
export function nameColumns(plan: LogicalPlan, table: CommonTable): LogicalPlan {
  if (table.columns.length > plan.fields.length) {
    throw new SqlError({
      code: SqlState.invalidColumnReference,
      message: `WITH query "${foldIdentifier(table.name)}" has ${plan.fields.length} columns available but ${table.columns.length} columns specified`,
      position: table.name.span.start,
    });
  }
  return renameFields(plan, table.columns.map(foldIdentifier));
}

function refuseOrder({ query }: QueryTable): void {
  const [first] = query.orderBy;
  if (first !== undefined) throw notSupported('ORDER BY in a recursive query is not implemented', first.span);
  if (query.limit === null && query.offset === null) return;
  throw notSupported('LIMIT in a recursive query is not implemented', query.span, 'Put it on the query that reads the recursive one.');
}

function reads(plan: LogicalPlan, id: string): boolean {
  return (plan.kind === 'recursive-scan' && plan.id === id) || planInputs(plan).some((input) => reads(input, id));
}

/** Between the step and its one reference stands only what can be done round by round. */
function checkStep(plan: LogicalPlan, scan: RecursiveScanPlan, body: SetOperation): void {
  const readers = planInputs(plan).filter((input) => reads(input, scan.id));
  const refuse = (message: string): SqlError => new SqlError({ code: SqlState.invalidRecursion, message, position: body.right.span.start });
  const reference = `recursive reference to query "${scan.name}" must not appear`;
  if (readers.length > 1) throw refuse(`${reference} more than once`);
  const [reader] = readers;
  if (reader === undefined) return;
  if (plan.kind === 'aggregate' && plan.wholeRows !== true) throw refuse("aggregate functions are not allowed in a recursive query's recursive term");
  if (plan.kind === 'join' && !keepsRows(plan, reader === plan.left)) throw refuse(`${reference} within an outer join`);
  if (plan.kind === 'as-of-join' && reader !== plan.left) throw refuse(`${reference} on the right of an ASOF or temporal join`);
  if (plan.kind === 'set-operation' && plan.operator !== 'union') throw refuse(`${reference} within ${plan.operator.toUpperCase()}`);
  checkStep(reader, scan, body);
}

/** More rows on that side of the join never make fewer rows of it. */
function keepsRows({ joinType }: JoinPlan, left: boolean): boolean {
  if (joinType === 'inner' || joinType === 'cross') return true;
  return left ? joinType !== 'right' && joinType !== 'full' : joinType === 'right';
}

interface Recursion {
  readonly base: LogicalPlan;
  readonly name: string;
  readonly body: SetOperation;
}

/** The step's columns brought to the types of the base. Errors: 42804. */
function sameTypes(step: LogicalPlan, { base, name, body }: Recursion, environment: QueryEnvironment): LogicalPlan {
  if (step.fields.length !== base.fields.length) throw syntaxError('each UNION query must have the same number of columns', body.right.span);
  const types = base.fields.map((field) => field.type);
  for (const [index, type] of types.entries()) {
    const common = findCommonType([type, step.fields[index]!.type], environment.state);
    if (common !== null && sameType(common, type)) continue;
    const overall = typeText(common ?? step.fields[index]!.type);
    throw new SqlError({
      code: SqlState.datatypeMismatch,
      message: `recursive query "${name}" column ${index + 1} has type ${typeText(type)} in non-recursive term but type ${overall} overall`,
      hint: 'Cast the output of the non-recursive term to the correct type.',
      position: body.left.span.start,
    });
  }
  return castOutputs(step, types, environment.state);
}
