import { assert, unreachable } from '../../base/index.ts';
import { type Expression, visitExpression } from '../../expr/index.ts';
import { formatType, type SqlType } from '../../types/index.ts';
import { isLeftOnly } from './join-sides.ts';
import type { AsOfJoinPlan, Field, LogicalPlan } from './logical-plan.ts';
import { matchFields, recognitionFields } from './match-fields.ts';
import { subqueryPlan } from './outer-columns.ts';
import { planExpressions } from './plan-expressions.ts';
import { planInputs } from './plan-inputs.ts';

/**
 * Checks what every rule must keep: field counts and types, column positions, boolean predicates, outer columns with a row to mean. A violation is
 * a bug of the planner, never of the statement; the message names the node. `outer`: fields of the rows pushed around the plan, nearest first.
 */
export function verifyLogicalPlan(plan: LogicalPlan, outer: readonly (readonly Field[])[] = []): void {
  verifyNode(plan);
  for (const [index, input] of planInputs(plan).entries()) {
    const pushed = plan.kind === 'join' && plan.lateral && index === 1;
    verifyLogicalPlan(input, pushed ? [planInputs(plan)[0]!.fields, ...outer] : outer);
  }
  const row = rowBelow(plan);
  for (const expression of planExpressions(plan)) verifyExpression(expression, row, outer, plan);
}

/** The row a node's expressions are over. */
function rowBelow(plan: LogicalPlan): readonly Field[] {
  switch (plan.kind) {
    case 'values':
    case 'table-function':
    case 'limit':
    case 'scan':
      return [];
    case 'match-recognize':
      return recognitionFields(plan);
    default:
      return planInputs(plan).flatMap((input) => input.fields);
  }
}

function verifyExpression(expression: Expression, row: readonly Field[], outer: readonly (readonly Field[])[], plan: LogicalPlan): void {
  visitExpression(expression, (node) => {
    assert(node.type.kind !== 'unknown', `${plan.kind}: an expression of unknown type (${node.kind})`);
    if (node.kind === 'column') verifyColumn(node, row, plan);
    if (node.kind === 'outer-column') {
      const around = outer[node.depth - 1];
      assert(around !== undefined, `${plan.kind}: outer column ${node.name} of depth ${node.depth} without such a row`);
      verifyColumn(node, around, plan);
    }
    if (node.kind === 'subquery') verifyLogicalPlan(subqueryPlan(node), [row, ...outer]);
  });
}

function verifyColumn(
  node: { readonly index: number; readonly name: string; readonly type: SqlType },
  row: readonly Field[],
  plan: LogicalPlan,
): void {
  const field = row[node.index];
  assert(field !== undefined, `${plan.kind}: column ${node.name} at ${node.index} of a row of ${row.length}`);
  assert(equalTypes(field.type, node.type), `${plan.kind}: column ${node.name} is ${formatType(field.type)}, not ${formatType(node.type)}`);
}

/** Names of fields in row types may differ after a rename; nothing else may. */
function equalTypes(left: SqlType, right: SqlType): boolean {
  if (left.kind === 'array' && right.kind === 'array') return equalTypes(left.element, right.element);
  if (left.kind === 'row' && right.kind === 'row') {
    return left.fields.length === right.fields.length && left.fields.every((field, index) => equalTypes(field.type, right.fields[index]!.type));
  }
  if (left.kind === 'map' && right.kind === 'map') return equalTypes(left.key, right.key) && equalTypes(left.value, right.value);
  return JSON.stringify(left) === JSON.stringify(right);
}

