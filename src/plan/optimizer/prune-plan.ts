import { unreachable } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import {
  type AggregatePlan,
  type AsOfJoinPlan,
  freeOuterColumns,
  isBroadcast,
  isLeftOnly,
  type JoinPlan,
  type LogicalPlan,
  type MatchRecognizePlan,
  mapAggregateCall,
  mapOuterColumns,
  mapOverCall,
  mapPlanExpressions,
  moveColumns,
  type OverPlan,
  planExpressions,
  rowColumns,
  type SetOperationPlan,
  type WindowAssignPlan,
} from '../logical/index.ts';

/** A narrower plan and where the columns that were asked for are in its output. */
interface Pruned {
  readonly plan: LogicalPlan;
  readonly position: (index: number) => number;
}

const unmoved = (index: number): number => index;

/** The plan without the columns that are not in `needed`, as far as its nodes can do without them; it may keep more. */
export function prunePlan(plan: LogicalPlan, needed: readonly number[]): Pruned {
  switch (plan.kind) {
    case 'scan': {
      const { partitioning } = plan;
      const routedBy = partitioning?.kind !== 'hash' ? [] : partitioning.columns.map((column) => wholeColumn(plan.paths, column));
      const kept = keepSome(plan, [...needed, ...routedBy]);
      const pick = <Item>(items: readonly Item[]): Item[] => kept.map((index) => items[index]!);
      return { plan: { ...plan, paths: pick(plan.paths), fields: pick(plan.fields) }, position: positionIn(kept) };
    }
    case 'values': {
      const kept = sorted(needed);
      const pick = <Item>(items: readonly Item[]): Item[] => kept.map((index) => items[index]!);
      return { plan: { ...plan, rows: plan.rows.map(pick), fields: pick(plan.fields) }, position: positionIn(kept) };
    }
    case 'table-function':
    case 'recursive-scan':
      return { plan, position: unmoved };
    case 'recursion': {
      // What one round finds the next one reads, so that all columns stay.
      const all = plan.fields.map((_, index) => index);
      const [base, step] = [plan.base, plan.step].map((input) => exactly(prunePlan(input, all), all, input));
      return { plan: { ...plan, base: base!, step: step! }, position: unmoved };
    }
    case 'mutual-recursion': {
      const bindings = plan.bindings.map((binding) => {
        const all = binding.plan.fields.map((_, index) => index);
        return { ...binding, plan: exactly(prunePlan(binding.plan, all), all, binding.plan) };
      });
      return { plan: { ...plan, bindings }, position: unmoved };
    }
    case 'project': {
      const kept = sorted(needed);
      const expressions = kept.map((index) => plan.expressions[index]!);
      const input = prunePlan(plan.input, readBy(expressions));
      const moved = expressions.map((expression) => moveColumns(expression, input.position));
      return {
        plan: { ...plan, input: input.plan, expressions: moved, fields: kept.map((index) => plan.fields[index]!) },
        position: positionIn(kept),
      };
    }
    case 'filter':
    case 'sort':
    case 'limit':
      return pruneSameRow(plan, needed);
    case 'distinct':
      return pruneSameRow(plan, plan.on === null ? plan.fields.map((_, index) => index) : needed);
    case 'window-assign':
      return pruneWindowAssign(plan, needed);
    case 'aggregate':
      return pruneAggregate(plan, needed);
    case 'over':
      return pruneOver(plan, needed);
    case 'match-recognize':
      return pruneMatchRecognize(plan);
    case 'join':
      return pruneJoin(plan, needed);
    case 'as-of-join':
      return pruneAsOfJoin(plan, needed);
    case 'set-operation':
      return pruneSetOperation(plan, needed);
    default:
      return unreachable(plan);
  }
}

function sorted(columns: Iterable<number>): number[] {
  return [...new Set(columns)].sort((left, right) => left - right);
}

/** A scan without columns would not know its rows apart from nothing in some formats; one column is kept. */
function keepSome(plan: LogicalPlan, needed: readonly number[]): number[] {
  const kept = sorted(needed);
  return kept.length === 0 && plan.fields.length > 0 ? [0] : kept;
}

function wholeColumn(paths: readonly (readonly number[])[], column: number): number {
  return paths.findIndex((path) => path.length === 1 && path[0] === column);
}

function positionIn(kept: readonly number[]): (index: number) => number {
  const positions = new Map(kept.map((index, position) => [index, position]));
  return (index) => positions.get(index) ?? index;
}

function readBy(expressions: Iterable<Expression>): number[] {
  return sorted([...expressions].flatMap(rowColumns));
}

