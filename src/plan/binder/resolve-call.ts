import { SqlError, SqlState } from '../../base/index.ts';
import type { DeclaredFunction } from '../../catalog/index.ts';
import type { Expression, FunctionDefinition } from '../../expr/index.ts';
import type { Span } from '../../sql/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { Callable } from './argument-pattern.ts';
import type { BindState } from './bind-state.ts';
import { typeText } from './binder-error.ts';
import { mustCoerce } from './coercion.ts';
import { inlineScalar } from './inline-function.ts';
import { type Candidate, type Selection, selectCandidate } from './select-candidate.ts';
import { sameKind } from './type-category.ts';

const castHint = 'You might need to add explicit type casts.';

/** A call of a prefix or infix operator. Errors: 42883 when none fits, 42725 when several do. */
export function resolveOperator(symbol: string, args: readonly Expression[], span: Span, state: BindState): Expression {
  const definitions = state.context.functions.operators(symbol).filter((definition) => definition.argumentTypes.length === args.length);
  const types = args.map((arg) => arg.type);
  const selection = selectOperator(definitions, types, state);
  if (selection.kind === 'found') return callOf(selection.candidate, args, span, state);
  const shown = types.map(typeText);
  const text = shown.length === 1 ? `${symbol} ${shown[0]}` : `${shown[0]} ${symbol} ${shown[1]}`;
  if (selection.kind === 'ambiguous') {
    throw new SqlError({
      code: SqlState.ambiguousFunction,
      message: `operator is not unique: ${text}`,
      hint: `Could not choose a best candidate operator. ${castHint}`,
      position: span.start,
    });
  }
  throw new SqlError({
    code: SqlState.undefinedFunction,
    message: `operator does not exist: ${text}`,
    hint: `No operator matches the given name and argument type${args.length === 1 ? '' : 's'}. You might need to add ${args.length === 1 ? 'an explicit type cast' : 'explicit type casts'}.`,
    position: span.start,
  });
}

/** An untyped operand is first taken to be of the other operand's type. */
function selectOperator(definitions: readonly FunctionDefinition[], types: readonly SqlType[], state: BindState): Selection<FunctionDefinition> {
  const [left, right] = types;
  if (left !== undefined && right !== undefined && (left.kind === 'unknown') !== (right.kind === 'unknown')) {
    const known = left.kind === 'unknown' ? right : left;
    const twins = selectCandidate(definitions, [known, known], state);
    if (twins.kind === 'found' && twins.candidate.parameters.every((type) => sameKind(type, known))) return twins;
  }
  return selectCandidate(definitions, types, state);
}

/** The signature of the operator for two types, or null where there is none. */
export function operatorSignature(symbol: string, left: SqlType, right: SqlType, state: BindState): Candidate<FunctionDefinition> | null {
  const selection = selectOperator(state.context.functions.operators(symbol), [left, right], state);
  return selection.kind === 'found' ? selection.candidate : null;
}

/** The call of a chosen overload, arguments converted to its parameters. */
export function callOf(candidate: Candidate<FunctionDefinition>, args: readonly Expression[], span: Span, state: BindState): Expression {
  const { definition } = candidate;
  const converted = convertArguments(candidate, args, state);
  const declared = noteDeclared(definition, state);
  if (declared?.language === 'sql') return inlineScalar(declared, converted, span, state);
  if (definition.volatility === 'volatile') state.volatileFunctions.add(definition.name);
  return { kind: 'call', signature: definition.signature, args: converted, type: resultTypeOf(definition, converted), span };
}

/** The declaration of a function that is no built-in; what is being bound depends on it from now on. */
export function noteDeclared(definition: object, state: BindState): DeclaredFunction | null {
  const declared = state.context.functions.declarationOf(definition);
  if (declared !== null && state.viewStack.length === 0) state.reads.add(declared.oid);
  return declared;
}

/** The arguments brought to the parameters of the chosen overload. */
export function convertArguments<Definition extends Callable>(
  candidate: Candidate<Definition>,
  args: readonly Expression[],
  state: BindState,
): Expression[] {
  return args.map((arg, index) => mustCoerce(arg, candidate.parameters[index]!, 'implicit', state));
}

export function resultTypeOf(
  definition: { readonly resultType: SqlType | ((args: readonly SqlType[]) => SqlType) },
  args: readonly Expression[],
): SqlType {
  return typeof definition.resultType === 'function' ? definition.resultType(args.map((arg) => arg.type)) : definition.resultType;
}

/** Overload resolution among functions of one name, of whatever family. Errors: 42883, 42725. */
export function resolveOverload<Definition extends Callable>(
  name: string,
  definitions: readonly Definition[],
  request: { readonly args: readonly Expression[]; readonly span: Span; readonly state: BindState },
): Candidate<Definition> {
  const types = request.args.map((arg) => arg.type);
  const selection = selectCandidate(definitions, types, request.state);
  if (selection.kind === 'found') return selection.candidate;
  const text = `${name}(${types.map(typeText).join(', ')})`;
  if (selection.kind === 'ambiguous') {
    throw new SqlError({
      code: SqlState.ambiguousFunction,
      message: `function ${text} is not unique`,
      hint: `Could not choose a best candidate function. ${castHint}`,
      position: request.span.start,
    });
  }
  throw new SqlError({
    code: SqlState.undefinedFunction,
    message: `function ${text} does not exist`,
    hint: `No function matches the given name and argument types. ${castHint}`,
    position: request.span.start,
  });
}
