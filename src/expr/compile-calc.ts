import { type ScriptRealms, ScriptTimeout, type SqlError, toSqlError } from '../base/index.ts';
import { Batch, type Column, gatherColumn, gatherInt32 } from '../batch/index.ts';
import type { SqlType } from '../types/index.ts';
import { BytesOutput, type CalcOutput, createOutput, type EmittedCalc, emitCalc, type RowInterpretation } from './codegen/index.ts';
import type { Expression } from './expression.ts';
import { visitExpression } from './expression-children.ts';
import { expressionToJson } from './expression-json.ts';
import type { EvaluationContext, FunctionLookup } from './function-definition.ts';
import { compileInterpreter, type Interpreter } from './interpreter.ts';
import { printBoundExpression } from './print-expression.ts';
import { splitConjuncts } from './split-conjuncts.ts';

/** Above this many nodes one generated function would stay slow for its first tens of thousands of rows. */
const GENERATED_NODES_MAX = 2000;

/** What a batch of calls of users' functions may take before each call gets a limit of its own: a limit costs as much as thousands of calls. */
const SCRIPTS_LIMIT_MS = 1000;

interface CalcOptions {
  /** Rows for which it is not true are left out; its conjuncts are tested in order until one is not true. */
  readonly predicate: Expression | null;
  readonly projections: readonly Expression[];
  readonly inputColumns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly functions: FunctionLookup;
  /** Interpreter only. */
  readonly interpreted: boolean;
}

/** A row that cannot be computed: it is left out of the result. `row` is its position in the input batch. */
type CalcErrorHandler = (row: number, error: SqlError, expressionText: string) => void;

/** A fused filter and projection. One at a time: a Calc keeps the arrays of the batch it works on. */
export interface Calc {
  /** The dense result, in input order, weights carried along; null when no row is left. */
  run(batch: Batch, context: EvaluationContext, onRowError: CalcErrorHandler): Batch | null;
  /** The rows of the last batch that are left, ascending; until the next run. Only where some were left out. */
  selection(): Int32Array;
  /** The generated function, for EXPLAIN (CODEGEN). */
  text(): string;
}

export function compileCalc(options: CalcOptions): Calc {
  return new FusedCalc(options);
}

interface InterpretedExpression {
  readonly evaluate: Interpreter;
  readonly expression: Expression;
}

class FusedCalc implements Calc, RowInterpretation {
  readonly #options: CalcOptions;
  readonly #computed: readonly Expression[];
  /** For each projection the input column it passes on, or -1 - i for the i-th computed one. */
  readonly #origins: readonly number[];
  readonly #conjuncts: readonly InterpretedExpression[];
  readonly #projections: readonly InterpretedExpression[];
  readonly #emitted: EmittedCalc | null;
  readonly #dataBytes: number[];
  /** Null where no function of a user is called. */
  readonly #scripts: ScriptRealms | null;
  #selection = new Int32Array(0);
  #selectedCount = 0;
  #columns: readonly Column[] = [];
  #outputs: readonly CalcOutput[] = [];
  #context: EvaluationContext | null = null;
  #onRowError: CalcErrorHandler | null = null;

  constructor(options: CalcOptions) {
    this.#options = options;
    const computed = options.projections.filter((projection) => projection.kind !== 'column');
    let next = 0;
    this.#origins = options.projections.map((projection) => (projection.kind === 'column' ? projection.index : -1 - next++));
    this.#computed = computed;
    const interpret = (expression: Expression): InterpretedExpression => ({
      evaluate: compileInterpreter(expression, options.functions),
      expression,
    });
    const conjuncts = options.predicate ? splitConjuncts(options.predicate) : [];
    this.#conjuncts = conjuncts.map(interpret);
    this.#projections = computed.map(interpret);
    this.#dataBytes = computed.map(() => 1024);
    this.#scripts = callsScripts([...conjuncts, ...computed], options.functions) ? (options.functions.scripts ?? null) : null;
    const trivial = computed.length === 0 && conjuncts.length === 0;
    this.#emitted =
      options.interpreted || trivial || nodeCount([...conjuncts, ...computed]) > GENERATED_NODES_MAX
        ? null
        : emitCached(options, conjuncts, computed);
  }

  text(): string {
    return this.#emitted?.text ?? '(interpreted)';
  }

  selection(): Int32Array {
    return this.#selection.subarray(0, this.#selectedCount);
  }

