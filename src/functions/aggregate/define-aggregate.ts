import type { FunctionExample } from '../../expr/index.ts';
import type { Accumulator, AggregateDefinition, AggregateOptions } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { SingleGroupAggregate } from './reference-aggregate.ts';

/** The argument type of an aggregate that takes values of any type. */
export const anyType: SqlType = { kind: 'unknown' };

interface AggregateParts {
  readonly name: string;
  readonly argumentTypes: readonly SqlType[];
  readonly resultType: AggregateDefinition['resultType'];
  /** The result's name in the signature. */
  readonly resultName: string;
  readonly description: string;
  readonly examples: readonly FunctionExample[];
  readonly orderedSet?: AggregateDefinition['orderedSet'];
  /** Absent: never. */
  readonly keepsValues?: AggregateDefinition['keepsValues'];
  readonly create: (options: AggregateOptions) => Accumulator;
}

/** Completes a definition: signature `name(types) -> type`, with `any` where every type is taken and `*` for no argument. */
export function defineAggregate(parts: AggregateParts): AggregateDefinition {
  const args = parts.argumentTypes.length === 0 ? '*' : parts.argumentTypes.map((type) => (type === anyType ? 'any' : type.kind)).join(', ');
  return {
    name: parts.name,
    signature: `${parts.name}(${args}) -> ${parts.resultName}`,
    argumentTypes: parts.argumentTypes,
    resultType: parts.resultType,
    description: parts.description,
    examples: parts.examples,
    ...(parts.orderedSet === undefined ? {} : { orderedSet: parts.orderedSet }),
    keepsValues: parts.keepsValues ?? 'never',
    mergeable: true,
    createAccumulator: parts.create,
    createReference: (options) => new SingleGroupAggregate(parts.create(options), options.argumentTypes),
  };
}

/** An example over literal rows: `SELECT call FROM (VALUES …) AS t(x)`. */
export function example(call: string, values: string, result: string | null): FunctionExample {
  return { sql: `SELECT ${call} FROM (VALUES ${values}) AS t(x)`, result };
}
