import { SqlError, unreachable } from '../../base/index.ts';
import {
  compileRowInterpreter,
  type EvaluationContext,
  type Expression,
  type FunctionLookup,
  type OuterEvaluator,
  type RowInterpreter,
  type SubqueryExpression,
  severalRowsError,
  splitConjuncts,
} from '../../expr/index.ts';
import type { AggregateDefinition, Registry, TableFunctionDefinition } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import {
  type FilterPlan,
  freeOuterColumns,
  freeRecursions,
  type LogicalPlan,
  type ProjectPlan,
  type ScanPlan,
  subqueryPlan,
} from '../logical/index.ts';
import { evaluateAggregate } from './evaluate-aggregate.ts';
import { evaluateAsOfJoin } from './evaluate-as-of-join.ts';
import { evaluateJoin } from './evaluate-join.ts';
import { evaluateMatchRecognize } from './evaluate-match-recognize.ts';
import { evaluateMutualRecursion } from './evaluate-mutual-recursion.ts';
import { evaluateOver } from './evaluate-over.ts';
import { evaluateRecursion } from './evaluate-recursion.ts';
import { evaluateDistinct, evaluateSetOperation } from './evaluate-set-operation.ts';
import { evaluateLimit, evaluateSort } from './evaluate-sort.ts';
import { evaluateWindowAssign } from './evaluate-window-assign.ts';
import { buildOuterIndex, type OuterIndex } from './outer-index.ts';
import { finish, gather, inPieces, PIECE_ROWS, type Pieces, type Steps } from './pieces.ts';
import type { PlanTrace } from './plan-trace.ts';
import { type Row, rowKey } from './row.ts';
import { subqueriesOf } from './scans-of.ts';

/** Key of the rows of a subquery that reads nothing from outside. */
const NO_OUTER_VALUES = '[]';

/** What a run needs from outside; all of it at hand, since subqueries are evaluated in the middle of a row. */
export interface RunEnvironment {
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly evaluation: EvaluationContext;
  tableFunction(name: string, argumentTypes: readonly SqlType[]): TableFunctionDefinition;
  /** Rows of a scan that was collected before. */
  rowsOf(scan: ScanPlan): readonly Row[];
  /** Watches the nodes of the plan; absent: nobody does. */
  readonly trace?: PlanTrace;
}

/** One evaluation of a plan and the rows around it. Compiled expressions and results of subqueries are kept for its length. */
export class ReferenceRun {
  readonly environment: RunEnvironment;
  /** Rows pushed around what is evaluated now, innermost last. */
  readonly #outer: Row[] = [];
  readonly #compiled = new Map<Expression, RowInterpreter>();
  readonly #subqueryRows = new Map<LogicalPlan, Map<string, readonly Row[]>>();
  readonly #freeColumns = new Map<LogicalPlan, ReturnType<typeof freeOuterColumns>>();
  readonly #freeRecursions = new Map<LogicalPlan, ReadonlySet<string>>();
  readonly #indexes = new Map<FilterPlan, OuterIndex | null>();
  /** Rows of the round before, by recursion; of bindings the rows they have now. */
  readonly #working = new Map<string, readonly Row[]>();
  readonly #evaluator: OuterEvaluator<Row>;

