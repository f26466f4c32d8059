import type { AggregateDefinition, AggregateOptions } from '../../spi/index.ts';
import { type SqlType, storageKind } from '../../types/index.ts';
import { firstOf } from './chosen-value.ts';
import { defineAggregate, example } from './define-aggregate.ts';
import { BytesExtremeAccumulator, FloatExtremeAccumulator, IntegerExtremeAccumulator } from './extreme-accumulator.ts';
import { numericType } from './float-slots.ts';

const orderable: readonly SqlType[] = [
  { kind: 'int2' },
  { kind: 'int4' },
  { kind: 'int8' },
  { kind: 'float4' },
  { kind: 'float8' },
  numericType,
  { kind: 'text' },
  { kind: 'varchar', length: null },
  { kind: 'char', length: null },
  { kind: 'bytea' },
  { kind: 'date' },
  { kind: 'time', precision: 6 },
  { kind: 'timestamp', precision: 6 },
  { kind: 'timestamptz', precision: 6 },
  { kind: 'interval' },
  { kind: 'array', element: { kind: 'unknown' } },
];

export const extremeAggregates: readonly AggregateDefinition[] = orderable.flatMap((type) => [extreme('max', type, 1), extreme('min', type, -1)]);

function extreme(name: 'max' | 'min', type: SqlType, direction: 1 | -1): AggregateDefinition {
  return defineAggregate({
    name,
    argumentTypes: [type],
    resultType: (args) => args[0] ?? type,
    resultName: type.kind,
    description: `${name === 'max' ? 'largest' : 'smallest'} of the values that are not NULL`,
    examples: type.kind === 'int4' ? [example(`${name}(x)`, '(3), (1), (NULL), (2)', name === 'max' ? '3' : '1')] : [],
    keepsValues: 'unless-append-only',
    create: (options) => createExtreme(options, direction),
  });
}

/** One value a group where nothing is retracted; otherwise all of them. */
function createExtreme(options: AggregateOptions, direction: 1 | -1): ReturnType<AggregateDefinition['createAccumulator']> {
  const type = options.argumentTypes[0]!;
  if (options.appendOnly && storageKind(type) === 'int') return new IntegerExtremeAccumulator(type, direction);
  if (options.appendOnly && storageKind(type) === 'float') return new FloatExtremeAccumulator(type, direction);
  const byteOrdered = type.kind === 'text' || type.kind === 'varchar' || type.kind === 'bytea';
  if (options.appendOnly && byteOrdered) return new BytesExtremeAccumulator(type, direction);
  return firstOf(options, {
    orderBy: [{ argument: 0, descending: direction === 1, nullsFirst: false }],
    skip: (args) => args[0] === null,
    last: false,
  });
}