function verifyNode(plan: LogicalPlan): void {
  switch (plan.kind) {
    case 'scan':
      assert(plan.paths.length === plan.fields.length, 'scan: one path a field');
      return;
    case 'values':
      for (const row of plan.rows)
        expectTypes(
          plan,
          row.map((expression) => expression.type),
        );
      return;
    case 'table-function':
    case 'recursive-scan':
      return;
    case 'filter':
      assert(plan.predicate.type.kind === 'bool', 'filter: the predicate is boolean');
      expectTypes(plan, typesOf(plan.input.fields));
      return;
    case 'project':
      expectTypes(
        plan,
        plan.expressions.map((expression) => expression.type),
      );
      return;
    case 'window-assign': {
      const time = plan.input.fields[plan.timeColumn]!.type;
      expectTypes(plan, [...plan.input.fields.map((field) => field.type), time, time, time]);
      return;
    }
    case 'aggregate':
      for (const set of plan.groupingSets)
        assert(
          set.every((position) => position < plan.groupBy.length),
          'aggregate: a grouping set of its keys',
        );
      expectTypes(plan, [...plan.groupBy.map((key) => key.type), ...plan.calls.map((call) => call.type)]);
      return;
    case 'join':
      verifyJoin(plan);
      expectTypes(plan, typesOf(joinFields(plan)));
      return;
    case 'as-of-join':
      verifyAsOfJoin(plan);
      expectTypes(plan, typesOf([...plan.left.fields, ...plan.right.fields]));
      return;
    case 'recursion':
      expectTypesOfInputs(plan, [plan.base, plan.step]);
      return;
    case 'mutual-recursion':
      verifyMutualRecursion(plan);
      return;
    case 'set-operation':
      expectTypesOfInputs(plan, plan.inputs);
      return;
    case 'over':
      expectTypes(plan, [...plan.input.fields.map((field) => field.type), ...plan.calls.map((call) => call.type)]);
      return;
    case 'match-recognize':
      expectTypes(plan, typesOf(matchFields(plan)));
      return;
    case 'distinct':
    case 'sort':
    case 'limit':
      expectTypesOfInputs(plan, [plan.input]);
      return;
    default:
      unreachable(plan);
  }
}

function verifyMutualRecursion({ bindings, shown, fields }: Extract<LogicalPlan, { kind: 'mutual-recursion' }>): void {
  assert(bindings[shown] !== undefined, 'mutual-recursion: one of its bindings is shown');
  const types = new Map(bindings.map(({ id, plan }) => [id, typesOf(plan.fields)]));
  assert(types.size === bindings.length, 'mutual-recursion: each binding has an id of its own');
  const expectScans = (plan: LogicalPlan): void => {
    if (plan.kind === 'recursive-scan' && types.has(plan.id)) expectTypes(plan, types.get(plan.id)!);
    for (const input of planInputs(plan)) expectScans(input);
  };
  for (const { plan } of bindings) expectScans(plan);
  expectTypesOfInputs({ kind: 'recursive-scan', id: bindings[shown].id, name: bindings[shown].name, fields }, [bindings[shown].plan]);
}

function verifyJoin(plan: Extract<LogicalPlan, { kind: 'join' }>): void {
  assert(plan.condition === null || plan.condition.type.kind === 'bool', 'join: the condition is boolean');
  assert(plan.condition === null || plan.joinType !== 'cross', 'join: a cross join has no condition');
  assert(!plan.lateral || (plan.joinType !== 'right' && plan.joinType !== 'full'), 'join: a lateral right side has no rows of its own');
}

function verifyAsOfJoin({ left, right, leftKeys, rightKeys, time, temporal }: AsOfJoinPlan): void {
  assert(leftKeys.length === rightKeys.length, 'as-of-join: as many keys on both sides');
  assert(
    leftKeys.every((key) => key < left.fields.length) && rightKeys.every((key) => key < right.fields.length),
    'as-of-join: keys are columns of the sides',
  );
  assert(time !== null || temporal, 'as-of-join: only a temporal join does without a time');
  if (time === null) return;
  const [one, other] = [left.fields[time.left], right.fields[time.right]];
  assert(one !== undefined && other !== undefined && one.type.kind === other.type.kind, 'as-of-join: times are columns of one kind of type');
}

function typesOf(fields: readonly Field[]): SqlType[] {
  return fields.map((field) => field.type);
}

function expectTypesOfInputs(plan: LogicalPlan, inputs: readonly LogicalPlan[]): void {
  for (const input of inputs) expectTypes(plan, typesOf(input.fields));
}

function joinFields(plan: Extract<LogicalPlan, { kind: 'join' }>): readonly Field[] {
  return isLeftOnly(plan.joinType) ? plan.left.fields : [...plan.left.fields, ...plan.right.fields];
}

function expectTypes(plan: LogicalPlan, types: readonly SqlType[]): void {
  assert(types.length === plan.fields.length, `${plan.kind}: ${plan.fields.length} fields for ${types.length} columns`);
  for (const [index, type] of types.entries()) {
    const field = plan.fields[index]!;
    assert(equalTypes(field.type, type), `${plan.kind}: field ${field.name} is ${formatType(field.type)}, its column ${formatType(type)}`);
  }
}
