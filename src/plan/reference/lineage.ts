import { unreachable } from '../../base/index.ts';
import type { Expression } from '../../expr/index.ts';
import type { AggregatePlan, AsOfJoinPlan, JoinPlan, LogicalPlan, OverPlan, ScanPlan, WindowAssignPlan } from '../logical/index.ts';
import type { ReferenceRun } from './reference-run.ts';
import { type Row, rowKey } from './row.ts';
import { scansOf, subqueriesOf } from './scans-of.ts';

/** Rows of each scan that made some rows of a plan; of a scan in a subquery all rows, since any may have decided. */
export type Lineage = ReadonlyMap<ScanPlan, readonly Row[]>;

/**
 * Goes from rows of a plan back to the rows of its scans: each step keeps the rows of its inputs that can have made the rows wanted of it. Rows that are
 * equal are told apart nowhere, so all of them count. What an input keeps out, as the right side of an anti join or EXCEPT does, has made nothing.
 */
export function traceRows(plan: LogicalPlan, wanted: readonly Row[], run: ReferenceRun): Lineage {
  const found = new Map<ScanPlan, Map<string, Row>>();
  const add = (scan: ScanPlan, rows: readonly Row[]): void => {
    const known = found.get(scan) ?? new Map<string, Row>();
    for (const row of rows) known.set(keyOf(scan, row), row);
    found.set(scan, known);
  };
  const trace = (node: LogicalPlan, rows: readonly Row[]): void => {
    if (rows.length === 0) return;
    for (const inner of subqueriesOf(node)) for (const scan of scansOf(inner)) add(scan, run.environment.rowsOf(scan));
    if (node.kind === 'scan') add(node, rows);
    for (const [input, made] of inputRows(node, rows, run)) trace(input, made);
  };
  trace(plan, wanted);
  return new Map([...found].map(([scan, rows]) => [scan, [...rows.values()]]));
}

type InputRows = readonly (readonly [input: LogicalPlan, rows: readonly Row[]])[];

function inputRows(plan: LogicalPlan, wanted: readonly Row[], run: ReferenceRun): InputRows {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'table-function':
    case 'recursive-scan':
      return [];
    case 'filter':
    case 'sort':
    case 'limit':
    case 'distinct':
      return [[plan.input, wanted]];
    case 'project': {
      const isWanted = wantedRows(plan, wanted);
      const project = run.projection(plan.expressions);
      return [[plan.input, run.rows(plan.input).filter((row) => isWanted(project(row)))]];
    }
    case 'window-assign':
      return [[plan.input, rowsOfWindows(plan, wanted, run)]];
    case 'aggregate':
      return [[plan.input, rowsOfGroups(plan, wanted, run)]];
    case 'over':
      return [[plan.input, rowsOfPartitions(plan, wanted, run)]];
    case 'as-of-join':
    case 'join':
      return joinedRows(plan, wanted, run);
    case 'set-operation': {
      const isWanted = wantedRows(plan, wanted);
      const read = plan.operator === 'except' ? plan.inputs.slice(0, 1) : plan.inputs;
      return read.map((input) => [input, run.rows(input).filter(isWanted)]);
    }
    case 'match-recognize': {
      // Which rows of a partition a match has, its measures do not say.
      return [[plan.input, run.rows(plan.input)]];
    }
    case 'recursion':
      return [plan.base, ...scansOf(plan.step)].map((input) => [input, run.rows(input)]);
    case 'mutual-recursion':
      return plan.bindings.flatMap((binding) => scansOf(binding.plan)).map((input) => [input, run.rows(input)]);
    default:
      return unreachable(plan);
  }
}

/** Rows whose first columns are those of the rows wanted; a session's rows belong together. */
function rowsOfWindows(plan: WindowAssignPlan, wanted: readonly Row[], run: ReferenceRun): readonly Row[] {
  const width = plan.input.fields.length;
  if (plan.window.kind !== 'session') return wanted.map((row) => row.slice(0, width));
  const sessionOf = keyBy([...plan.window.partitionBy, width, width + 1], plan);
  const sessions = new Set(wanted.map(sessionOf));
  return run.rows(plan).flatMap((row) => (sessions.has(sessionOf(row)) ? [row.slice(0, width)] : []));
}

function rowsOfGroups(plan: AggregatePlan, wanted: readonly Row[], run: ReferenceRun): readonly Row[] {
  const keys = plan.groupBy.map((_, index) => index);
  const project = run.projection(plan.groupBy);
  const wantedKeys = new Set(wanted.map(keyBy(keys, plan)));
  // A set leaves the other keys NULL.
  const inSets = plan.groupingSets.map((set) => (key: Row) => key.map((value, index) => (set.includes(index) ? value : null)));
  return run.rows(plan.input).filter((row) => {
    const key = project(row);
    return inSets.some((only) => wantedKeys.has(keyBy(keys, plan)(only(key))));
  });
}

/** All rows of the partitions of every window. */
function rowsOfPartitions(plan: OverPlan, wanted: readonly Row[], run: ReferenceRun): readonly Row[] {
  const partitions = plan.calls.map(({ partitionBy }) => {
    const key = keyOfExpressions(partitionBy, run);
    return { key, wanted: new Set(wanted.map(key)) };
  });
  return run.rows(plan.input).filter((row) => partitions.some((one) => one.wanted.has(one.key(row))));
}

function keyOfExpressions(expressions: readonly Expression[], run: ReferenceRun): (row: Row) => string {
  const types = expressions.map((expression) => expression.type);
  return (row) =>
    rowKey(
      types,
      expressions.map((expression) => run.value(expression, row)),
    );
}

function joinedRows(plan: JoinPlan | AsOfJoinPlan, wanted: readonly Row[], run: ReferenceRun): InputRows {
  const { left, right, joinType } = plan;
  const { condition, lateral } = plan.kind === 'join' ? plan : { condition: null, lateral: false };
  const width = left.fields.length;
  const leftOnly = joinType === 'semi' || joinType === 'anti';
  const leftWanted = new Set(wanted.map((row) => keyOf(left, row.slice(0, width))));
  const leftRows = run.rows(left).filter((row) => leftWanted.has(keyOf(left, row)));
  // A side that reads the other is read for each of its rows; what it reads counts as a whole.
  if (lateral) return [[left, leftRows], ...scansOf(right).map((scan) => [scan, run.rows(scan)] as const)];
  if (joinType === 'anti') return [[left, leftRows]];
  if (leftOnly) {
    const test = condition === null ? () => true : run.test(condition);
    return [
      [left, leftRows],
      [right, run.rows(right).filter((other) => leftRows.some((row) => test([...row, ...other])))],
    ];
  }
  const rightWanted = new Set(wanted.map((row) => keyOf(right, row.slice(width))));
  return [
    [left, leftRows],
    [right, run.rows(right).filter((row) => rightWanted.has(keyOf(right, row)))],
  ];
}

function wantedRows(plan: LogicalPlan, wanted: readonly Row[]): (row: Row) => boolean {
  const keys = new Set(wanted.map((row) => keyOf(plan, row)));
  return (row) => keys.has(keyOf(plan, row));
}

function keyOf(plan: LogicalPlan, row: Row): string {
  return rowKey(
    plan.fields.map((field) => field.type),
    row,
  );
}

function keyBy(columns: readonly number[], plan: LogicalPlan): (row: Row) => string {
  const types = columns.map((column) => plan.fields[column]!.type);
  return (row) =>
    rowKey(
      types,
      columns.map((column) => row[column] ?? null),
    );
}
