import { unreachable } from '../../base/index.ts';
import { type Expression, expressionChildren, printBoundExpression } from '../../expr/index.ts';
import { impliedColumnAt } from '../../jobgraph/index.ts';
import { printRecognition } from '../../pattern/index.ts';
import { asOfCondition } from './as-of-condition.ts';
import type { AggregateCall, FrameBound, LogicalPlan, OverCall, SortKey, WindowShape } from './logical-plan.ts';
import { subqueryPlan } from './outer-columns.ts';
import { planExpressions } from './plan-expressions.ts';
import { planInputs } from './plan-inputs.ts';

/**
 * The plan as a tree, one node a line, for EXPLAIN and tests; plans inside subquery expressions hang below the node that holds them.
 * Ends without a line break.
 */
export function printLogicalPlan(plan: LogicalPlan): string {
  return printNode(printedPlan(plan)).join('\n');
}

/** A node of the tree as it is printed. */
export interface PrintedPlan {
  /** What is printed here. */
  readonly plan: LogicalPlan;
  readonly text: string;
  readonly children: readonly PrintedPlan[];
}

/** The same before it is lines. */
export function printedPlan(plan: LogicalPlan): PrintedPlan {
  const subqueries = planExpressions(plan)
    .flatMap(subqueriesOf)
    .map((inner) => {
      const { text, children } = printedPlan(inner);
      return { plan: inner, text: `Subquery: ${text}`, children };
    });
  return { plan, text: describe(plan), children: [...planInputs(plan).map(printedPlan), ...subqueries] };
}

function printNode({ text, children }: PrintedPlan): string[] {
  return [text, ...children.flatMap((child, index) => indent(printNode(child), index === children.length - 1))];
}

function indent(lines: readonly string[], last: boolean): string[] {
  return lines.map((line, index) => {
    if (index === 0) return `${last ? '└─' : '├─'} ${line}`;
    return `${last ? '  ' : '│ '} ${line}`;
  });
}

function subqueriesOf(expression: Expression): LogicalPlan[] {
  const below = expressionChildren(expression).flatMap(subqueriesOf);
  return expression.kind === 'subquery' ? [...below, subqueryPlan(expression)] : below;
}

function describe(plan: LogicalPlan): string {
  switch (plan.kind) {
    case 'scan':
      return describeScan(plan);
    case 'values':
      return `Values ${plan.rows.length} row${plan.rows.length === 1 ? '' : 's'}${plan.rows.length === 1 && plan.fields.length > 0 ? `: ${list(plan.rows[0]!, [])}` : ''}`;
    case 'table-function':
      return `TableFunction ${plan.name}(${list(plan.args, [])})${plan.ordinality ? ' with ordinality' : ''}`;
    case 'filter':
      return `Filter ${printBoundExpression(plan.predicate, names(plan.input))}`;
    case 'project':
      return `Project ${describeProjection(plan.expressions, plan)}`;
    case 'window-assign':
      return `WindowAssign ${plan.input.fields[plan.timeColumn]!.name} ${describeWindow(plan.window, names(plan.input))}`;
    case 'aggregate':
      return describeAggregate(plan);
    case 'join':
      return describeJoin(plan);
    case 'as-of-join':
      return `${plan.temporal ? 'Temporal' : 'As-of'}${plan.joinType === 'left' ? ' left' : ''} join ${asOfCondition(plan)}`;
    case 'set-operation':
      return `${plan.operator[0]!.toUpperCase()}${plan.operator.slice(1)}${plan.all ? ' all' : ''}`;
    case 'recursion':
      return `Recursion ${plan.name}: union${plan.all ? ' all' : ''}`;
    case 'mutual-recursion':
      return describeMutualRecursion(plan);
    case 'recursive-scan':
      return `Recursive reference to ${plan.name}`;
    case 'distinct':
      return plan.on === null ? 'Distinct' : `Distinct on (${list(plan.on, names(plan.input))})`;
    case 'over':
      return `Over ${plan.calls.map((call) => describeOverCall(call, names(plan.input))).join(', ')}`;
    case 'match-recognize':
      return `MatchRecognize ${printRecognition({ ...plan, names: names(plan.input) })}`;
    case 'sort':
      return `Sort ${describeKeys(plan.keys, names(plan.input))}`;
    case 'limit':
      return describeLimit(plan);
    default:
      return unreachable(plan);
  }
}

function describeMutualRecursion({ bindings, shown, limit }: Extract<LogicalPlan, { kind: 'mutual-recursion' }>): string {
  const rounds = limit === null ? '' : `, ${limit.atLimit} at ${limit.rounds} rounds`;
  return `Mutual recursion ${bindings.map(({ name }) => name).join(', ')}${rounds}: rows of ${bindings[shown]!.name}`;
}

function names(plan: LogicalPlan): readonly string[] {
  return plan.fields.map((field) => field.name);
}

function list(expressions: readonly Expression[], columnNames: readonly string[]): string {
  return expressions.map((expression) => printBoundExpression(expression, columnNames)).join(', ');
}

function describeScan(plan: Extract<LogicalPlan, { kind: 'scan' }>): string {
  const { relation, variant, paths, fields } = plan;
  const shown = variant === 'rows' ? relation.name : `${variant}_rows('${relation.name}')`;
  const all =
    variant !== 'rows' || (paths.length === relation.columns.length && paths.every((path, index) => path.length === 1 && path[0] === index));
  const routed = describePartitioning(plan);
  if (all) return `Scan ${shown}${routed}`;
  const columns = paths.map((path, index) => {
    const column = (impliedColumnAt(path[0]!) ?? relation.columns[path[0]!]!).name;
    return path.length === 1 ? column : `${column}.${fields[index]!.name}`;
  });
  return `Scan ${shown} (${columns.join(', ')})${routed}`;
}

