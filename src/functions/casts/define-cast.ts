import type { CastDefinition, EmitContext, EmittedValue, EvaluationContext } from '../../expr/index.ts';
import type { Datum, SqlType, TypeKind } from '../../types/index.ts';

export interface CastSpecification<Input> {
  readonly fallible?: boolean;
  readonly volatility?: 'immutable' | 'stable';
  convert(value: Input, to: SqlType, from: SqlType, context: EvaluationContext): Datum | null;
  emit?(value: EmittedValue, to: SqlType, context: EmitContext): EmittedValue | null;
}

/** A cast, immutable and infallible unless said otherwise. `Input` is the datum type of `from`. */
export function defineCast<Input>(
  from: TypeKind,
  to: TypeKind,
  context: CastDefinition['context'],
  specification: CastSpecification<Input>,
): CastDefinition {
  return {
    from,
    to,
    context,
    fallible: specification.fallible ?? false,
    volatility: specification.volatility ?? 'immutable',
    convert: (value, target, source, evaluation) => specification.convert(value as Input, target, source, evaluation),
    ...(specification.emit === undefined ? {} : { emit: specification.emit }),
  };
}