/** Nodes whose output row is their input row. */
function pruneSameRow(plan: Extract<LogicalPlan, { kind: 'filter' | 'sort' | 'limit' | 'distinct' }>, needed: readonly number[]): Pruned {
  const own = plan.kind === 'limit' ? [] : readBy(planExpressions(plan));
  // Limit WITH TIES compares by the keys of the Sort below, which needs them anyway.
  const { plan: input, position } = prunePlan(plan.input, sorted([...needed, ...own]));
  const { fields } = input;
  const move = (expression: Expression): Expression => moveColumns(expression, position);
  switch (plan.kind) {
    case 'filter':
      return { plan: { ...plan, input, predicate: move(plan.predicate), fields }, position };
    case 'sort':
      return { plan: { ...plan, input, keys: plan.keys.map((key) => ({ ...key, expression: move(key.expression) })), fields }, position };
    case 'limit':
      return { plan: { ...plan, input, fields }, position };
    case 'distinct':
      return { plan: { ...plan, input, on: plan.on?.map(move) ?? null, fields }, position };
  }
}

function pruneWindowAssign(plan: WindowAssignPlan, needed: readonly number[]): Pruned {
  const width = plan.input.fields.length;
  const keys = plan.window.kind === 'session' ? plan.window.partitionBy : [];
  const input = prunePlan(plan.input, sorted([...needed.filter((column) => column < width), plan.timeColumn, ...keys]));
  const narrow = input.plan.fields.length;
  const window = plan.window.kind === 'session' ? { ...plan.window, partitionBy: keys.map(input.position) } : plan.window;
  return {
    plan: {
      ...plan,
      input: input.plan,
      window,
      timeColumn: input.position(plan.timeColumn),
      fields: [...input.plan.fields, ...plan.fields.slice(width)],
    },
    position: (index) => (index < width ? input.position(index) : index - width + narrow),
  };
}

/** Keys stay, since they make the groups; calls nobody reads go. */
function pruneAggregate(plan: AggregatePlan, needed: readonly number[]): Pruned {
  const keys = plan.groupBy.length;
  const kept = sorted([...plan.groupBy.map((_, index) => index), ...needed]);
  const calls = kept.filter((index) => index >= keys).map((index) => plan.calls[index - keys]!);
  const own = planExpressions({ ...plan, calls });
  const { plan: input, position } = prunePlan(plan.input, readBy(own));
  const move = (expression: Expression): Expression => moveColumns(expression, position);
  return {
    plan: {
      ...plan,
      input,
      groupBy: plan.groupBy.map(move),
      calls: calls.map((call) => mapAggregateCall(call, move)),
      fields: kept.map((index) => plan.fields[index]!),
    },
    position: positionIn(kept),
  };
}

function pruneOver(plan: OverPlan, needed: readonly number[]): Pruned {
  const width = plan.input.fields.length;
  const calls = sorted(needed.filter((column) => column >= width));
  const kept = calls.map((column) => plan.calls[column - width]!);
  if (kept.length === 0) return prunePlan(plan.input, needed);
  const own = planExpressions({ ...plan, calls: kept });
  const input = prunePlan(plan.input, sorted([...needed.filter((column) => column < width), ...readBy(own)]));
  const narrow = input.plan.fields.length;
  const move = (expression: Expression): Expression => moveColumns(expression, input.position);
  return {
    plan: {
      ...plan,
      input: input.plan,
      calls: kept.map((call) => mapOverCall(call, move)),
      fields: [...input.plan.fields, ...calls.map((column) => plan.fields[column]!)],
    },
    position: (index) => (index < width ? input.position(index) : narrow + calls.indexOf(index)),
  };
}

/** ONE ROW needs what its expressions read; ALL ROWS shows every column of its input. */
function pruneMatchRecognize(plan: MatchRecognizePlan): Pruned {
  if (plan.recognition.shown !== 'one') return { plan: { ...plan, input: keepAll(plan.input) }, position: unmoved };
  const width = plan.input.fields.length;
  const read = readBy(planExpressions(plan)).filter((column) => column < width);
  const input = prunePlan(plan.input, sorted([...read, ...plan.partitionBy, ...plan.orderBy.map((key) => key.column)]));
  const narrow = input.plan.fields.length;
  const position = (index: number): number => (index < width ? input.position(index) : index - width + narrow);
  const pruned = mapPlanExpressions(plan, (expression) => moveColumns(expression, position)) as MatchRecognizePlan;
  const partitionBy = plan.partitionBy.map(input.position);
  const orderBy = plan.orderBy.map((key) => ({ ...key, column: input.position(key.column) }));
  return { plan: { ...pruned, input: input.plan, partitionBy, orderBy }, position: unmoved };
}

