import { SqlError, SqlState, unreachable } from '../base/index.ts';
import { type Column, readDatum } from '../batch/index.ts';
import { type Datum, isNestedArray, type MapDatum, type MapType, makeMap, type RowDatum, type SqlType, sameType } from '../types/index.ts';
import { convertDatum } from './convert-datum.ts';
import type { Expression, OuterColumnExpression, SubqueryExpression } from './expression.ts';
import type { EvaluationContext, FunctionLookup } from './function-definition.ts';

/** Evaluates one row of some columns. */
export type Interpreter = (columns: readonly Column[], row: number, context: EvaluationContext) => Datum | null;

/** Evaluates one row held as values. */
export type RowInterpreter = (row: readonly (Datum | null)[], context: EvaluationContext) => Datum | null;

/** What the batch executor supplies beside the row; expressions of operators never need it. */
export interface OuterEvaluator<Source> {
  /** `input` is the value of the subquery's input expression, or null when it has none. */
  subquery(expression: SubqueryExpression, inputs: readonly (Datum | null)[], source: Source, row: number, context: EvaluationContext): Datum | null;
  outerColumn(expression: OuterColumnExpression): Datum | null;
}

type Evaluate<Source> = (source: Source, row: number, context: EvaluationContext) => Datum | null;

interface Compilation<Source> {
  readonly functions: FunctionLookup;
  readonly read: (source: Source, row: number, index: number) => Datum | null;
  readonly outer: OuterEvaluator<Source> | null;
}

/**
 * The reference evaluator: nested closures over the columns of a batch. Every value and every error of the engine is
 * defined by it; generated code has to agree. Three-valued logic, CASE, COALESCE, AND and OR are lazy, from left to right.
 */
export function compileInterpreter(
  expression: Expression,
  functions: FunctionLookup,
  outer: OuterEvaluator<readonly Column[]> | null = null,
): Interpreter {
  return compile<readonly Column[]>(expression, { functions, outer, read: (columns, row, index) => readDatum(columns[index]!, row) });
}

/** The same over a row of values, for the batch executor and for folding. */
export function compileRowInterpreter(
  expression: Expression,
  functions: FunctionLookup,
  outer: OuterEvaluator<readonly (Datum | null)[]> | null = null,
): RowInterpreter {
  const evaluate = compile<readonly (Datum | null)[]>(expression, { functions, outer, read: (values, _row, index) => values[index] ?? null });
  return (row, context) => evaluate(row, 0, context);
}

function compile<Source>(expression: Expression, compilation: Compilation<Source>): Evaluate<Source> {
  const { read, outer } = compilation;
  switch (expression.kind) {
    case 'literal': {
      const value = expression.value;
      return () => value;
    }
    case 'column': {
      const index = expression.index;
      return (source, row) => read(source, row, index);
    }
    case 'outer-column':
      return () => required(outer).outerColumn(expression);
    case 'subquery': {
      const inputs = expression.inputs.map((input) => compile(input, compilation));
      return (source, row, context) =>
        required(outer).subquery(
          expression,
          inputs.map((input) => input(source, row, context)),
          source,
          row,
          context,
        );
    }
    case 'parameter':
      throw new SqlError({ code: SqlState.undefinedParameter, message: `there is no parameter $${expression.index + 1}` });
    case 'call':
      return compileCall(expression, compilation);
    case 'lambda-call': {
      const call = compileLambdaCall(expression, compilation.functions);
      const values = [...expression.args, ...expression.captured].map((arg) => compile(arg, compilation));
      return (source, row, context) =>
        call(
          values.map((value) => value(source, row, context)),
          context,
        );
    }
    case 'cast':
      return compileCast(expression, compilation);
    case 'logical':
      return compileLogical(expression, compilation);
    case 'is-null':
      return compileIsNull(expression, compilation);
    case 'case':
      return compileCase(expression, compilation);
    case 'coalesce':
      return compileCoalesce(expression, compilation);
    case 'in-list':
      return compileInList(expression, compilation);
    case 'construct':
      return compileConstruct(expression, compilation);
    case 'field': {
      const input = compile(expression.input, compilation);
      const index = expression.index;
      return (source, row, context) => (input(source, row, context) as RowDatum | null)?.fields[index] ?? null;
    }
    default:
      return unreachable(expression);
  }
}

