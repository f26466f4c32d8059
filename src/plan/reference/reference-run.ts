import { SqlError, SqlState, unreachable } from '../../base/index.ts';
import {
  compileRowInterpreter,
  type EvaluationContext,
  type Expression,
  type FunctionLookup,
  type OuterEvaluator,
  type RowInterpreter,
  type SubqueryExpression,
  splitConjuncts,
} from '../../expr/index.ts';
import type { AggregateDefinition, Registry, TableFunctionDefinition } from '../../spi/index.ts';
import type { Datum, SqlType } from '../../types/index.ts';
import { type FilterPlan, freeOuterColumns, type LogicalPlan, type ScanPlan, subqueryPlan } from '../logical/index.ts';
import { evaluateAggregate } from './evaluate-aggregate.ts';
import { evaluateJoin } from './evaluate-join.ts';
import { evaluateOver } from './evaluate-over.ts';
import { evaluateDistinct, evaluateSetOperation } from './evaluate-set-operation.ts';
import { evaluateLimit, evaluateSort } from './evaluate-sort.ts';
import { evaluateWindowAssign } from './evaluate-window-assign.ts';
import { buildOuterIndex, type OuterIndex } from './outer-index.ts';
import { type Row, rowKey } from './row.ts';

/** What a run needs from outside; all of it at hand, since subqueries are evaluated in the middle of a row. */
export interface RunEnvironment {
  readonly functions: FunctionLookup;
  readonly aggregates: Registry<AggregateDefinition>;
  readonly evaluation: EvaluationContext;
  tableFunction(name: string, argumentTypes: readonly SqlType[]): TableFunctionDefinition;
  /** Rows of a scan that was collected before. */
  rowsOf(scan: ScanPlan): readonly Row[];
}

/** One evaluation of a plan and the rows around it. Compiled expressions and results of subqueries are kept for its length. */
export class ReferenceRun {
  readonly environment: RunEnvironment;
  /** Rows pushed around what is evaluated now, innermost last. */
  readonly #outer: Row[] = [];
  readonly #compiled = new Map<Expression, RowInterpreter>();
  readonly #subqueryRows = new Map<LogicalPlan, Map<string, readonly Row[]>>();
  readonly #freeColumns = new Map<LogicalPlan, ReturnType<typeof freeOuterColumns>>();
  readonly #indexes = new Map<FilterPlan, OuterIndex | null>();
  readonly #evaluator: OuterEvaluator<Row>;

  constructor(environment: RunEnvironment) {
    this.environment = environment;
    this.#evaluator = {
      outerColumn: (column) => this.#outer[this.#outer.length - column.depth]?.[column.index] ?? null,
      subquery: (expression, input, row) => this.#subquery(expression, input, row),
    };
  }

  /** All rows of a plan under the rows pushed now. */
  rows(plan: LogicalPlan): readonly Row[] {
    switch (plan.kind) {
      case 'scan':
        return this.environment.rowsOf(plan);
      case 'values':
        return plan.rows.map((row) => row.map((expression) => this.value(expression, [])));
      case 'table-function':
        return this.#tableFunction(plan);
      case 'filter':
        return this.#candidates(plan).filter(this.test(plan.predicate));
      case 'project':
        return this.rows(plan.input).map(this.projection(plan.expressions));
      case 'window-assign':
        return evaluateWindowAssign(plan, this.rows(plan.input));
      case 'aggregate':
        return evaluateAggregate(plan, this);
      case 'join':
        return evaluateJoin(plan, this);
      case 'set-operation':
        return evaluateSetOperation(plan, this);
      case 'distinct':
        return evaluateDistinct(plan, this);
      case 'over':
        return evaluateOver(plan, this);
      case 'sort':
        return evaluateSort(plan, this);
      case 'limit':
        return evaluateLimit(plan, this);
      default:
        return unreachable(plan);
    }
  }

  /** The value of an expression over a row. */
  value(expression: Expression, row: Row): Datum | null {
    return this.#compile(expression)(row, this.environment.evaluation);
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
    return (row) => compiled.map((expression) => expression(row, evaluation));
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

  /**
   * Rows a filter has to look at. `column = value from outside`, evaluated again and again in a correlated subquery, is looked up in an index of the input,
   * which the rows around it do not change.
   */
  #candidates(plan: FilterPlan): readonly Row[] {
    if (this.#outer.length === 0) return this.rows(plan.input);
    let index = this.#indexes.get(plan);
    if (index === undefined) {
      index = buildOuterIndex(plan, () => this.rows(plan.input));
      this.#indexes.set(plan, index);
    }
    if (index === null) return this.rows(plan.input);
    const wanted = this.value(index.wanted, []);
    return wanted === null ? [] : (index.rows.get(rowKey([index.wanted.type], [wanted])) ?? []);
  }

  #tableFunction(plan: Extract<LogicalPlan, { readonly kind: 'table-function' }>): readonly Row[] {
    const types = plan.args.map((arg) => arg.type);
    const definition = this.environment.tableFunction(plan.name, types);
    const args = plan.args.map((arg) => this.value(arg, []));
    if (definition.nullBehaviour !== 'called' && args.includes(null)) return [];
    const rows = [...definition.evaluate(args, this.environment.evaluation)];
    return plan.ordinality ? rows.map((row, index) => [...row, BigInt(index + 1)]) : rows;
  }

  #subquery(expression: SubqueryExpression, input: Datum | null, row: Row): Datum | null {
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
        return this.#quantified(expression, input, rows);
    }
  }

  /** Three-valued ANY and ALL; `negated` is NOT around the whole. */
  #quantified(expression: SubqueryExpression, input: Datum | null, rows: readonly Row[]): boolean | null {
    const definition = this.environment.functions.function(expression.signature!);
    const decisive = expression.form === 'any';
    const types = [expression.input!.type, subqueryPlan(expression).fields[0]!.type];
    let result: boolean | null = !decisive;
    for (const row of rows) {
      const value = row[0] ?? null;
      const strict = definition.nullBehaviour !== 'called';
      const compared =
        strict && (input === null || value === null)
          ? null
          : (definition.evaluate([input, value], this.environment.evaluation, types) as boolean | null);
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

  #outerKey(plan: LogicalPlan): string {
    let free = this.#freeColumns.get(plan);
    if (free === undefined) {
      free = freeOuterColumns(plan);
      this.#freeColumns.set(plan, free);
    }
    const values = free.map(({ depth, index }) => this.#outer[this.#outer.length - depth]?.[index] ?? null);
    return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  }
}

function scalarOf(rows: readonly Row[]): Datum | null {
  if (rows.length > 1)
    throw new SqlError({ code: SqlState.cardinalityViolation, message: 'more than one row returned by a subquery used as an expression' });
  return rows[0]?.[0] ?? null;
}