/** The plan with all of its columns at their places. */
function keepAll(plan: LogicalPlan): LogicalPlan {
  const all = plan.fields.map((_, index) => index);
  return exactly(prunePlan(plan, all), all, plan);
}

/** The right side keeps all of its columns: they decide between rows of the same time. */
function pruneAsOfJoin(plan: AsOfJoinPlan, needed: readonly number[]): Pruned {
  const width = plan.left.fields.length;
  const times = plan.time === null ? [] : [plan.time.left];
  const left = prunePlan(plan.left, sorted([...needed.filter((column) => column < width), ...plan.leftKeys, ...times]));
  const right = keepAll(plan.right);
  const narrow = left.plan.fields.length;
  const fields = [...left.plan.fields, ...right.fields];
  const time = plan.time && { ...plan.time, left: left.position(plan.time.left) };
  return {
    plan: { ...plan, left: left.plan, right, leftKeys: plan.leftKeys.map(left.position), time, fields },
    position: (index) => (index < width ? left.position(index) : index - width + narrow),
  };
}

function pruneJoin(plan: JoinPlan, needed: readonly number[]): Pruned {
  const width = plan.left.fields.length;
  const own = plan.condition === null ? [] : rowColumns(plan.condition);
  const all = sorted([...needed, ...own]);
  // A lateral right side reads the left row as outer columns.
  const lateral = plan.lateral ? freeOuterColumns(plan.right).flatMap((column) => (column.depth === 1 ? [column.index] : [])) : [];
  // Beside a broadcast side rows are joined where they lie, so that what places them has to be there.
  const placing = [isBroadcast(plan.right) ? placedBy(plan.left) : [], isBroadcast(plan.left) ? placedBy(plan.right) : []] as const;
  const left = prunePlan(plan.left, sorted([...all.filter((column) => column < width), ...lateral, ...placing[0]]));
  const right = prunePlan(plan.right, sorted([...all.filter((column) => column >= width).map((column) => column - width), ...placing[1]]));
  const narrow = left.plan.fields.length;
  const position = (index: number): number => (index < width ? left.position(index) : right.position(index - width) + narrow);
  const rightPlan = plan.lateral ? moveLeftRow(right.plan, left.position) : right.plan;
  return {
    plan: {
      ...plan,
      left: left.plan,
      right: rightPlan,
      condition: plan.condition && moveColumns(plan.condition, position),
      fields: isLeftOnly(plan.joinType) ? left.plan.fields : [...left.plan.fields, ...right.plan.fields],
    },
    position,
  };
}

/** Columns of a stored table by which its rows lie, perhaps behind filters. */
function placedBy(plan: LogicalPlan): number[] {
  if (plan.kind === 'filter') return placedBy(plan.input);
  if (plan.kind !== 'scan' || plan.relation.kind !== 'table') return [];
  return (plan.relation.primaryKey ?? []).map((column) => wholeColumn(plan.paths, column)).filter((column) => column >= 0);
}

/** The lateral side with the left row's columns renumbered. */
function moveLeftRow(plan: LogicalPlan, position: (index: number) => number): LogicalPlan {
  return mapOuterColumns(plan, (column, level) => {
    const index = column.depth - level === 1 ? position(column.index) : column.index;
    return index === column.index ? column : { ...column, index };
  });
}

/** Only UNION ALL can drop columns: everything else compares whole rows. Inputs must agree in order, so each ends in exactly those columns. */
function pruneSetOperation(plan: SetOperationPlan, needed: readonly number[]): Pruned {
  const droppable = plan.operator === 'union' && plan.all;
  const kept = droppable ? sorted(needed) : plan.fields.map((_, index) => index);
  const inputs = plan.inputs.map((input) => exactly(prunePlan(input, kept), kept, input));
  return { plan: { ...plan, inputs, fields: kept.map((index) => plan.fields[index]!) }, position: positionIn(kept) };
}

function exactly(pruned: Pruned, kept: readonly number[], original: LogicalPlan): LogicalPlan {
  const positions = kept.map(pruned.position);
  if (positions.length === pruned.plan.fields.length && positions.every((position, index) => position === index)) return pruned.plan;
  const fields = kept.map((index) => original.fields[index]!);
  const expressions = fields.map((field, index): Expression => ({ kind: 'column', index: positions[index]!, name: field.name, type: field.type }));
  return { kind: 'project', input: pruned.plan, expressions, fields };
}
