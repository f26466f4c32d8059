import type {
  EmitContext,
  EmittedResult,
  EmittedValue,
  EvaluationContext,
  FunctionDefinition,
  LambdaArgument,
  LambdaEvaluator,
} from '../../expr/index.ts';
import { arrayOf, type Datum, rowOf, type SqlType, type TypeKind, typeOfKind, unknownType } from '../../types/index.ts';

/** What the author of a function writes; name, argument types and result type are read from the signature. */
export interface FunctionSpecification<Args extends readonly unknown[]> {
  readonly signature: string;
  readonly family: FunctionDefinition['family'];
  readonly description: string;
  /** Pairs of an expression and its text. */
  readonly examples: readonly (readonly [sql: string, result: string | null])[];
  /** Where a call may name its arguments or leave some out. */
  readonly parameters?: FunctionDefinition['parameters'];
  /** Only where the signature does not tell it. */
  readonly resultType?: (args: readonly SqlType[]) => SqlType;
  readonly volatility?: FunctionDefinition['volatility'];
  readonly asksSession?: true;
  readonly nullBehaviour?: 'strict' | 'called';
  readonly fallible?: boolean;
  /** One for each `lambda` of the signature. */
  readonly lambdas?: readonly LambdaArgument[];
  evaluate(args: Args, context: EvaluationContext, types: readonly SqlType[], lambdas: readonly LambdaEvaluator[]): Datum | null;
  waitFor?(args: Args, context: EvaluationContext): Promise<Datum | null>;
  emit?(args: readonly EmittedValue[], context: EmitContext): EmittedResult | null;
}

const POLYMORPHIC = new Set(['any', 'anyelement', 'anynonarray', 'anycompatible', 'anyarray', 'anycompatiblearray', 'anymap', 'anykey', 'anyvalue']);

const MAP_PARTS = new Set(['anymap', 'anykey', 'anyvalue']);

/** A definition: immutable, strict and infallible unless said otherwise. `Args` are the datum types of the arguments. */
export function defineFunction<Args extends readonly unknown[]>(specification: FunctionSpecification<Args>): FunctionDefinition {
  const { name, argumentNames, variadic, resultName } = parseSignature(specification.signature);
  return {
    name,
    signature: specification.signature,
    argumentTypes: argumentNames.filter((name) => name !== 'lambda').map(typeOfName),
    ...(variadic ? { variadic } : {}),
    ...(specification.parameters === undefined ? {} : { parameters: specification.parameters }),
    ...(specification.lambdas === undefined ? {} : { lambdas: specification.lambdas }),
    resultType: specification.resultType ?? resultTypeOf(resultName, argumentNames),
    volatility: specification.volatility ?? 'immutable',
    ...(specification.asksSession === undefined ? {} : { asksSession: specification.asksSession }),
    ...(specification.nullBehaviour === undefined ? {} : { nullBehaviour: specification.nullBehaviour }),
    fallible: specification.fallible ?? false,
    description: specification.description,
    examples: specification.examples.map(([sql, result]) => ({ sql, result })),
    family: specification.family,
    evaluate: (args, context, types, lambdas = []) => specification.evaluate(args as unknown as Args, context, types, lambdas),
    ...(specification.waitFor === undefined ? {} : { waitFor: (args, context) => specification.waitFor!(args as unknown as Args, context) }),
    ...(specification.emit === undefined ? {} : { emit: specification.emit }),
  };
}

/** `f(a, variadic b) -> c`, `a op b -> c`, `op a -> c`. */
function parseSignature(signature: string): { name: string; argumentNames: string[]; variadic: boolean; resultName: string } {
  const arrow = signature.lastIndexOf(' -> ');
  const left = signature.slice(0, arrow);
  const resultName = signature.slice(arrow + 4);
  const call = /^(\w+)\((.*)\)$/.exec(left);
  if (call !== null) {
    const parts = call[2] === '' ? [] : call[2]!.split(', ');
    const variadic = parts.at(-1)?.startsWith('variadic ') === true;
    return { name: call[1]!, argumentNames: parts.map((part) => part.replace(/^variadic /, '')), variadic, resultName };
  }
  const words = left.split(' ');
  const name = words[words.length - 2]!;
  return { name, argumentNames: words.filter((_, index) => index !== words.length - 2), variadic: false, resultName };
}

function typeOfName(name: string): SqlType {
  if (POLYMORPHIC.has(name)) return unknownType;
  if (name === 'record') return rowOf([]);
  return name.endsWith('[]') ? arrayOf(typeOfName(name.slice(0, -2))) : typeOfKind(name as TypeKind);
}

function resultTypeOf(resultName: string, argumentNames: readonly string[]): FunctionDefinition['resultType'] {
  if (!POLYMORPHIC.has(resultName)) return typeOfName(resultName);
  if (MAP_PARTS.has(resultName)) return (types) => mapPart(types[argumentNames.indexOf('anymap')], resultName);
  const wantsArray = resultName.endsWith('array');
  const elements = argumentNames.findIndex((name) => POLYMORPHIC.has(name) && !name.endsWith('array') && name !== 'any');
  const arrays = argumentNames.findIndex((name) => name.endsWith('array'));
  return (types) => {
    if (arrays >= 0) {
      const type = types[arrays]!;
      return wantsArray || type.kind !== 'array' ? type : type.element;
    }
    const element = types[elements] ?? unknownType;
    return wantsArray ? arrayOf(element) : element;
  };
}

function mapPart(map: SqlType | undefined, part: string): SqlType {
  if (map?.kind !== 'map') return unknownType;
  return part === 'anymap' ? map : part === 'anykey' ? map.key : map.value;
}
