import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, mapExpression, visitExpression } from '../../expr/index.ts';
import type { PatternReference } from '../../pattern/index.ts';
import type * as ast from '../../sql/index.ts';
import { foldIdentifier } from '../../sql/index.ts';
import { int8Type, textType } from '../../types/index.ts';
import { type AggregateCall, type Field, mapAggregateCall } from '../logical/index.ts';
import { toBoolean } from './bind-predicate.ts';
import { type PatternNames, symbolOf } from './bind-row-pattern.ts';
import { AGGREGATE_BASE, bind, createCollector, type ExpressionScope, type PatternCalls, plainScope, type QueryEnvironment } from './bind-state.ts';
import { datatypeMismatch, notSupported, syntaxError, typeText } from './binder-error.ts';
import { resolveUnknown } from './coercion.ts';
import { constantValue } from './constant-value.ts';
import type { RowScope, ScopeColumn, ScopeRelation } from './row-scope.ts';

/** Reference n is a column of this index while an expression is being bound. */
const REFERENCE_BASE = 4_000_000;
/** Column c of the rows of symbol s, as written (`a.price`), is at `SYMBOL_BASE + s * stride + c`. */
const SYMBOL_BASE = 10_000_000;

interface PatternInput {
  readonly names: PatternNames;
  readonly fields: readonly Field[];
  /** Position of the first ORDER BY column, or null. */
  readonly timeColumn: number | null;
  readonly environment: QueryEnvironment;
  /** Measures see the match up to the row at hand, as ALL ROWS PER MATCH shows it. */
  readonly runningMeasures: boolean;
}

type Clause = 'DEFINE' | 'MEASURES';
type Navigation = Extract<PatternReference, { readonly kind: 'row-value' }>;

/**
 * Binds the conditions and measures of MATCH_RECOGNIZE. A column means its value in the last row mapped to its variable so far; FIRST, LAST, PREV, NEXT,
 * CLASSIFIER, MATCH_NUMBER, MATCH_ROWTIME and aggregates become references too (SQL:2016, 6.23 "row pattern navigation operation").
 */
export class PatternExpressions {
  readonly references: PatternReference[] = [];
  readonly #input: PatternInput;
  readonly #row: RowScope;
  readonly #width: number;
  /** Every row of the match. */
  readonly #universal: number;

  constructor(input: PatternInput) {
    this.#input = input;
    this.#width = input.fields.length;
    this.#universal = input.names.variables.length + input.names.subsets.length;
    const names = [...input.names.variables, ...input.names.subsets.map((subset) => subset.name)];
    this.#row = {
      relations: names.map((name, symbol) => this.#relation(name, symbol)),
      columns: this.#columns(this.#universal),
      width: this.#width,
    };
  }

  /** Over the recognition's row. Errors: 42804 unless boolean. */
  condition(node: ast.Expression): Expression {
    return this.#bind(node, 'DEFINE', (bound) => toBoolean(bound, 'DEFINE', this.#input.environment.state));
  }

  measure(node: ast.Expression): Expression {
    return this.#bind(node, 'MEASURES', (bound) => resolveUnknown(bound, this.#input.environment.state));
  }

