import type { LogicalPlan, MatchRecognizePlan } from '../../plan/logical/index.ts';

/** True for an output column that is the event time of a stream, so that no row comes with a time the watermark has passed. */
export function isEventTime(plan: LogicalPlan, column: number): boolean {
  switch (plan.kind) {
    case 'scan': {
      const path = plan.paths[column]!;
      return plan.variant === 'rows' && path.length === 1 && plan.relation.watermark?.column === path[0];
    }
    case 'filter':
      return isEventTime(plan.input, column);
    case 'project': {
      const expression = plan.expressions[column]!;
      return expression.kind === 'column' && isEventTime(plan.input, expression.index);
    }
    case 'window-assign':
      return column < plan.input.fields.length && isEventTime(plan.input, column);
    case 'set-operation':
      return plan.operator === 'union' && plan.all && plan.inputs.every((input) => isEventTime(input, column));
    case 'match-recognize':
      return isMatchTime(plan, column);
    default:
      return false;
  }
}

/** The time of a row of the match, as a measure. */
function isMatchTime(plan: MatchRecognizePlan, column: number): boolean {
  const { recognition, partitionBy, orderBy, input } = plan;
  const measure = recognition.shown === 'one' ? recognition.measures[column - partitionBy.length]?.expression : undefined;
  if (measure?.kind !== 'column') return false;
  const reference = recognition.references[measure.index - input.fields.length - 1];
  if (reference?.kind !== 'row-value' || reference.shift !== 0 || reference.value.kind !== 'column') return false;
  return reference.value.index === orderBy[0]?.column && isEventTime(input, reference.value.index);
}
