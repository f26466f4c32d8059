import { SqlError, SqlState } from '../../base/index.ts';
import { type Expression, type FunctionDefinition, type Lambda, type LambdaArgument, mapExpression, visitExpression } from '../../expr/index.ts';
import { type FunctionArgument, type FunctionCall, foldIdentifier, type Identifier, type LambdaExpression } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import { expressionKey } from '../logical/index.ts';
import { toBoolean } from './bind-predicate.ts';
import { bind, type ExpressionScope, LAMBDA_BASE } from './bind-state.ts';
import { datatypeMismatch, notSupported, typeText } from './binder-error.ts';
import { coerce, resolveUnknown } from './coercion.ts';
import { convertArguments, resolveOverload, resultTypeOf } from './resolve-call.ts';
import { columnOf } from './row-scope.ts';

/** `transform(a, x => x + 1)`: null where no function of that name takes lambdas. Errors: 42883, 42804, 42601, 0A000. */
export function bindLambdaCall(node: FunctionCall, name: string, scope: ExpressionScope): Expression | null {
  const definitions = scope.state.context.functions.functions(name).filter((definition) => definition.lambdas !== undefined);
  if (definitions.length === 0) return null;
  const lambdas = node.arguments.flatMap((argument) => lambdaOf(argument) ?? []);
  const plain = node.arguments.filter((argument) => lambdaOf(argument) === null);
  const fitting = definitions.filter((definition) => definition.lambdas!.length === lambdas.length);
  if (fitting.length === 0 || plain.some((argument, index) => argument !== node.arguments[index])) throw wrongLambdas(node, definitions);
  const args = plain.map((argument) => bind(argument.value, scope));
  const candidate = resolveOverload(name, fitting, { args, span: node.span, state: scope.state });
  const call = new LambdaCall(node, candidate.definition, scope);
  return call.bind(convertArguments(candidate, args, scope.state), lambdas);
}

/** `x => …` is read as a named argument, which no function with lambdas has. */
function lambdaOf(argument: FunctionArgument): LambdaExpression | null {
  if (argument.name !== null) return { kind: 'lambda', parameters: [argument.name], body: argument.value, span: argument.span };
  return argument.value.kind === 'lambda' ? argument.value : null;
}

function wrongLambdas(node: FunctionCall, definitions: readonly FunctionDefinition[]): SqlError {
  return new SqlError({
    code: SqlState.undefinedFunction,
    message: `function ${definitions[0]!.name} takes lambda expressions as its last arguments`,
    hint: `For example ${definitions[0]!.examples[0]!.sql}.`,
    position: node.span.start,
  });
}

class LambdaCall {
  readonly #node: FunctionCall;
  readonly #definition: FunctionDefinition;
  readonly #scope: ExpressionScope;
  readonly #captured: Expression[] = [];

  constructor(node: FunctionCall, definition: FunctionDefinition, scope: ExpressionScope) {
    this.#node = node;
    this.#definition = definition;
    this.#scope = scope;
  }

