import { assert } from '../../base/index.ts';
import type { JobGraph, RelationInput } from '../../jobgraph/index.ts';

export type FieldPath = readonly number[];

/** True when the job's changelog comes straight from a source operator, which reads only the columns asked for. */
export function readsFieldsOnDemand(graph: JobGraph): boolean {
  if (graph.kind !== 'source' || graph.output === null) return false;
  const vertex = graph.vertices.find((candidate) => candidate.id === graph.output!.vertex);
  return vertex !== undefined && vertex.inputCount === 0 && vertex.operators.length === 1;
}

/** What a source has to read so that every consumer finds its columns: each path once, in the order first asked for. */
export function unionOfFields(inputs: Iterable<RelationInput>): FieldPath[] {
  const union = new Map<string, FieldPath>();
  for (const { fields, setAside } of inputs) if (setAside === undefined) for (const path of fields) union.set(path.join('.'), path);
  return [...union.values()];
}

/** Positions of a consumer's columns in what the producer emits: the union, or all columns of the relation (union null). Rows that it does not take have all of theirs. */
export function positionsOf(input: RelationInput, union: readonly FieldPath[] | null): number[] {
  if (union === null || input.setAside !== undefined) {
    return input.fields.map((path) => {
      assert(path.length === 1, `field ${path.join('.')} of "${input.relation}" can only be taken out at the source`);
      return path[0]!;
    });
  }
  const positions = new Map(union.map((path, index) => [path.join('.'), index]));
  return input.fields.map((path) => positions.get(path.join('.'))!);
}
