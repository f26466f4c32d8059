import type { Cluster, JobRequest } from '../index.ts';
import { TestWorld } from './test-cluster.ts';
import { copyView, countView, sourceJob } from './test-graphs.ts';
import { TestTopic } from './test-source.ts';

export interface TwoRegions {
  readonly world: TestWorld;
  readonly cluster: Cluster;
  readonly t: TestTopic;
  readonly u: TestTopic;
}

export async function deploy(cluster: Cluster, ...jobs: readonly JobRequest[]): Promise<void> {
  for (const { graph, source } of jobs) await cluster.deploy(graph, source);
}

/** Two regions: stream t with the view `failing`, which fails where a test says so, and a neighbour, stream u with one view. */
export async function twoRegions(seed: number, failing = 'pairs_t'): Promise<TwoRegions> {
  const world = new TestWorld({ seed, slots: 2 });
  const t = new TestTopic(2);
  const u = new TestTopic(2);
  world.topics.set('t', t).set('u', u);
  const cluster = await world.start();
  await deploy(
    cluster,
    sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 }),
    sourceJob({ relation: 'u', topic: 'u', partitions: 2, parallelism: 2 }),
    copyView(failing, 't', { fields: [0, 1], parallelism: 2, also: 'failing' }),
    countView('counts_t', ['t'], 2),
    countView('counts_u', ['u'], 2),
  );
  return { world, cluster, t, u };
}
