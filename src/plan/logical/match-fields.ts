import { shownColumns } from '../../pattern/index.ts';
import { textType } from '../../types/index.ts';
import type { Field, MatchRecognizePlan } from './logical-plan.ts';

type Parts = Omit<MatchRecognizePlan, 'fields' | 'kind'>;

/** Output columns: those shown of the input around the measures. */
export function matchFields(plan: Parts): Field[] {
  const { before, after } = shownColumns({ ...plan, width: plan.input.fields.length });
  const measures = plan.recognition.measures.map(({ name, expression }) => ({ name, type: expression.type }));
  const columns = (indices: readonly number[]): Field[] => indices.map((index) => plan.input.fields[index]!);
  return [...columns(before), ...measures, ...columns(after)];
}

/** The row the expressions of a recognition are over. */
export function recognitionFields({ input, recognition }: Parts): Field[] {
  const references = recognition.references.map(({ type }, index) => ({ name: `reference${index}`, type }));
  return [...input.fields, { name: 'classifier', type: textType }, ...references];
}
