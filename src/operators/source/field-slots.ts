import { type Expression, expressionChildren, withExpressionChildren } from '../../expr/index.ts';
import type { SqlType } from '../../types/index.ts';
import { type SourceSpec, sourceColumn } from './spec.ts';

/** A column made before expressions are evaluated: a decoded path, a metadata key, or a physical column that came as one. */
export interface Slot {
  readonly name: string;
  readonly type: SqlType;
  readonly column: number;
  /** Fields below the column, empty for the column itself. */
  readonly path: readonly number[];
}

/**
 * Decides which slots are needed for some expressions over the relation's columns, and rewrites the expressions to read them. A field of
 * a decoded row value gets a slot of its own, so that a wide document is not decoded for one of its fields.
 */
export class FieldSlots {
  readonly slots: Slot[] = [];
  readonly #spec: SourceSpec;
  readonly #nested: boolean;

  constructor(spec: SourceSpec) {
    this.#spec = spec;
    this.#nested = spec.format !== null;
  }

  /** The expression of a path: [c], or [c, f, …] for fields of a row value. */
  pathExpression(path: readonly number[]): Expression {
    let expression = this.#columnExpression(path[0]!);
    for (const index of path.slice(1)) {
      if (expression.type.kind !== 'row') throw new Error('assertion failed: a path leads through row values');
      expression = { kind: 'field', input: expression, index, type: expression.type.fields[index]!.type };
    }
    return this.rewrite(expression);
  }

  /** An expression over the relation's columns as one over the slots; computed columns are put in. */
  rewrite(expression: Expression): Expression {
    const direct = this.#slotOf(expression);
    if (direct !== null) return direct;
    if (expression.kind === 'column') return this.#columnRead(expression.index);
    // From the top down, so that the longest chain of fields is seen first.
    return withExpressionChildren(
      expression,
      expressionChildren(expression).map((child) => this.rewrite(child)),
    );
  }

  #columnExpression(column: number): Expression {
    const { name, type } = sourceColumn(this.#spec, column);
    return { kind: 'column', index: column, name, type };
  }

  #columnRead(column: number): Expression {
    const origin = sourceColumn(this.#spec, column).origin;
    if (origin.kind === 'computed') return this.rewrite(origin.expression);
    return this.#slot(column, [], sourceColumn(this.#spec, column).type);
  }

  /** A chain of fields over a decoded column. */
  #slotOf(expression: Expression): Expression | null {
    if (!this.#nested || expression.kind !== 'field') return null;
    const path: number[] = [];
    let node: Expression = expression;
    while (node.kind === 'field') {
      path.unshift(node.index);
      node = node.input;
    }
    if (node.kind !== 'column' || sourceColumn(this.#spec, node.index).origin.kind !== 'physical') return null;
    return this.#slot(node.index, path, expression.type);
  }

  #slot(column: number, path: readonly number[], type: SqlType): Expression {
    let index = this.slots.findIndex((slot) => slot.column === column && slot.path.join() === path.join());
    if (index < 0) {
      index = this.slots.length;
      this.slots.push({ name: sourceColumn(this.#spec, column).name, type, column, path });
    }
    return { kind: 'column', index, name: this.slots[index]!.name, type };
  }
}