function required<Source>(outer: OuterEvaluator<Source> | null): OuterEvaluator<Source> {
  if (outer === null) throw new Error('assertion failed: subqueries and outer columns are evaluated by the batch executor only');
  return outer;
}

function compileCall<Source>(expression: Extract<Expression, { kind: 'call' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const definition = compilation.functions.function(expression.signature);
  const args = expression.args.map((arg) => compile(arg, compilation));
  const types = expression.args.map((arg) => arg.type);
  const strict = definition.nullBehaviour !== 'called';
  return (source, row, context) => {
    const values: (Datum | null)[] = [];
    // All arguments are evaluated even after a NULL: an error in a later one is an error, as in PostgreSQL.
    let missing = false;
    for (const arg of args) {
      const value = arg(source, row, context);
      if (value === null) missing = true;
      values.push(value);
    }
    if (strict && missing) return null;
    return definition.evaluate(values, context, types);
  };
}

/** The call over the values of its arguments and, behind them, of what its lambdas capture. */
export function compileLambdaCall(
  expression: Extract<Expression, { kind: 'lambda-call' }>,
  functions: FunctionLookup,
): (values: readonly (Datum | null)[], context: EvaluationContext) => Datum | null {
  const definition = functions.function(expression.signature);
  const argumentCount = expression.args.length;
  const types = [...expression.args, ...expression.lambdas.map((lambda) => lambda.body)].map((node) => node.type);
  const bodies = expression.lambdas.map(({ body }) => compileRowInterpreter(body, functions));
  const strict = definition.nullBehaviour !== 'called';
  return (values, context) => {
    const args = values.slice(0, argumentCount);
    if (strict && args.includes(null)) return null;
    const captured = values.slice(argumentCount);
    const lambdas = bodies.map((body) => (given: readonly (Datum | null)[]) => body([...given, ...captured], context));
    return definition.evaluate(args, context, types, lambdas);
  };
}

function compileCast<Source>(expression: Extract<Expression, { kind: 'cast' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const input = compile(expression.input, compilation);
  const from: SqlType = expression.input.type;
  const to = expression.type;
  if (sameType(from, to)) return input;
  const convert = convertDatum(from, to, compilation.functions, expression.mode === 'explicit' || expression.mode === 'try');
  if (expression.mode !== 'try') {
    return (source, row, context) => {
      const value = input(source, row, context);
      return value === null ? null : convert(value, context);
    };
  }
  return (source, row, context) => {
    const value = input(source, row, context);
    if (value === null) return null;
    try {
      return convert(value, context);
    } catch (error) {
      // Only what the value is to blame for becomes NULL; a bug stays a bug.
      if (error instanceof SqlError && error.class === 'user') return null;
      throw error;
    }
  };
}

function compileLogical<Source>(expression: Extract<Expression, { kind: 'logical' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const args = expression.args.map((arg) => compile(arg, compilation));
  if (expression.operator === 'not') {
    const only = args[0]!;
    return (source, row, context) => {
      const value = only(source, row, context);
      return value === null ? null : !value;
    };
  }
  const decisive = expression.operator === 'or';
  return (source, row, context) => {
    let unknown = false;
    for (const arg of args) {
      const value = arg(source, row, context);
      if (value === decisive) return decisive;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decisive;
  };
}

function compileIsNull<Source>(expression: Extract<Expression, { kind: 'is-null' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const input = compile(expression.input, compilation);
  const negated = expression.negated;
  if (expression.input.type.kind === 'row') return (source, row, context) => rowIsNull(input(source, row, context) as RowDatum | null, negated);
  return (source, row, context) => (input(source, row, context) === null) !== negated;
}

/** PostgreSQL's rule for rows: IS NULL when every field is, IS NOT NULL when none is; a mixed row is neither. */
export function rowIsNull(value: RowDatum | null, negated: boolean): boolean {
  if (value === null) return !negated;
  return value.fields.every((field) => (field === null) !== negated);
}

function compileCase<Source>(expression: Extract<Expression, { kind: 'case' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const conditions = expression.branches.map((branch) => compile(branch.condition, compilation));
  const results = expression.branches.map((branch) => compile(branch.result, compilation));
  const otherwise = expression.otherwise ? compile(expression.otherwise, compilation) : null;
  const { span } = expression;
  return (source, row, context) => {
    for (let branch = 0; branch < conditions.length; branch++) {
      if (conditions[branch]!(source, row, context) !== true) continue;
      if (span !== undefined) context.branchTaken?.(span, branch);
      return results[branch]!(source, row, context);
    }
    if (span !== undefined) context.branchTaken?.(span, conditions.length);
    return otherwise ? otherwise(source, row, context) : null;
  };
}

function compileCoalesce<Source>(expression: Extract<Expression, { kind: 'coalesce' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const args = expression.args.map((arg) => compile(arg, compilation));
  return (source, row, context) => {
    for (const arg of args) {
      const value = arg(source, row, context);
      if (value !== null) return value;
    }
    return null;
  };
}

function compileInList<Source>(expression: Extract<Expression, { kind: 'in-list' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const input = compile(expression.input, compilation);
  const items = expression.items.map((item) => compile(item, compilation));
  const equals = compilation.functions.function(expression.equals);
  const types = [expression.input.type, expression.items[0]?.type ?? expression.input.type];
  const negated = expression.negated;
  return (source, row, context) => {
    const value = input(source, row, context);
    let unknown = value === null;
    for (const item of items) {
      const candidate = item(source, row, context);
      if (candidate === null || value === null) {
        unknown = true;
        continue;
      }
      const equal = equals.evaluate([value, candidate], context, types);
      if (equal === true) return !negated;
      if (equal === null) unknown = true;
    }
    return unknown ? null : negated;
  };
}

function compileConstruct<Source>(expression: Extract<Expression, { kind: 'construct' }>, compilation: Compilation<Source>): Evaluate<Source> {
  const args = expression.args.map((arg) => compile(arg, compilation));
  if (expression.type.kind === 'array') {
    const check = expression.args.some((arg) => arg.type.kind === 'array') ? sameDimensions : null;
    return (source, row, context) => {
      const elements = args.map((arg) => arg(source, row, context));
      check?.(elements);
      return { elements };
    };
  }
  if (expression.type.kind === 'map') {
    const make = mapOfArguments(expression.type);
    return (source, row, context) => make(args.map((arg) => arg(source, row, context)));
  }
  return (source, row, context) => ({ fields: args.map((arg) => arg(source, row, context)) });
}

/** The map of keys and values in turn. */
export function mapOfArguments(type: MapType): (values: readonly (Datum | null)[]) => MapDatum {
  return (values) => {
    const pairs: (readonly [Datum | null, Datum | null])[] = [];
    for (let at = 0; at + 1 < values.length; at += 2) pairs.push([values[at]!, values[at + 1]!]);
    return makeMap(type, pairs);
  };
}

/** Arrays in an array are its rows: all of one shape. Errors: 2202E. */
function sameDimensions(elements: readonly (Datum | null)[]): void {
  const shapes = new Set(elements.map((element) => shapeOf(element)));
  if (shapes.size <= 1) return;
  throw new SqlError({
    code: SqlState.arraySubscriptError,
    message: 'multidimensional arrays must have array expressions with matching dimensions',
  });
}

function shapeOf(value: Datum | null): string {
  if (!isNestedArray(value)) return '';
  return `${value.elements.length} ${shapeOf(value.elements[0] ?? null)}`;
}
