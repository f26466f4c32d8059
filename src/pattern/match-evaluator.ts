import {
  compileRowInterpreter,
  type EvaluationContext,
  type Expression,
  type FunctionLookup,
  mapExpression,
  type RowInterpreter,
} from '../expr/index.ts';
import { type AggregateDefinition, type Registry, type RowEvaluator, RunningAggregate } from '../spi/index.ts';
import type { Datum } from '../types/index.ts';
import type { PartitionRows, Row } from './partition-rows.ts';
import { type PatternReference, type Recognition, universalSymbol } from './recognition.ts';
import type { RowMapping } from './row-mapping.ts';

/** What expressions are evaluated with. */
export interface PatternEnvironment {
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly evaluation: EvaluationContext;
}

/** The part of a match an expression is evaluated over. */
export interface MatchView {
  readonly rows: PartitionRows;
  readonly mapping: RowMapping;
  /** Behind the row at hand: RUNNING sees the rows before it. */
  readonly end: number;
  readonly number: number;
  /** Aggregates as far as they have got, by reference; kept with the mapping. */
  readonly aggregates: RunningCalls;
}

/** Aggregates of one mapping that go on where they were, while the rows they have seen are still mapped. */
export class RunningCalls {
  readonly byReference = new Map<number, { readonly aggregate: RunningAggregate; count: number; stamp: number }>();
}

type AggregateReference = Extract<PatternReference, { readonly kind: 'aggregate' }>;
type RowReference = Extract<PatternReference, { readonly kind: 'row-value' }>;

/**
 * Evaluates conditions and measures. A reference is evaluated when the expression asks for it and not before, so that CASE, AND and OR keep errors away
 * as everywhere else.
 */
export class MatchEvaluator {
  /** Symbols a row of each variable belongs to. */
  readonly memberships: readonly (readonly number[])[];
  readonly symbolCount: number;
  /** How many rows behind the row at hand a condition of each variable looks at. */
  readonly conditionLookahead: readonly number[];
  readonly measureLookahead: number;
  /** How many rows before the start of a match are looked at. */
  readonly lookback: number;
  readonly #recognition: Recognition;
  readonly #environment: PatternEnvironment;
  readonly #inputWidth: number;
  readonly #conditions: readonly (RowInterpreter | null)[];
  readonly #measures: readonly RowInterpreter[];
  readonly #compiled = new Map<Expression, RowInterpreter>();
  readonly #rowEvaluator: RowEvaluator;
  #view: MatchView | null = null;