  constructor(environment: RunEnvironment) {
    this.environment = environment;
    this.#evaluator = {
      outerColumn: (column) => this.#outer[this.#outer.length - column.depth]?.[column.index] ?? null,
      subquery: (expression, inputs, row) => this.#subquery(expression, inputs, row),
    };
  }

  get aggregates(): Registry<AggregateDefinition> {
    return this.environment.aggregates;
  }

  /** All rows of a plan under the rows pushed now, without giving way. */
  rows(plan: LogicalPlan): readonly Row[] {
    return finish(gather(this.pieces(plan)));
  }

  /** Rows of a plan under the rows pushed now. While the generator is paused they have to stay what they are. */
  *pieces(plan: LogicalPlan): Pieces {
    yield* this.#settleSubqueries(plan);
    const made = this.#node(plan);
    const { trace } = this.environment;
    // A scan was watched when it was collected.
    yield* trace === undefined || plan.kind === 'scan' ? made : trace.pieces(plan, made);
  }

  #node(plan: LogicalPlan): Pieces {
    switch (plan.kind) {
      case 'scan':
        return inPieces(this.environment.rowsOf(plan));
      case 'values':
        return this.#values(plan);
      case 'table-function':
        return this.#tableFunction(plan);
      case 'filter':
        return this.over(plan, this.#candidates(plan));
      case 'project':
        return this.over(plan, this.pieces(plan.input));
      case 'window-assign':
        return evaluateWindowAssign(plan, this.pieces(plan.input));
      case 'aggregate':
        return evaluateAggregate(plan, this);
      case 'join':
        return evaluateJoin(plan, this);
      case 'as-of-join':
        return evaluateAsOfJoin(plan, this);
      case 'set-operation':
        return evaluateSetOperation(plan, this);
      case 'distinct':
        return evaluateDistinct(plan, this);
      case 'over':
        return evaluateOver(plan, this);
      case 'match-recognize':
        return evaluateMatchRecognize(plan, this);
      case 'sort':
        return evaluateSort(plan, this);
      case 'limit':
        return evaluateLimit(plan, this);
      case 'recursion':
        return evaluateRecursion(plan, this);
      case 'mutual-recursion':
        return evaluateMutualRecursion(plan, this);
      case 'recursive-scan':
        return inPieces(this.#working.get(plan.id) ?? []);
      default:
        return unreachable(plan);
    }
  }

  *#values(plan: Extract<LogicalPlan, { readonly kind: 'values' }>): Pieces {
    for (let at = 0; at < plan.rows.length; at += PIECE_ROWS) {
      yield plan.rows.slice(at, at + PIECE_ROWS).map((row) => row.map((expression) => this.value(expression, [])));
    }
  }

  /** What a filter or a projection makes of pieces of its input. */
  *over(plan: FilterPlan | ProjectPlan, input: Pieces): Pieces {
    yield* this.#settleSubqueries(plan);
    if (plan.kind === 'filter') {
      const test = this.test(plan.predicate);
      for (const rows of this.#steady(plan, input)) yield rows.filter(test);
    } else {
      const project = this.projection(plan.expressions);
      for (const rows of this.#steady(plan, input)) yield rows.map(project);
    }
  }

  /** One row at a time where a subquery may run for each of them. */
  *#steady(plan: LogicalPlan, pieces: Pieces): Pieces {
    const correlated = subqueriesOf(plan).some((inner) => this.#free(inner).length > 0);
    for (const rows of pieces) {
      if (correlated && rows.length > 1) yield* inPieces(rows, 1);
      else yield rows;
    }
  }

  /**
   * Subqueries that no row around them changes, before the first row asks: in the middle of an expression nothing can give way. One that fails is left
   * to the row that asks for it, since perhaps none does.
   */
  *#settleSubqueries(plan: LogicalPlan): Steps<void> {
    for (const inner of subqueriesOf(plan)) {
      if (this.#free(inner).length > 0 || this.#subqueryRows.has(inner)) continue;
      try {
        this.#subqueryRows.set(inner, new Map([[NO_OUTER_VALUES, yield* gather(this.pieces(inner))]]));
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
      }
    }
  }

  /** The value of an expression over a row. */
  value(expression: Expression, row: Row): Datum | null {
    return this.#compile(expression)(row, this.environment.evaluation);
  }

  /** The same of an expression that is made for this row. */
  valueOnce(expression: Expression, row: Row): Datum | null {
    return compileRowInterpreter(expression, this.environment.functions, this.#evaluator)(row, this.environment.evaluation);
  }

  #compile(expression: Expression): RowInterpreter {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = compileRowInterpreter(expression, this.environment.functions, this.#evaluator);
      this.#compiled.set(expression, compiled);
    }
    return compiled;
  }

  /**
   * A condition as a filter tests it: conjunct by conjunct, up to the first that is not true. So what stands behind a NULL is not evaluated,
   * as in PostgreSQL's executor and in the operators.
   */
  test(condition: Expression): (row: Row) => boolean {
    const conjuncts = splitConjuncts(condition).map((conjunct) => this.#compile(conjunct));
    const { evaluation } = this.environment;
    return (row) => conjuncts.every((conjunct) => conjunct(row, evaluation) === true);
  }

  /** A projection as one function of the row. */
  projection(expressions: readonly Expression[]): (row: Row) => Row {
    const compiled = expressions.map((expression) => this.#compile(expression));
    const { evaluation } = this.environment;
    return (row) => {
      const values: (Datum | null)[] = [];
      for (const expression of compiled) values.push(expression(row, evaluation));
      return values;
    };
  }

  /** Evaluates `work` with one more row around it. */
  under<Result>(row: Row, work: () => Result): Result {
    this.#outer.push(row);
    try {
      return work();
    } finally {
      this.#outer.pop();
    }
  }

  /** The same for work that gives way: between its steps nobody else evaluates anything. */
  *stepsUnder<Result>(row: Row, work: () => Steps<Result>): Steps<Result> {
    this.#outer.push(row);
    try {
      return yield* work();
    } finally {
      this.#outer.pop();
    }
  }

  /** What recursive scans of the recursion read from now on. */
  setWorkingRows(recursion: string, rows: readonly Row[]): void {
    this.#working.set(recursion, rows);
    // What is known of a subquery that reads them is of the rows before.
    for (const inner of this.#subqueryRows.keys()) if (this.#recursions(inner).has(recursion)) this.#subqueryRows.delete(inner);
  }

  /**
   * Rows a filter has to look at. `column = value from outside`, evaluated again and again in a correlated subquery, is looked up in an index of the input,
   * which the rows around it do not change.
   */
  #candidates(plan: FilterPlan): Pieces {
    if (this.#outer.length === 0 || this.#recursions(plan.input).size > 0) return this.pieces(plan.input);
    let index = this.#indexes.get(plan);
    if (index === undefined) {
      index = buildOuterIndex(plan, () => this.rows(plan.input));
      this.#indexes.set(plan, index);
    }
    if (index === null) return this.pieces(plan.input);
    const wanted = this.value(index.wanted, []);
    return inPieces(wanted === null ? [] : (index.rows.get(rowKey([index.wanted.type], [wanted])) ?? []));
  }

  *#tableFunction(plan: Extract<LogicalPlan, { readonly kind: 'table-function' }>): Pieces {
    const types = plan.args.map((arg) => arg.type);
    const definition = this.environment.tableFunction(plan.name, types);
    const args = plan.args.map((arg) => this.value(arg, []));
    if (definition.nullBehaviour !== 'called' && args.includes(null)) return;
    let piece: Row[] = [];
    let ordinal = 0n;
    for (const row of definition.evaluate(args, this.environment.evaluation)) {
      piece.push(plan.ordinality ? [...row, ++ordinal] : row);
      if (piece.length < PIECE_ROWS) continue;
      yield piece;
      piece = [];
    }
    yield piece;
  }

  #subquery(expression: SubqueryExpression, inputs: Row, row: Row): Datum | null {
    const rows = this.#rowsOfSubquery(subqueryPlan(expression), row);
    switch (expression.form) {
      case 'exists':
        return rows.length > 0 !== expression.negated;
      case 'scalar':
        return scalarOf(rows);
      case 'array':
        return { elements: rows.map((one) => one[0] ?? null) };
      case 'any':
      case 'all':
        return this.#quantified(expression, inputs, rows);
    }
  }

  /** Three-valued ANY and ALL; `negated` is NOT around the whole. */
  #quantified(expression: SubqueryExpression, inputs: Row, rows: readonly Row[]): boolean | null {
    const decisive = expression.form === 'any';
    const { fields } = subqueryPlan(expression);
    const comparisons = expression.signatures.map((signature, index) => {
      const definition = this.environment.functions.function(signature);
      const types = [expression.inputs[index]!.type, fields[index]!.type];
      const input = inputs[index] ?? null;
      return (value: Datum | null): boolean | null => {
        if (definition.nullBehaviour !== 'called' && (input === null || value === null)) return null;
        return definition.evaluate([input, value], this.environment.evaluation, types) as boolean | null;
      };
    });
    let result: boolean | null = !decisive;
    for (const row of rows) {
      const compared = allOfThree(comparisons.map((compare, index) => compare(row[index] ?? null)));
      if (compared === decisive) {
        result = decisive;
        break;
      }
      if (compared === null) result = null;
    }
    return result === null ? null : result !== expression.negated;
  }

  /** Rows of a subquery, once for each combination of the outer values it reads. */
  #rowsOfSubquery(plan: LogicalPlan, row: Row): readonly Row[] {
    return this.under(row, () => {
      const key = this.#outerKey(plan);
      let byKey = this.#subqueryRows.get(plan);
      if (byKey === undefined) {
        byKey = new Map();
        this.#subqueryRows.set(plan, byKey);
      }
      let rows = byKey.get(key);
      if (rows === undefined) {
        rows = this.rows(plan);
        byKey.set(key, rows);
      }
      return rows;
    });
  }

  #free(plan: LogicalPlan): ReturnType<typeof freeOuterColumns> {
    let free = this.#freeColumns.get(plan);
    if (free === undefined) {
      free = freeOuterColumns(plan);
      this.#freeColumns.set(plan, free);
    }
    return free;
  }

  #recursions(plan: LogicalPlan): ReadonlySet<string> {
    let found = this.#freeRecursions.get(plan);
    if (found === undefined) {
      found = freeRecursions(plan);
      this.#freeRecursions.set(plan, found);
    }
    return found;
  }

  #outerKey(plan: LogicalPlan): string {
    const values = this.#free(plan).map(({ depth, index }) => this.#outer[this.#outer.length - depth]?.[index] ?? null);
    return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  }
}

/** AND of three values. */
function allOfThree(values: readonly (boolean | null)[]): boolean | null {
  if (values.includes(false)) return false;
  return values.includes(null) ? null : true;
}

function scalarOf(rows: readonly Row[]): Datum | null {
  if (rows.length > 1) throw severalRowsError();
  return rows[0]?.[0] ?? null;
}
