import { SqlError, SqlState } from '../../base/index.ts';
import { isOnlyElsewhere } from '../../catalog/index.ts';
import { type Expression, splitConjuncts } from '../../expr/index.ts';
import type { Join, Span } from '../../sql/index.ts';
import { eventTimeColumn, type LogicalPlan, timeProgress } from '../logical/index.ts';
import { conjunction } from './bind-predicate.ts';
import type { BindState } from './bind-state.ts';
import { datatypeMismatch, notSupported, typeText } from './binder-error.ts';
import { columnOf } from './row-scope.ts';
import { equalityOf, joinedByTime } from './time-join.ts';

interface TemporalParts {
  readonly node: Join;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly condition: Expression | null;
  /** What stands behind FOR SYSTEM_TIME AS OF, over the left row; null: the epoch in which that comes, as LATERAL SNAPSHOT has it. */
  readonly moment: Expression | null;
  readonly momentSpan: Span;
}

/**
 * `JOIN r FOR SYSTEM_TIME AS OF …`: the version of r at a time of the left row, or, for processing time, what r holds in the epoch. Conditions besides
 * equalities are tested on the pair. Errors: 0A000 for RIGHT, FULL and CROSS and without an equality, 42804 for times of two types, 42P17 where r has
 * no event time.
 */
export function temporalJoin({ node, left, right, condition, moment, momentSpan }: TemporalParts, state: BindState): LogicalPlan {
  const clause = moment === null ? 'LATERAL SNAPSHOT' : 'FOR SYSTEM_TIME AS OF';
  if (node.type !== 'inner' && node.type !== 'left') {
    throw notSupported(`${clause} with ${node.type.toUpperCase()} JOIN is not supported`, node.span, 'Use JOIN or LEFT JOIN.');
  }
  const keys: NonNullable<ReturnType<typeof equalityOf>>[] = [];
  const rest: Expression[] = [];
  for (const conjunct of condition === null ? [] : splitConjuncts(condition)) {
    const equality = equalityOf(conjunct, left.fields.length, state.context.functions.lookup);
    if (equality === null) rest.push(conjunct);
    else keys.push(equality);
  }
  if (keys.length === 0) {
    throw notSupported(`${clause} needs an equality between the sides`, node.span, 'Add ON o.k = r.k, with the key of the table.');
  }
  const time = moment === null || isProcessingTime(moment, left) ? null : versionTime({ left: moment, right, span: momentSpan });
  const plan = joinedByTime({ left, right, joinType: node.type, keys, time, temporal: true });
  if (rest.length > 0 && node.type === 'left' && time === null) refuseSeveralRows(right, keys, { clause, span: node.span });
  return rest.length === 0 ? plan : tested(plan, { left, joinType: node.type, test: conjunction(rest, 'and', node.span) });
}

function isProcessingTime(moment: Expression, left: LogicalPlan): boolean {
  if (moment.kind === 'call') return moment.signature.startsWith('proctime() ');
  return moment.kind === 'column' && timeProgress(left, moment.index)?.clock === 'epoch';
}

/** What another system keeps is as it is when it is looked up. */
function refuseExternal(right: LogicalPlan, span: Span): void {
  if (right.kind !== 'scan' || !isOnlyElsewhere(right.relation)) return;
  throw notSupported(
    `"${right.relation.name}" is kept by another system, which does not tell its versions`,
    span,
    'Look up what it holds now: FOR SYSTEM_TIME AS OF PROCTIME(), or a column of the left side declared AS PROCTIME().',
  );
}

function versionTime({ left, right, span }: { readonly left: Expression; readonly right: LogicalPlan; readonly span: Span }) {
  refuseExternal(right, span);
  const column = eventTimeColumn(right);
  if (column === null) {
    throw new SqlError({
      code: SqlState.invalidObjectDefinition,
      message: 'the table of FOR SYSTEM_TIME AS OF has no event time that says since when a version holds',
      hint: 'Declare WATERMARK FOR on a time column of it, or join what it holds now: FOR SYSTEM_TIME AS OF PROCTIME().',
      position: span.start,
    });
  }
  const field = right.fields[column]!;
  if (left.type.kind !== field.type.kind) {
    throw datatypeMismatch(
      `the time of FOR SYSTEM_TIME AS OF is ${typeText(left.type)}, that of the table's versions ("${field.name}") ${typeText(field.type)}`,
      span,
      'Declare both columns with the same type.',
    );
  }
  return { left, right: columnOf(column, field), direction: 'before', strict: false } as const;
}

/** Where several rows of the right side have a key, those that fail a further condition say nothing about whether the left row is alone. */
function refuseSeveralRows(
  right: LogicalPlan,
  keys: readonly { readonly right: Expression }[],
  place: { readonly clause: string; readonly span: Span },
): void {
  const columns = new Set(keys.flatMap(({ right: key }) => (key.kind === 'column' ? [key.index] : [])));
  const isUnique =
    right.kind === 'scan' &&
    right.relation.uniqueKeys.some((unique) => unique.every((column) => [...columns].some((index) => isColumn(right.paths[index]!, column))));
  if (isUnique) return;
  throw notSupported(
    `LEFT JOIN with ${place.clause} and further conditions needs equalities for all columns of the primary key`,
    place.span,
    'Declare the PRIMARY KEY and join by it, test the condition in CASE in the SELECT, or use JOIN.',
  );
}

function isColumn(path: readonly number[], column: number): boolean {
  return path.length === 1 && path[0] === column;
}

/** Further conditions: a pair that fails them is none. */
function tested(
  plan: LogicalPlan,
  { left, joinType, test }: { readonly left: LogicalPlan; readonly joinType: 'inner' | 'left'; readonly test: Expression },
): LogicalPlan {
  if (joinType === 'inner') return { kind: 'filter', input: plan, predicate: test, fields: plan.fields };
  const expressions = plan.fields.map((field, index): Expression => {
    const column = columnOf(index, field);
    if (index < left.fields.length) return column;
    return { kind: 'case', branches: [{ condition: test, result: column }], otherwise: null, type: field.type };
  });
  return { kind: 'project', input: plan, expressions, fields: plan.fields };
}