  run(batch: Batch, context: EvaluationContext, onRowError: CalcErrorHandler): Batch | null {
    const rowCount = batch.rowCount;
    if (rowCount === 0) return null;
    if (this.#conjuncts.length === 0 && this.#computed.length === 0) return this.#result(batch, [], rowCount);
    return this.#scripts === null ? this.#compute(batch, context, onRowError) : this.#computeLimited(this.#scripts, batch, context, onRowError);
  }

  /** Errors are told when it is known that the batch is not computed again. */
  #computeLimited(scripts: ScriptRealms, batch: Batch, context: EvaluationContext, onRowError: CalcErrorHandler): Batch | null {
    const errors: Parameters<CalcErrorHandler>[] = [];
    let result: Batch | null;
    try {
      result = scripts.within(SCRIPTS_LIMIT_MS, () => this.#compute(batch, context, (...error) => errors.push(error)));
    } catch (error) {
      if (!(error instanceof ScriptTimeout)) throw error;
      return this.#compute(batch, context, onRowError);
    }
    for (const error of errors) onRowError(...error);
    return result;
  }

  #compute(batch: Batch, context: EvaluationContext, onRowError: CalcErrorHandler): Batch | null {
    const rowCount = batch.rowCount;
    if (this.#selection.length < rowCount) this.#selection = new Int32Array(rowCount);
    const outputs = this.#computed.map((expression, index) => createOutput(expression.type, rowCount, this.#dataBytes[index]!));
    this.#columns = batch.columns;
    this.#outputs = outputs;
    this.#context = context;
    this.#onRowError = onRowError;
    const count = this.#emitted
      ? this.#emitted.loop(batch.columns, rowCount, outputs, this.#selection, context, this)
      : this.#interpretRows(rowCount);
    this.#selectedCount = count;
    this.#columns = [];
    this.#outputs = [];
    if (count === 0) return null;
    outputs.forEach((output, index) => {
      if (output instanceof BytesOutput) this.#dataBytes[index] = Math.max(256, Math.ceil(output.used * 1.125));
    });
    return this.#result(batch, outputs, count);
  }

  interpretRow(row: number, count: number): number {
    const context = this.#context!;
    let current: Expression | null = null;
    try {
      for (const { evaluate, expression } of this.#conjuncts) {
        current = expression;
        if (evaluate(this.#columns, row, context) !== true) return count;
      }
      const values = this.#projections.map(({ evaluate, expression }) => {
        current = expression;
        return evaluate(this.#columns, row, context);
      });
      for (let index = 0; index < values.length; index++) this.#outputs[index]!.writeDatum(count, values[index]!);
    } catch (error) {
      const names = this.#options.inputColumns.map((column) => column.name);
      const failure = toSqlError(error);
      if (failure.class === 'internal' || current === null) throw failure;
      this.#onRowError!(row, failure, printBoundExpression(current, names));
      return count;
    }
    this.#selection[count] = row;
    return count + 1;
  }

  #interpretRows(rowCount: number): number {
    let count = 0;
    for (let row = 0; row < rowCount; row++) count = this.interpretRow(row, count);
    return count;
  }

  #result(batch: Batch, outputs: readonly CalcOutput[], count: number): Batch {
    const whole = count === batch.rowCount;
    const columns = this.#origins.map((origin) => {
      if (origin < 0) return outputs[-1 - origin]!.finish(count);
      const column = batch.columns[origin]!;
      return whole ? column : gatherColumn(column, this.#selection, count);
    });
    const weights = batch.weights === null || whole ? batch.weights : gatherInt32(batch.weights, this.#selection, count);
    return new Batch(count, columns, weights);
  }
}

function callsScripts(expressions: readonly Expression[], functions: FunctionLookup): boolean {
  let found = false;
  const look = (node: Expression): void => {
    if (node.kind === 'call' && functions.function(node.signature).runsScript) found = true;
  };
  for (const expression of expressions) visitExpression(expression, look);
  return found;
}

function nodeCount(expressions: readonly Expression[]): number {
  let count = 0;
  for (const expression of expressions) visitExpression(expression, () => count++);
  return count;
}

/** Generated loops hold no state between batches, so equal shapes share one, and with it the optimiser's work. */
const emittedCalcs = new WeakMap<FunctionLookup, Map<string, EmittedCalc>>();

function emitCached(options: CalcOptions, conjuncts: readonly Expression[], computed: readonly Expression[]): EmittedCalc {
  let shapes = emittedCalcs.get(options.functions);
  if (!shapes) {
    shapes = new Map();
    emittedCalcs.set(options.functions, shapes);
  }
  const inputTypes = options.inputColumns.map((column) => column.type);
  const key = JSON.stringify([inputTypes, conjuncts.map(expressionToJson), computed.map(expressionToJson)]);
  let emitted = shapes.get(key);
  if (!emitted) {
    emitted = emitCalc({ conjuncts, computed, inputTypes, functions: options.functions });
    shapes.set(key, emitted);
  }
  return emitted;
}
