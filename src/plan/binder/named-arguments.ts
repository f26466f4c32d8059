import { SqlError, SqlState } from '../../base/index.ts';
import type { Expression, FunctionDefinition, ParameterOfFunction } from '../../expr/index.ts';
import { type FunctionCall, foldCase, type Identifier } from '../../sql/index.ts';
import { bind, type ExpressionScope } from './bind-state.ts';
import { notSupported, syntaxError, typeText } from './binder-error.ts';

interface Given {
  /** Null: by position. */
  readonly name: string | null;
  readonly value: Expression;
}

/**
 * The arguments of a call in the order of the parameters, with what they are where the call leaves them out (PostgreSQL 4.3, "Calling Functions": positional, named
 * and mixed notation). Errors: 42601, 0A000 for a function whose parameters have no names, 42883 where no parameters fit.
 */
export function argumentsInOrder(node: FunctionCall, name: string, scope: ExpressionScope): Expression[] {
  const names = node.arguments.map((argument) => (argument.name === null ? null : nameOfParameter(argument.name)));
  const firstNamed = names.findIndex((one) => one !== null);
  if (firstNamed >= 0) checkNotation(node, names, firstNamed);
  const catalog = scope.state.context.functions;
  const candidates = catalog.functions(name);
  const parametersOf = (definition: FunctionDefinition): readonly ParameterOfFunction[] =>
    definition.parameters ?? catalog.declarationOf(definition)?.parameters ?? [];
  if (!candidates.some((definition) => parametersOf(definition).some((parameter) => parameter.name !== null))) refuseNamed(node);
  const given = node.arguments.map((argument, index): Given => ({ name: names[index]!, value: bind(argument.value, scope) }));
  const plain = given.map(({ value }) => value);
  const fits = (definition: FunctionDefinition): boolean => firstNamed < 0 && definition.argumentTypes.length === plain.length;
  if (candidates.some(fits)) return plain;
  for (const definition of candidates) {
    const ordered = arranged(given, definition, parametersOf(definition));
    if (ordered !== null) return ordered;
  }
  if (firstNamed < 0) return plain;
  const written = given.map((one) => `${one.name === null ? '' : `${one.name} => `}${typeText(one.value.type)}`).join(', ');
  throw new SqlError({
    code: SqlState.undefinedFunction,
    message: `function ${name}(${written}) does not exist`,
    hint: candidates.map((definition) => `Its parameters are ${shown(parametersOf(definition))}.`).join(' '),
    position: node.span.start,
  });
}

/** For functions whose parameters have no names. Errors: 0A000. */
export function refuseNamed({ arguments: given }: FunctionCall): void {
  const named = given.find((argument) => argument.name !== null);
  if (named !== undefined) throw notSupported('named arguments are not supported for this function', named.span, 'Write the arguments in order.');
}

function checkNotation(node: FunctionCall, names: readonly (string | null)[], firstNamed: number): void {
  for (let index = firstNamed; index < names.length; index++) {
    const { span } = node.arguments[index]!;
    const own = names[index];
    if (own === null) throw syntaxError('positional argument cannot follow named argument', span);
    if (names.indexOf(own!) !== index) throw syntaxError(`argument name "${own}" used more than once`, span);
  }
}

/** Null: they do not fit. */
function arranged(given: readonly Given[], { argumentTypes }: FunctionDefinition, parameters: readonly ParameterOfFunction[]): Expression[] | null {
  const byName = new Map(given.flatMap(({ name, value }) => (name === null ? [] : [[name, value] as const])));
  const positional = given.length - byName.size;
  if (given.length > parameters.length || argumentTypes.length !== parameters.length) return null;
  const known = parameters.slice(positional).map(({ name }) => name);
  if ([...byName.keys()].some((name) => !known.includes(name))) return null;
  const ordered = parameters.map(({ name, default: otherwise }, index): Expression | null => {
    const value = index < positional ? given[index]!.value : byName.get(name ?? '');
    if (value !== undefined) return value;
    const span = given.at(-1)?.value.span ?? { start: 0, end: 0 };
    return otherwise === undefined ? null : { kind: 'literal', type: argumentTypes[index]!, value: otherwise, span };
  });
  return ordered.some((value) => value === null) ? null : (ordered as Expression[]);
}

function shown(parameters: readonly ParameterOfFunction[]): string {
  return parameters.map(({ name }) => name ?? '(without a name)').join(', ');
}

/** Names of parameters are the functions': no dialect spells them in its own way. */
function nameOfParameter({ text, quoted }: Identifier): string {
  return quoted ? text : foldCase(text);
}
