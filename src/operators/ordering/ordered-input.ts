import type { Expression } from '../../expr/index.ts';
import { expressionKey, type SortKey } from '../../plan/logical/index.ts';
import { type KeyedInput, keyedInput, type PhysicalPlan } from '../../plan/physical/index.ts';
import { type CalcColumn, calcNode, passThrough } from '../calc/lower.ts';
import type { SortKeySpec } from '../spec/index.ts';

/** An input as OrderedPartitions wants it: columns of the partition first, then the others, then what is computed from them. */
export interface OrderedInput {
  readonly plan: PhysicalPlan;
  readonly keyed: KeyedInput;
  readonly partitionCount: number;
  readonly orderBy: readonly SortKeySpec[];
  /** Where each column of the original input stands now. */
  readonly position: readonly number[];
  /** Where the further expressions stand. */
  readonly others: readonly number[];
}

/** Turns partition, order and other expressions into columns of a calc above `input`. */
export function orderedInput(
  input: PhysicalPlan,
  over: { readonly partitionBy: readonly Expression[]; readonly orderBy: readonly SortKey[]; readonly others?: readonly Expression[] },
): OrderedInput {
  const base = passThrough(input);
  const columns: CalcColumn[] = [];
  const places = new Map<string, number>();
  const place = (expression: Expression, name: string): number => {
    const key = expressionKey(expression);
    const known = places.get(key) ?? columns.push({ name, expression }) - 1;
    places.set(key, known);
    return known;
  };
  const named = (expression: Expression): number => {
    const column = expression.kind === 'column' ? base[expression.index]! : { expression, name: `expression${columns.length}` };
    return place(column.expression, column.name);
  };
  for (const expression of over.partitionBy) named(expression);
  const partitionCount = columns.length;
  const position = base.map((column) => place(column.expression, column.name));
  const orderBy = over.orderBy.map((key) => ({ column: named(key.expression), descending: key.descending, nullsFirst: key.nullsFirst }));
  const others = (over.others ?? []).map(named);
  const plan = calcNode(input, null, columns);
  const keys = columns.slice(0, partitionCount).map((_, index) => index);
  return { plan, keyed: keyedInput(plan, keys), partitionCount, orderBy, position, others };
}

/** `operator`, whose output is the ordered input with `added` columns behind it, with the original columns in their places and the added ones behind. */
export function originalOrder(operator: PhysicalPlan, { position }: OrderedInput, names: readonly string[], added: readonly string[]): PhysicalPlan {
  const columns = passThrough(operator);
  const first = columns.length - added.length;
  return calcNode(operator, null, [
    ...position.map((at, index) => ({ ...columns[at]!, name: names[index]! })),
    ...added.map((name, index) => ({ ...columns[first + index]!, name })),
  ]);
}
