import type { Expression } from '../expr/index.ts';
import type { PatternReference, Recognition } from './recognition.ts';

/** The recognition with every expression replaced: references, conditions, measures. */
export function mapRecognition(recognition: Recognition, change: (expression: Expression) => Expression): Recognition {
  return {
    ...recognition,
    references: recognition.references.map((reference) => mapReference(reference, change)),
    definitions: recognition.definitions.map((definition) => ({ ...definition, condition: change(definition.condition) })),
    measures: recognition.measures.map((measure) => ({ ...measure, expression: change(measure.expression) })),
  };
}

function mapReference(reference: PatternReference, change: (expression: Expression) => Expression): PatternReference {
  switch (reference.kind) {
    case 'match-number':
      return reference;
    case 'row-value':
      return { ...reference, value: change(reference.value) };
    case 'aggregate': {
      const { call } = reference;
      const orderBy = call.orderBy.map((key) => ({ ...key, expression: change(key.expression) }));
      return { ...reference, call: { ...call, args: call.args.map(change), filter: call.filter && change(call.filter), orderBy } };
    }
  }
}
