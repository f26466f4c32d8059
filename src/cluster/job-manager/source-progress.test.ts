import { expect, test } from 'vitest';
import type { JobGraph, JobVertex } from '../../jobgraph/index.ts';
import { SourceProgress } from './source-progress.ts';

function vertex(id: string, operatorId: string): JobVertex {
  const operator = { operatorId, kind: 'values', version: 1, parameters: null, outputColumns: [], outputAppendOnly: true, label: '' };
  return { id, operators: [operator], inputCount: 0, parallelism: 1, slotSharingGroup: 'default' };
}

function view(...vertices: readonly JobVertex[]): JobGraph {
  const output = { relation: '7', vertex: vertices[0]!.id, columns: [], appendOnly: false };
  return { jobId: '7', name: 'v', kind: 'view', maxParallelism: 128, vertices, edges: [], inputs: [], output };
}

const progressOf = (graph: JobGraph): SourceProgress[] => graph.vertices.map((one) => new SourceProgress(graph, one, null, 0));

test('constant rows of a view are found again where the vertices are others', () => {
  const before = progressOf(view(vertex('v1', 'values one'), vertex('v2', 'values two'))).map((source) => source.record());
  const after = progressOf(view(vertex('v2', 'values one'), vertex('v3', 'values two')));
  expect(after.map((source) => source.recordIn({ sources: before }))).toEqual(before);
  const [other] = progressOf(view(vertex('v1', 'values three')));
  expect(other!.recordIn({ sources: before })).toBeUndefined();
});

test('a record of a former version has them by their vertices', () => {
  const [one, two] = progressOf(view(vertex('v1', 'values one'), vertex('v2', 'values two')));
  const former = [one!, two!].map((source, index) => ({ ...source.record(), relation: `7:v${index + 1}` }));
  expect([one!, two!].map((source) => source.recordIn({ sources: former }))).toEqual(former);
});