  bind(given: Expression[], lambdas: readonly LambdaExpression[]): Expression {
    const args = [...given];
    const bound = lambdas.map((lambda, index) => this.#body(lambda, this.#definition.lambdas![index]!, args));
    // What is captured is known when all bodies are bound, and every body's row begins with its own parameters.
    for (const { body } of bound) this.#capture(body);
    const placed = bound.map((lambda) => this.#place(lambda));
    const type = resultTypeOf(this.#definition, [...args, ...placed.map((lambda) => lambda.body)]);
    return {
      kind: 'lambda-call',
      signature: this.#definition.signature,
      args,
      captured: this.#captured,
      lambdas: placed,
      type,
      span: this.#node.span,
    };
  }

  /** Binds a body; an argument it has to be like is widened to the body's type where that is the wider one. */
  #body(lambda: LambdaExpression, wanted: LambdaArgument, args: Expression[]): Lambda & { readonly base: number } {
    const { state } = this.#scope;
    const first = this.#bindBody(lambda, wanted, args);
    if (wanted.gives === 'any') return first;
    if (wanted.gives === 'condition') return { ...first, body: toBoolean(first.body, 'lambda', state) };
    const index = wanted.gives.likeArgument;
    const fitting = coerce(first.body, args[index]!.type, 'implicit', state);
    if (fitting !== null) return { ...first, body: fitting };
    const widened = coerce(args[index]!, first.body.type, 'implicit', state);
    if (widened !== null) {
      args[index] = widened;
      const second = this.#bindBody(lambda, wanted, args);
      const body = coerce(second.body, widened.type, 'implicit', state);
      if (body !== null) return { ...second, body };
    }
    throw datatypeMismatch(
      `the lambda gives ${typeText(first.body.type)}, but argument ${index + 1} of ${this.#definition.name} is ${typeText(args[index]!.type)}`,
      lambda.body.span,
    );
  }

  #bindBody(lambda: LambdaExpression, wanted: LambdaArgument, args: readonly Expression[]): Lambda & { readonly base: number } {
    const types = wanted.parameters(args.map((arg) => arg.type));
    this.#checkParameters(lambda, types);
    const base = this.#base();
    const parameters = lambda.parameters.map(foldIdentifier);
    const columns = parameters.map((name, index) => ({ name, expression: columnOf(base + index, { name, type: types[index]! }) }));
    const { row } = this.#scope;
    const visible = row.columns.filter((column) => !parameters.includes(column.name));
    const scope: ExpressionScope = {
      ...this.#scope,
      row: { ...row, columns: [...columns, ...visible] },
      clause: 'lambda expressions',
      aggregates: null,
      overs: null,
      setFunctions: null,
    };
    const body = resolveUnknown(bind(lambda.body, scope), this.#scope.state);
    visitExpression(body, (inner) => {
      if (inner.kind === 'subquery') throw notSupported('subqueries in lambda expressions are not supported', inner.span ?? lambda.span);
    });
    return { parameters, body, base };
  }

  #checkParameters(lambda: LambdaExpression, types: readonly SqlType[]): void {
    const { parameters } = lambda;
    if (parameters.length !== types.length) {
      throw new SqlError({
        code: SqlState.syntaxError,
        message: `the lambda of ${this.#definition.name} has ${types.length} ${types.length === 1 ? 'parameter' : 'parameters'}, not ${parameters.length}`,
        position: lambda.span.start,
      });
    }
    const names = parameters.map(foldIdentifier);
    const twin = parameters.find((_: Identifier, index) => names.indexOf(names[index]!) < index);
    if (twin === undefined) return;
    throw new SqlError({ code: SqlState.duplicateColumn, message: `parameter "${twin.text}" specified more than once`, position: twin.span.start });
  }

  /** Beyond the parameters of the lambdas around this one. */
  #base(): number {
    const indexes = this.#scope.row.columns.map(({ expression }) => (expression.kind === 'column' ? expression.index + 1 : 0));
    return Math.max(LAMBDA_BASE, ...indexes);
  }

  #capture(body: Expression): void {
    visitExpression(body, (node) => {
      if (!this.#isCaptured(node)) return;
      const key = expressionKey(node);
      if (this.#captured.every((known) => expressionKey(known) !== key)) this.#captured.push(node);
    });
  }

  /** What belongs to the row or to the statement: rules that look for it have to see it among the operands. */
  #isCaptured(node: Expression): boolean {
    if (node.kind === 'column') return node.index < this.#base();
    if (node.kind === 'call' && node.args.length === 0) {
      return this.#scope.state.context.functions.lookup.function(node.signature).volatility === 'stable';
    }
    return node.kind === 'outer-column' || node.kind === 'parameter';
  }

  /** The body over its own row: parameters, then what is captured. */
  #place({ parameters, body, base }: Lambda & { readonly base: number }): Lambda {
    const keys = this.#captured.map((known) => expressionKey(known));
    const placed = mapExpression(body, (node) => {
      if (node.kind === 'column' && node.index >= base) return { ...node, index: node.index - base };
      if (!this.#isCaptured(node)) return node;
      const index = parameters.length + keys.indexOf(expressionKey(node));
      return { kind: 'column', index, name: node.kind === 'column' ? node.name : '?column?', type: node.type, span: node.span };
    });
    return { parameters, body: placed };
  }
}
