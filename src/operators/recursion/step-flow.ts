import { equalPairs, type ReferenceRun, type Row } from '../../plan/reference/index.ts';
import { rowKey, type SqlType } from '../../types/index.ts';
import type { StepNode } from './monotone-step.ts';

/** One node of a step, as something rows run through. */
type Stage =
  | { readonly kind: 'pass' }
  | { readonly kind: 'test'; readonly passes: (row: Row) => boolean }
  | { readonly kind: 'map'; readonly map: (row: Row) => Row }
  | { readonly kind: 'join'; readonly input: number; readonly join: StepJoin };

/**
 * The step of a recursion with all rows that have come to its joins, from below and from the other side, by the join's key. So the rows the step makes of a
 * new row, of the recursion or of an input, cost what they are, however many there are already.
 */
export class StepFlow {
  readonly #stages: readonly Stage[];

  constructor(nodes: readonly StepNode[], run: ReferenceRun) {
    this.#stages = nodes.map((node) => stageOf(node, run));
  }

  /** Takes rows over as if they had run through before. */
  load(own: readonly Row[], inputs: readonly (readonly Row[])[]): void {
    const nothing = (): void => undefined;
    for (const stage of this.#stages) if (stage.kind === 'join') for (const row of inputs[stage.input]!) stage.join.addOther(row);
    for (const row of own) this.#push(0, row, nothing);
  }

  /** Takes new rows of the inputs, gives what the step makes of them and of the recursion's rows so far. */
  addInputs(inputs: readonly (readonly Row[])[], take: (row: Row) => void): void {
    for (const stage of this.#stages) if (stage.kind === 'join') for (const row of inputs[stage.input]!) stage.join.addOther(row);
    // From the top: what new rows of a join bring has not come to the joins above it when those look at their own new rows.
    for (let at = this.#stages.length - 1; at >= 0; at--) {
      const stage = this.#stages[at]!;
      if (stage.kind !== 'join') continue;
      for (const row of inputs[stage.input]!) for (const joined of stage.join.withOwn(row)) this.#push(at + 1, joined, take);
    }
  }

  /** Takes a new row of the recursion, gives what the step makes of it. */
  addOwn(row: Row, take: (row: Row) => void): void {
    this.#push(0, row, take);
  }

  #push(from: number, row: Row, take: (row: Row) => void): void {
    let current = row;
    for (let at = from; at < this.#stages.length; at++) {
      const stage = this.#stages[at]!;
      if (stage.kind === 'test' && !stage.passes(current)) return;
      if (stage.kind === 'map') current = stage.map(current);
      if (stage.kind !== 'join') continue;
      stage.join.addOwn(current);
      for (const joined of stage.join.withOther(current)) this.#push(at + 1, joined, take);
      return;
    }
    take(current);
  }
}

function stageOf({ plan, ownIsLeft, input }: StepNode, run: ReferenceRun): Stage {
  switch (plan.kind) {
    case 'filter':
      return { kind: 'test', passes: run.test(plan.predicate) };
    case 'project':
      return { kind: 'map', map: run.projection(plan.expressions) };
    case 'join':
      return { kind: 'join', input: input!, join: new StepJoin(plan, ownIsLeft, run) };
    default:
      return { kind: 'pass' };
  }
}

/** The rows that have come to a join, of the recursion's side and of the other. */
class StepJoin {
  readonly #own: Side;
  readonly #other: Side;
  readonly #ownIsLeft: boolean;
  readonly #passes: (row: Row) => boolean;

  constructor(plan: Extract<StepNode['plan'], { readonly kind: 'join' }>, ownIsLeft: boolean, run: ReferenceRun) {
    const pairs = plan.condition === null ? [] : equalPairs(plan.condition, plan.left.fields.length);
    const types = pairs.map((pair) => pair.type);
    const left = new Side(types, (row) => pairs.map((pair) => run.value(pair.left, row)));
    const right = new Side(types, (row) => pairs.map((pair) => run.value(pair.right, row)));
    this.#own = ownIsLeft ? left : right;
    this.#other = ownIsLeft ? right : left;
    this.#ownIsLeft = ownIsLeft;
    this.#passes = plan.condition === null ? () => true : run.test(plan.condition);
  }

  addOwn(row: Row): void {
    this.#own.add(row);
  }

  addOther(row: Row): void {
    this.#other.add(row);
  }

  withOther(own: Row): readonly Row[] {
    return this.#other.find(this.#own.keyOf(own)).flatMap((other) => this.#joined(own, other));
  }

  withOwn(other: Row): readonly Row[] {
    return this.#own.find(this.#other.keyOf(other)).flatMap((own) => this.#joined(own, other));
  }

  #joined(own: Row, other: Row): readonly Row[] {
    const both = this.#ownIsLeft ? [...own, ...other] : [...other, ...own];
    return this.#passes(both) ? [both] : [];
  }
}

/** Rows by the values the join compares; one with NULL among them meets none. */
class Side {
  readonly #types: readonly SqlType[];
  readonly #values: (row: Row) => Row;
  readonly #rows = new Map<string, Row[]>();

  constructor(types: readonly SqlType[], values: (row: Row) => Row) {
    this.#types = types;
    this.#values = values;
  }

  keyOf(row: Row): string | null {
    const values = this.#values(row);
    return values.includes(null) ? null : rowKey(this.#types, values);
  }

  add(row: Row): void {
    const key = this.keyOf(row);
    if (key === null) return;
    const rows = this.#rows.get(key);
    if (rows === undefined) this.#rows.set(key, [row]);
    else rows.push(row);
  }

  find(key: string | null): readonly Row[] {
    return key === null ? [] : (this.#rows.get(key) ?? []);
  }
}