  constructor(recognition: Recognition, inputWidth: number, environment: PatternEnvironment) {
    this.#recognition = recognition;
    this.#environment = environment;
    this.#inputWidth = inputWidth;
    const universal = universalSymbol(recognition);
    this.symbolCount = universal + 1;
    this.memberships = recognition.variables.map((_, variable) => [
      variable,
      ...recognition.subsets.flatMap((subset, index) => (subset.members.includes(variable) ? [recognition.variables.length + index] : [])),
      universal,
    ]);
    const definition = (variable: number) => recognition.definitions.find((one) => one.variable === variable);
    this.#conditions = recognition.variables.map((_, variable) => {
      const defined = definition(variable);
      return defined === undefined ? null : this.#overReferences(defined.condition);
    });
    this.#measures = recognition.measures.map((measure) => this.#overReferences(measure.expression));
    this.conditionLookahead = recognition.variables.map((_, variable) => this.#reachAhead([definition(variable)?.condition ?? null]));
    this.measureLookahead = this.#reachAhead(recognition.measures.map((measure) => measure.expression));
    this.lookback = Math.max(0, ...recognition.references.map((reference) => (reference.kind === 'row-value' ? -reference.shift : 0)));
    this.#rowEvaluator = {
      aggregates: environment.aggregates,
      value: (expression, row) => this.#rowValue(expression, row),
      test: (condition) => (row) => this.#rowValue(condition, row) === true,
    };
  }

  /** Whether the row at hand, already mapped to the variable, may be. */
  holds(variable: number, view: MatchView): boolean {
    const condition = this.#conditions[variable];
    return condition === null || condition === undefined || this.#evaluate(condition, view) === true;
  }

  measure(index: number, view: MatchView): Datum | null {
    return this.#evaluate(this.#measures[index]!, view);
  }

  #evaluate(expression: RowInterpreter, view: MatchView): Datum | null {
    this.#view = view;
    return expression([], this.#environment.evaluation);
  }

  /** References become outer columns, which the interpreter asks for one by one. */
  #overReferences(expression: Expression): RowInterpreter {
    const first = this.#inputWidth + 1;
    const placed = mapExpression(expression, (node) =>
      node.kind === 'column' ? { kind: 'outer-column', depth: 1, index: node.index - first, name: node.name, type: node.type } : node,
    );
    return compileRowInterpreter(placed, this.#environment.functions, {
      outerColumn: (column) => this.#reference(column.index),
      subquery: () => null,
    });
  }

  /** How far NEXT goes in some expressions. */
  #reachAhead(expressions: readonly (Expression | null)[]): number {
    let ahead = 0;
    for (const expression of expressions) {
      if (expression === null) continue;
      mapExpression(expression, (node) => {
        const reference = node.kind === 'column' ? this.#recognition.references[node.index - this.#inputWidth - 1] : undefined;
        if (reference?.kind === 'row-value') ahead = Math.max(ahead, reference.shift);
        return node;
      });
    }
    return ahead;
  }

  #reference(index: number): Datum | null {
    const reference = this.#recognition.references[index]!;
    const view = this.#view!;
    switch (reference.kind) {
      case 'match-number':
        return BigInt(view.number);
      case 'aggregate':
        return this.#aggregate(index, reference, view);
      case 'row-value':
        return this.#navigate(reference, view);
    }
  }

  #navigate(reference: RowReference, view: MatchView): Datum | null {
    const { rows, mapping } = view;
    const count = mapping.countBefore(reference.symbol, reference.final ? mapping.end : view.end);
    const index = reference.from === 'first' ? reference.offset : count - 1 - reference.offset;
    if (index < 0 || index >= count) return null;
    const position = mapping.positionOf(reference.symbol, index)! + reference.shift;
    const row = rows.at(position);
    return row === null ? null : this.#rowValue(reference.value, this.#named(row, position, mapping));
  }

  #aggregate(index: number, reference: AggregateReference, view: MatchView): Datum | null {
    const { mapping, rows, aggregates } = view;
    const { symbol } = reference;
    const count = mapping.countBefore(symbol, reference.final ? mapping.end : view.end);
    let running = aggregates.byReference.get(index);
    const usable = running !== undefined && running.count <= count && mapping.stampOf(symbol, running.count - 1) === running.stamp;
    if (running === undefined || !usable) {
      running = { aggregate: new RunningAggregate(reference.call, this.#rowEvaluator), count: 0, stamp: -1 };
      aggregates.byReference.set(index, running);
    }
    for (; running.count < count; running.count++) {
      const position = mapping.positionOf(symbol, running.count)!;
      // Should the row fail, the aggregate is in no state to go on with: no row has this stamp.
      running.stamp = Number.NaN;
      running.aggregate.add(this.#named(rows.at(position)!, position, mapping));
    }
    running.stamp = mapping.stampOf(symbol, running.count - 1);
    return running.aggregate.result();
  }

  #named(row: Row, position: number, mapping: RowMapping): Row {
    const variable = mapping.variableAt(position);
    return [...row, variable === null ? null : this.#recognition.variables[variable]!];
  }

  #rowValue(expression: Expression, row: Row): Datum | null {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = compileRowInterpreter(expression, this.#environment.functions);
      this.#compiled.set(expression, compiled);
    }
    return compiled(row, this.#environment.evaluation);
  }
}