function describePartitioning({ partitioning, relation, broadcast }: Extract<LogicalPlan, { kind: 'scan' }>): string {
  if (broadcast !== undefined) return ' · broadcast';
  if (partitioning === undefined) return '';
  if (partitioning.kind !== 'hash') return ` · ${partitioning.kind}`;
  return ` · hash by ${partitioning.columns.map((column) => relation.columns[column]!.name).join(', ')}`;
}

function describeProjection(expressions: readonly Expression[], plan: Extract<LogicalPlan, { kind: 'project' }>): string {
  const columnNames = names(plan.input);
  return expressions
    .map((expression, index) => {
      const text = printBoundExpression(expression, columnNames);
      const name = plan.fields[index]!.name;
      return text === name ? name : `${name} = ${text}`;
    })
    .join(', ');
}

function describeWindow(window: WindowShape, columnNames: readonly string[]): string {
  const offset = window.kind !== 'session' && window.offsetMicros !== 0n ? ` offset ${seconds(window.offsetMicros)}` : '';
  switch (window.kind) {
    case 'tumble':
      return `tumble ${seconds(window.sizeMicros)}${offset}`;
    case 'hop':
      return `hop ${seconds(window.slideMicros)} of ${seconds(window.sizeMicros)}${offset}`;
    case 'cumulate':
      return `cumulate ${seconds(window.stepMicros)} to ${seconds(window.sizeMicros)}${offset}`;
    case 'session': {
      const keys = window.partitionBy.map((column) => columnNames[column]).join(', ');
      return `session ${seconds(window.gapMicros)}${keys === '' ? '' : ` by ${keys}`}`;
    }
    default:
      return unreachable(window);
  }
}

function seconds(micros: bigint): string {
  return `${Number(micros) / 1_000_000} s`;
}

function describeAggregate(plan: Extract<LogicalPlan, { kind: 'aggregate' }>): string {
  const columnNames = names(plan.input);
  const calls = plan.calls.map((call) => describeCall(call, columnNames)).join(', ');
  const whole = plan.groupingSets.length === 1 && plan.groupingSets[0]!.length === plan.groupBy.length;
  const keys = (positions: readonly number[]): string =>
    list(
      positions.map((position) => plan.groupBy[position]!),
      columnNames,
    );
  const by = whole ? list(plan.groupBy, columnNames) : `grouping sets (${plan.groupingSets.map((set) => `(${keys(set)})`).join(', ')})`;
  return ['Aggregate', calls, by === '' ? '' : `by ${by}`].filter((part) => part !== '').join(' ');
}

function describeCall(call: AggregateCall, columnNames: readonly string[]): string {
  const args = call.args.length === 0 ? '*' : list(call.args, columnNames);
  const order = call.orderBy.length === 0 ? '' : ` order by ${describeKeys(call.orderBy, columnNames)}`;
  const filter = call.filter === null ? '' : ` filter (${printBoundExpression(call.filter, columnNames)})`;
  return `${call.name}(${call.distinct ? 'distinct ' : ''}${args}${order})${filter}`;
}

function describeKeys(keys: readonly SortKey[], columnNames: readonly string[]): string {
  return keys
    .map((key) => {
      const nulls = key.nullsFirst === key.descending ? '' : key.nullsFirst ? ' nulls first' : ' nulls last';
      return `${printBoundExpression(key.expression, columnNames)}${key.descending ? ' desc' : ''}${nulls}`;
    })
    .join(', ');
}

function describeJoin(plan: Extract<LogicalPlan, { kind: 'join' }>): string {
  const condition = plan.condition === null ? '' : ` on ${printBoundExpression(plan.condition, [...names(plan.left), ...names(plan.right)])}`;
  return `Join ${plan.joinType}${plan.lateral ? ' lateral' : ''}${condition}`;
}

function describeOverCall(call: OverCall, columnNames: readonly string[]): string {
  const name = call.function.kind === 'window' ? call.function.name : /^[^(\s]+/.exec(call.function.signature)![0];
  const parts = [
    call.partitionBy.length === 0 ? '' : `partition by ${list(call.partitionBy, columnNames)}`,
    call.orderBy.length === 0 ? '' : `order by ${describeKeys(call.orderBy, columnNames)}`,
    describeFrame(call.frame, columnNames),
  ];
  return `${name}(${list(call.args, columnNames)}) over (${parts.filter((part) => part !== '').join(' ')})`;
}

/** Nothing for the default frame. */
function describeFrame(frame: OverCall['frame'], columnNames: readonly string[]): string {
  const isDefault = frame.unit === 'range' && frame.start.kind === 'unbounded-preceding' && frame.end.kind === 'current-row';
  if (isDefault && frame.exclude === 'no-others') return '';
  if (frame.unit === 'session') return `session with gap ${printBoundExpression(frame.start.offset!, columnNames)}`;
  const bound = (side: FrameBound): string => {
    const kind = side.kind.replace('-', ' ');
    return side.offset === null ? kind : `${printBoundExpression(side.offset, columnNames)} ${kind}`;
  };
  const exclude = frame.exclude === 'no-others' ? '' : ` exclude ${frame.exclude.replace('-', ' ')}`;
  return `${frame.unit} between ${bound(frame.start)} and ${bound(frame.end)}${exclude}`;
}

function describeLimit(plan: Extract<LogicalPlan, { kind: 'limit' }>): string {
  const limit = plan.limit === null ? '' : ` ${printBoundExpression(plan.limit, [])}${plan.withTies ? ' with ties' : ''}`;
  const offset = plan.offset === null ? '' : ` offset ${printBoundExpression(plan.offset, [])}`;
  return `Limit${limit}${offset}`;
}
