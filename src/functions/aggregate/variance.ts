import type { AggregateDefinition } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import { defineAggregate, example } from './define-aggregate.ts';
import { float8Type, numericType } from './float-slots.ts';
import { FloatVarianceState } from './float-variance-state.ts';
import { NumericVarianceState, type VarianceForm } from './numeric-states.ts';
import { StateAccumulator } from './state-accumulator.ts';

const forms: readonly (VarianceForm & { readonly name: string; readonly result: string })[] = [
  { name: 'var_pop', sample: false, squareRoot: false, result: '1' },
  { name: 'var_samp', sample: true, squareRoot: false, result: '2' },
  { name: 'variance', sample: true, squareRoot: false, result: '2' },
  { name: 'stddev_pop', sample: false, squareRoot: true, result: '1' },
  { name: 'stddev_samp', sample: true, squareRoot: true, result: '1.4142135623730951' },
  { name: 'stddev_sample', sample: true, squareRoot: true, result: '1.4142135623730951' },
  { name: 'stddev', sample: true, squareRoot: true, result: '1.4142135623730951' },
];

const exactTypes: readonly SqlType[] = [{ kind: 'int2' }, { kind: 'int4' }, { kind: 'int8' }, numericType];
const floatTypes: readonly SqlType[] = [{ kind: 'float4' }, float8Type];

export const varianceAggregates: readonly AggregateDefinition[] = forms.flatMap((form) => [
  ...exactTypes.map((type) => define(form, type, numericType, () => new StateAccumulator(numericType, () => new NumericVarianceState(form)))),
  ...floatTypes.map((type) => define(form, type, float8Type, () => new StateAccumulator(float8Type, () => new FloatVarianceState(form)))),
]);

function define(form: (typeof forms)[number], argument: SqlType, result: SqlType, create: () => StateAccumulator): AggregateDefinition {
  return defineAggregate({
    name: form.name,
    argumentTypes: [argument],
    resultType: result,
    resultName: result.kind,
    description: `${form.squareRoot ? 'standard deviation' : 'variance'} of the ${form.sample ? 'sample' : 'population'}`,
    examples: argument.kind === 'float8' ? [example(`${form.name}(x)`, '(1::float8), (3::float8)', form.result)] : [],
    create,
  });
}
