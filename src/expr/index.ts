/**
 * The typed expression IR and everything that evaluates it: the interpreter (the reference), the emitter that turns expressions into one generated
 * loop over columns, folding of constants.
 *
 * NULL logic lives here once; functions never see NULL unless they ask. Functions come in through a lookup, never by import.
 *
 * Laws
 * - Interpreter and generated loop agree on every value and on which row fails with which error.
 *
 * Start reading at expression.ts.
 */

export { type Calc, compileCalc } from './compile-calc.ts';
export { convertDatum } from './convert-datum.ts';
export type {
  CallExpression,
  CaseExpression,
  CastExpression,
  CoalesceExpression,
  ColumnExpression,
  Expression,
  FieldExpression,
  InListExpression,
  IsNullExpression,
  Lambda,
  LambdaCallExpression,
  LiteralExpression,
  LogicalExpression,
  OuterColumnExpression,
  ParameterExpression,
  RowExpression,
  Span,
  SubqueryExpression,
} from './expression.ts';
export {
  expressionChildren,
  expressionColumns,
  mapExpression,
  visitExpression,
  visitWithBodies,
  withExpressionChildren,
} from './expression-children.ts';
export { datumFromJson, datumToJson, type ExpressionJson, expressionFromJson, expressionToJson } from './expression-json.ts';
export { isFallible, isImmutable } from './fallible.ts';
export { foldConstants } from './fold-constants.ts';
export type {
  AdvisoryLock,
  CastDefinition,
  CatalogLookup,
  EmitContext,
  EmittedForm,
  EmittedResult,
  EmittedValue,
  EvaluationContext,
  FunctionDefinition,
  FunctionExample,
  FunctionLookup,
  LambdaArgument,
  LambdaEvaluator,
  ParameterOfFunction,
  RandomSource,
  SessionActions,
  SessionFacts,
} from './function-definition.ts';
export { compileInterpreter, compileRowInterpreter, type Interpreter, type OuterEvaluator, type RowInterpreter, rowIsNull } from './interpreter.ts';
export { printBoundExpression } from './print-expression.ts';
export { severalRowsError } from './several-rows-error.ts';
export { splitConjuncts } from './split-conjuncts.ts';
