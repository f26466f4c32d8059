import type { Expression } from '../../expr/index.ts';
import { exactlyKeyedInput, type PhysicalInput, type PhysicalPlan } from '../../plan/physical/index.ts';
import { boolType } from '../../types/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';

/** An input of a join whose keys are its first columns. */
export interface KeyedSide {
  readonly plan: PhysicalPlan;
  readonly input: PhysicalInput;
  /** Where each column of the original plan is now. */
  readonly position: readonly number[];
}

/** Keys first, the other columns behind them; rows with NULL in a column of `required` are left out. */
export function keyedSide(input: PhysicalPlan, keys: readonly number[], required: readonly number[]): KeyedSide {
  const base = passThrough(input);
  const rest = [...base.keys()].filter((column) => !keys.includes(column));
  const columns = [...keys, ...rest].map((column) => base[column]!);
  const position = base.map((_, column) => [...keys, ...rest].indexOf(column));
  const plan = calcNode(input, present(required.map((column) => base[column]!.expression)), columns);
  return { plan, input: routed(plan, keys.length), position };
}

function present(columns: readonly Expression[]): Expression | null {
  const tests = columns.map((input): Expression => ({ kind: 'is-null', input, negated: true, type: boolType }));
  const [first, ...others] = tests;
  if (first === undefined) return null;
  return others.length === 0 ? first : { kind: 'logical', operator: 'and', args: tests, type: boolType };
}

function routed(plan: PhysicalPlan, keyCount: number): PhysicalInput {
  if (keyCount > 0) {
    return exactlyKeyedInput(
      plan,
      Array.from({ length: keyCount }, (_, key) => key),
    );
  }
  return { plan, partitioner: { kind: plan.distribution.kind === 'single' ? 'forward' : 'global' } };
}

/** The joined rows with the columns of both sides where they were. */
export function originalColumns(joined: PhysicalPlan, left: KeyedSide, right: KeyedSide, names: readonly string[]): PhysicalPlan {
  const width = left.plan.columns.length;
  const columns = [...left.position, ...right.position.map((column) => width + column)].map((index, at): CalcColumn => {
    const { type } = joined.columns[index]!;
    return { name: names[at]!, expression: { kind: 'column', index, name: names[at]!, type } };
  });
  return calcNode(joined, null, columns);
}

/** The larger lateness of two inputs; one without event time does not hold the other back. */
export function laterOf(left: bigint | null, right: bigint | null): bigint | null {
  if (left === null || right === null) return left ?? right;
  return left > right ? left : right;
}