  #bind(node: ast.Expression, clause: Clause, finish: (bound: Expression) => Expression): Expression {
    const collector = createCollector<AggregateCall>(AGGREGATE_BASE);
    const calls = new ClauseCalls(clause, this, collector.calls);
    const scope: ExpressionScope = { ...plainScope(this.#input.environment, this.#row, clause), aggregates: collector, pattern: calls };
    const bound = finish(bind(node, scope));
    refuseRowsOutside(bound, node.span);
    return mapExpression(bound, (part) => {
      if (part.kind !== 'column') return part;
      if (part.index >= SYMBOL_BASE) {
        const { symbol, expression } = this.decode([part], part.span ?? node.span)!;
        return this.placed(this.#lastRow(symbol, calls.defaultFinal, expression[0]!), part.span, true);
      }
      if (part.index >= REFERENCE_BASE) return { ...part, index: part.index - REFERENCE_BASE + this.#width + 1 };
      return this.placed(this.#aggregate(calls, part.index - AGGREGATE_BASE, node.span), part.span, true);
    });
  }

  get runningMeasures(): boolean {
    return this.#input.runningMeasures;
  }

  /** Makes a reference, and a column that means it: `settled` in the recognition's row, otherwise while the expression is being bound. */
  placed(reference: PatternReference, span: ast.Span | undefined, settled: boolean): Expression {
    const index = this.references.push(reference) - 1;
    const base = settled ? this.#width + 1 : REFERENCE_BASE;
    return { kind: 'column', index: base + index, name: 'reference', type: reference.type, span };
  }

  /** Columns as written become columns of a row and the one symbol whose rows they are of; null when there are none. Errors: 42601 for several. */
  decode(expressions: readonly Expression[], span: ast.Span): { readonly symbol: number; readonly expression: Expression[] } | null {
    const stride = this.#width + 1;
    const symbols = new Set<number>();
    const expression = expressions.map((one) =>
      mapExpression(one, (node) => {
        if (node.kind !== 'column' || node.index < SYMBOL_BASE) return node;
        symbols.add(Math.floor((node.index - SYMBOL_BASE) / stride));
        return { ...node, index: (node.index - SYMBOL_BASE) % stride };
      }),
    );
    if (symbols.size > 1)
      throw syntaxError('navigation and aggregates of a pattern read the rows of one variable', span, 'Write one call a variable.');
    return symbols.size === 0 ? null : { symbol: [...symbols][0]!, expression };
  }

  /** CLASSIFIER(): the variable the last row of the symbol is mapped to. */
  classifier(variable: ast.Identifier | null, span: ast.Span): Expression {
    const symbol = variable === null ? this.#universal : this.symbol(variable);
    return { kind: 'column', index: SYMBOL_BASE + symbol * (this.#width + 1) + this.#width, name: 'classifier', type: textType, span };
  }

  symbol(name: ast.Identifier): number {
    return symbolOf(name, this.#input.names, 'a call');
  }

  /** MATCH_ROWTIME(): the time of the last row. Errors: 42804 when the first ORDER BY column is none. */
  rowTime(final: boolean, span: ast.Span): Expression {
    const column = this.#input.timeColumn;
    const field = column === null ? undefined : this.#input.fields[column];
    if (field === undefined || (field.type.kind !== 'timestamp' && field.type.kind !== 'timestamptz')) {
      const found = field === undefined ? 'there is none' : `it is ${typeText(field.type)}`;
      throw datatypeMismatch(`MATCH_ROWTIME needs a timestamp as first ORDER BY column, and ${found}`, span);
    }
    const value: Expression = { kind: 'column', index: column!, name: field.name, type: field.type, span };
    return this.placed(this.#lastRow(this.#universal, final, value), span, false);
  }

  /** A constant number of rows. Errors: 22023 when negative or null. */
  offset(node: ast.Expression, name: string): number {
    const value = constantValue(node, int8Type, `the offset of ${name}`, this.#input.environment);
    if (value === null || (value as bigint) < 0n || (value as bigint) > 1_000_000_000n) {
      throw new SqlError({
        code: SqlState.invalidParameterValue,
        message: `the offset of ${name} must be a number of rows, from 0 on`,
        position: node.span.start,
      });
    }
    return Number(value);
  }

  resolve(expression: Expression): Expression {
    return resolveUnknown(expression, this.#input.environment.state);
  }

  #lastRow(symbol: number, final: boolean, value: Expression): Navigation {
    return { kind: 'row-value', symbol, final, from: 'last', offset: 0, shift: 0, value, type: value.type };
  }

  #aggregate(calls: ClauseCalls, index: number, span: ast.Span): PatternReference {
    const call = calls.aggregates[index]!;
    const parts: Expression[] = [];
    mapAggregateCall(call, (expression) => {
      parts.push(expression);
      return expression;
    });
    const decoded = this.decode(parts, span);
    let next = 0;
    const placed = decoded === null ? call : mapAggregateCall(call, () => decoded.expression[next++]!);
    const symbol = calls.symbolOfCall.get(index) ?? decoded?.symbol ?? this.#universal;
    const { signature, args, distinct, filter, orderBy, type } = placed;
    const final = calls.finalCalls.get(index) ?? calls.defaultFinal;
    return { kind: 'aggregate', symbol, final, call: { signature, args, distinct, filter, orderBy, type }, type };
  }

  #relation(name: string, symbol: number): ScopeRelation {
    return { alias: name, name, schema: null, columns: this.#columns(symbol), scalar: false, primaryKey: null };
  }

  #columns(symbol: number): ScopeColumn[] {
    const first = SYMBOL_BASE + symbol * (this.#width + 1);
    return this.#input.fields.map(({ name, type }, column) => ({ name, expression: { kind: 'column', index: first + column, name, type } }));
  }
}

function refuseRowsOutside(bound: Expression, span: ast.Span): void {
  visitExpression(bound, (node) => {
    if (node.kind === 'subquery') throw notSupported('subqueries are not supported inside MATCH_RECOGNIZE', node.span ?? span, 'Join before it.');
    if (node.kind === 'outer-column') {
      throw notSupported(
        'MATCH_RECOGNIZE cannot refer to rows outside of it',
        node.span ?? span,
        'Join before it, and name the column of the input.',
      );
    }
  });
}

/** The calls of one condition or measure. */
class ClauseCalls implements PatternCalls {
  readonly aggregates: readonly AggregateCall[];
  /** Aggregates with FINAL (true) or RUNNING in front, and those over a variable's whole rows (`count(a.*)`). */
  readonly finalCalls = new Map<number, boolean>();
  readonly symbolOfCall = new Map<number, number>();
  readonly #clause: Clause;
  readonly #expressions: PatternExpressions;
  #semantics: 'final' | 'running' | null = null;

  constructor(clause: Clause, expressions: PatternExpressions, aggregates: readonly AggregateCall[]) {
    this.#clause = clause;
    this.#expressions = expressions;
    this.aggregates = aggregates;
  }

  get defaultFinal(): boolean {
    return this.#clause === 'MEASURES' && !this.#expressions.runningMeasures;
  }

  semantics(node: ast.MatchSemantics, scope: ExpressionScope): Expression {
    const word = node.semantics.toUpperCase();
    if (this.#clause === 'DEFINE' && node.semantics === 'final') throw syntaxError('FINAL is not allowed in DEFINE', node.span);
    if (node.operand.kind !== 'function-call') throw syntaxError(`${word} stands in front of a call`, node.span);
    const before = this.#semantics;
    const first = this.aggregates.length;
    this.#semantics = node.semantics;
    const bound = bind(node.operand, scope);
    this.#semantics = before;
    // ONE ROW PER MATCH is evaluated at the last row, where both see the whole match.
    for (let call = first; call < this.aggregates.length; call++) this.finalCalls.set(call, this.#isFinal(node.semantics));
    return bound;
  }

  call(node: ast.FunctionCall, name: string, scope: ExpressionScope): Expression | null {
    if (node.name.parts.length > 1) return null;
    switch (name) {
      case 'first':
      case 'last':
      case 'prev':
      case 'next':
        return this.#navigation(node, name, scope);
      case 'classifier':
        return this.#classifier(node);
      case 'match_number':
        if (node.arguments.length > 0) throw syntaxError('MATCH_NUMBER takes no arguments', node.span);
        if (scope.aggregates === null) throw notSupported('MATCH_NUMBER inside another call is not supported', node.span);
        return this.#expressions.placed({ kind: 'match-number', type: int8Type }, node.span, false);
      case 'match_rowtime':
        if (scope.aggregates === null) throw notSupported('MATCH_ROWTIME inside another call is not supported', node.span);
        return this.#expressions.rowTime(this.defaultFinal, node.span);
      case 'match_proctime':
        throw notSupported('MATCH_PROCTIME is not supported', node.span, 'Use MATCH_ROWTIME().');
      default:
        return this.#variableRows(node, scope);
    }
  }

  /** `count(a.*)`: the rows of one variable. */
  #variableRows(node: ast.FunctionCall, scope: ExpressionScope): Expression | null {
    const value = node.arguments.length === 1 ? node.arguments[0]!.value : null;
    if (value?.kind !== 'star' || value.qualifier.length !== 1 || value.except.length > 0) return null;
    this.symbolOfCall.set(this.aggregates.length, this.#expressions.symbol(value.qualifier[0]!));
    return bind({ ...node, arguments: [], star: true }, scope);
  }

  #classifier(node: ast.FunctionCall): Expression {
    const arg = node.arguments[0]?.value ?? null;
    const variable = arg?.kind === 'column-reference' && arg.name.length === 1 ? arg.name[0]! : null;
    if (node.arguments.length > 1 || (arg !== null && variable === null))
      throw syntaxError('CLASSIFIER takes one pattern variable, or none', node.span);
    return this.#expressions.classifier(variable, node.span);
  }

  #navigation(node: ast.FunctionCall, name: 'first' | 'last' | 'prev' | 'next', scope: ExpressionScope): Expression {
    const word = name.toUpperCase();
    if (scope.aggregates === null) throw syntaxError(`${word} cannot stand inside another call, but FIRST and LAST inside PREV and NEXT`, node.span);
    if (node.arguments.length === 0 || node.arguments.length > 2) throw syntaxError(`${word} takes a value and a number of rows`, node.span);
    if (name === 'first' || name === 'last') return this.#expressions.placed(this.#logical(node, name, scope), node.span, false);
    const [operand, distance] = node.arguments as [ast.FunctionArgument, ast.FunctionArgument | undefined];
    const rows = distance === undefined ? 1 : this.#expressions.offset(distance.value, word);
    const logical = this.#inner(operand.value, scope) ?? this.#valueOf(operand.value, { from: 'last', offset: 0, name: word }, scope);
    return this.#expressions.placed({ ...logical, shift: name === 'prev' ? -rows : rows }, node.span, false);
  }

  /** FIRST or LAST inside PREV or NEXT: which row to go from. */
  #inner(node: ast.Expression, scope: ExpressionScope): Navigation | null {
    const call = node.kind === 'match-semantics' ? node.operand : node;
    if (call.kind !== 'function-call' || call.name.parts.length > 1 || call.arguments.length === 0) return null;
    const name = foldIdentifier(call.name.parts[0]!);
    if (name !== 'first' && name !== 'last') return null;
    const before = this.#semantics;
    if (node.kind === 'match-semantics') this.#semantics = node.semantics;
    const logical = this.#logical(call, name, scope);
    this.#semantics = before;
    return logical;
  }

  #logical(node: ast.FunctionCall, name: 'first' | 'last', scope: ExpressionScope): Navigation {
    const distance = node.arguments[1];
    const offset = distance === undefined ? 0 : this.#expressions.offset(distance.value, name.toUpperCase());
    return this.#valueOf(node.arguments[0]!.value, { from: name, offset, name: name.toUpperCase() }, scope);
  }

  #valueOf(
    node: ast.Expression,
    at: { readonly from: 'first' | 'last'; readonly offset: number; readonly name: string },
    scope: ExpressionScope,
  ): Navigation {
    const bound = this.#expressions.resolve(bind(node, { ...scope, aggregates: null, clause: at.name }));
    const decoded = this.#expressions.decode([bound], node.span);
    if (decoded === null) throw syntaxError(`${at.name} needs a column of the rows it goes to`, node.span);
    const value = decoded.expression[0]!;
    const final = this.#semantics === null ? this.defaultFinal : this.#isFinal(this.#semantics);
    return { kind: 'row-value', symbol: decoded.symbol, final, from: at.from, offset: at.offset, shift: 0, value, type: value.type };
  }

  #isFinal(semantics: 'final' | 'running'): boolean {
    return this.#clause === 'MEASURES' && (semantics === 'final' || !this.#expressions.runningMeasures);
  }
}
