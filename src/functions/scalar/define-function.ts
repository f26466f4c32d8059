import type { EmitContext, EmittedValue, EvaluationContext, FunctionDefinition } from '../../expr/index.ts';
import { arrayOf, type Datum, rowOf, type SqlType, type TypeKind, typeOfKind, unknownType } from '../../types/index.ts';

/** What the author of a function writes; name, argument types and result type are read from the signature. */
export interface FunctionSpecification<Args extends readonly unknown[]> {
  readonly signature: string;
  readonly family: FunctionDefinition['family'];
  readonly description: string;
  /** Pairs of an expression and its text. */
  readonly examples: readonly (readonly [sql: string, result: string | null])[];
  /** Only where the signature does not tell it. */
  readonly resultType?: (args: readonly SqlType[]) => SqlType;
  readonly volatility?: FunctionDefinition['volatility'];
  readonly nullBehaviour?: 'strict' | 'called';
  readonly fallible?: boolean;
  evaluate(args: Args, context: EvaluationContext, types: readonly SqlType[]): Datum | null;
  emit?(args: readonly EmittedValue[], context: EmitContext): EmittedValue | null;
}

const POLYMORPHIC = new Set(['any', 'anyelement', 'anynonarray', 'anycompatible', 'anyarray', 'anycompatiblearray']);

/** A definition: immutable, strict and infallible unless said otherwise. `Args` are the datum types of the arguments. */
export function defineFunction<Args extends readonly unknown[]>(specification: FunctionSpecification<Args>): FunctionDefinition {
  const { name, argumentNames, variadic, resultName } = parseSignature(specification.signature);
  return {
    name,
    signature: specification.signature,
    argumentTypes: argumentNames.map(typeOfName),
    ...(variadic ? { variadic } : {}),
    resultType: specification.resultType ?? resultTypeOf(resultName, argumentNames),
    volatility: specification.volatility ?? 'immutable',
    ...(specification.nullBehaviour === undefined ? {} : { nullBehaviour: specification.nullBehaviour }),
    fallible: specification.fallible ?? false,
    description: specification.description,
    examples: specification.examples.map(([sql, result]) => ({ sql, result })),
    family: specification.family,
    evaluate: (args, context, types) => specification.evaluate(args as unknown as Args, context, types),
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
