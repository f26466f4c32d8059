import { afterEach, beforeEach, expect, it } from 'vitest';
import { SqlState } from '../base/index.ts';
import type { JobRequest } from './index.ts';
import { contentOf, copyView, countView, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

const source = sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 });
const pairs = copyView('pairs_b', 't', { fields: [0, 1], parallelism: 1 });
const counts = countView('counts_a', ['t'], 1);

let world: TestWorld;

beforeEach(async () => {
  world = new TestWorld({ seed: 3, slots: 1 });
  world.topics.set('t', new TestTopic(1));
  world.topics.get('t')!.append(0, [1n, 5n, 1n]);
  const cluster = await world.start();
  for (const job of [source, pairs, counts]) await cluster.deploy(job.graph, job.source);
  await cluster.checkpoint();
  await cluster.close();
});

afterEach(async () => {
  // Whatever was refused has lost nothing.
  const cluster = await world.start([source, pairs, counts]);
  await cluster.flush();
  expect((await contentOf(cluster, 'counts_a')).rows).toEqual(['1 1 5']);
  expect((await contentOf(cluster, 'pairs_b')).rows).toEqual(['1 5']);
  await cluster.close();
});

function withOperators(
  { graph, source: own }: JobRequest,
  change: (operator: JobRequest['graph']['vertices'][number]['operators'][number]) => object,
): JobRequest {
  const vertices = graph.vertices.map((vertex) => ({
    ...vertex,
    operators: vertex.operators.map((operator) => ({ ...operator, ...change(operator) })),
  }));
  return { graph: { ...graph, vertices }, source: own };
}

it('state of an operator that the plan has not is named, with its rows', async () => {
  const other = withOperators(counts, ({ operatorId }) => ({ operatorId: `${operatorId}-anew` }));
  await expect(world.start([source, pairs, other])).rejects.toMatchObject({
    code: SqlState.objectNotInPrerequisiteState,
    message: 'the checkpoint holds state of view "counts_a" that would be dropped',
    detail: expect.stringMatching(/^counts_a: .*, 1 rows, \d+ bytes: no operator of the plan goes on with it$/m),
    jobs: ['job-counts_a'],
  });
});

it('state of another version of its operator is not guessed at', async () => {
  const newer = withOperators(counts, () => ({ version: 2 }));
  await expect(world.start([source, pairs, newer])).rejects.toMatchObject({
    detail: expect.stringContaining('it is of version 1 of the operator, this fsql reads version 2'),
  });
});

it('a table whose columns are others is refused with both', async () => {
  const wider = copyView('pairs_b', 't', { fields: [0, 1, 2], parallelism: 1 });
  await expect(world.start([source, wider, counts])).rejects.toMatchObject({
    code: SqlState.objectNotInPrerequisiteState,
    message: 'state of view "pairs_b" cannot be read by this version of fsql',
    detail: expect.stringMatching(/It has the columns \(.*\) -> \(.*\), the operator keeps \(.*\) -> \(.*\)\.$/),
  });
});

it('state of jobs that are gone is dropped, as it should be', async () => {
  const cluster = await world.start([source, pairs]);
  await cluster.checkpoint();
  await cluster.close();
  const again = await world.start([source, pairs]);
  await again.deploy(counts.graph, counts.source);
  await again.checkpoint();
  await again.close();
});
