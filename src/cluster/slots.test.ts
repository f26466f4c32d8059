import { expect, it } from 'vitest';
import type { Cluster, JobRequest } from './index.ts';
import type { TaskManagerRegistry } from './resource-manager/index.ts';
import { contentOf, copyView, countView, deploy, poisonError, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

async function turns(count = 2_000): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

function states(cluster: Cluster): Record<string, string> {
  return Object.fromEntries(cluster.jobs().map((job) => [job.name, job.state]));
}

function inGroup(request: JobRequest, slotSharingGroup: string): JobRequest {
  const vertices = request.graph.vertices.map((vertex) => ({ ...vertex, slotSharingGroup }));
  return { ...request, graph: { ...request.graph, vertices } };
}

it('a start with fewer slots runs the regions whose slots are there, and the others at the next start, with what has come meanwhile', async () => {
  const world = new TestWorld({ seed: 51, slots: 2 });
  const [t, u] = [new TestTopic(2), new TestTopic(2)];
  world.topics.set('t', t).set('u', u);
  const wide = [sourceJob({ relation: 'u', topic: 'u', partitions: 2, parallelism: 2 }), countView('counts_u', ['u'], 2)];
  const narrow = [sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 1 }), countView('counts_t', ['t'], 1)];
  let cluster = await world.start();
  await deploy(cluster, ...wide, ...narrow);
  t.append(0, [1n, 1n, 0n]);
  u.append(0, [1n, 1n, 0n]);
  await cluster.checkpoint();
  t.append(0, [2n, 2n, 0n]);
  u.append(0, [2n, 2n, 0n]);
  await cluster.flush();
  await cluster.close();

  cluster = await world.start([...wide, ...narrow], { localSlots: 1, epochIntervalMs: 100 });
  await turns();
  expect(states(cluster)).toEqual({ u: 'CREATED', counts_u: 'CREATED', t: 'RUNNING', counts_t: 'RUNNING' });
  expect(cluster.jobs().find(({ name }) => name === 'u')!.error).toMatchObject({ code: '53000', message: 'job "u" needs 2 slots, 1 is there' });
  t.append(1, [3n, 3n, 0n]);
  u.append(1, [3n, 3n, 0n]);
  for (let step = 0; step < 5; step++) {
    await turns();
    world.clock.advance(200);
  }
  expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2', '3 1 3']);
  await expect(cluster.checkpoint()).rejects.toMatchObject({ code: '53000' });
  await cluster.close();

  cluster = await world.start([...wide, ...narrow]);
  await cluster.flush();
  for (const name of ['counts_t', 'counts_u']) expect((await contentOf(cluster, name)).rows, name).toEqual(['1 1 1', '2 1 2', '3 1 3']);
  await cluster.close();
});

it('a job that has failed for good leaves its slots to others', async () => {
  const world = new TestWorld({ seed: 52, slots: 2 });
  const t = new TestTopic(1);
  world.topics.set('t', t);
  const cluster = await world.start();
  const failing = copyView('pairs_t', 't', { fields: [0, 1], parallelism: 1, also: 'failing' });
  await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 }), inGroup(failing, 'calm'));
  const other = inGroup(countView('counts_t', ['t'], 1), 'other');
  await expect(deploy(cluster, other)).rejects.toMatchObject({
    code: '53000',
    message: expect.stringContaining('needs 1 slot of slot sharing group "other", 0 are there'),
  });
  Object.assign(world.failures, { key: 4n, times: 1000, error: poisonError('division by zero') });
  t.append(0, [4n, 4n, 0n]);
  for (let restart = 0; restart < 4; restart++) {
    await turns();
    world.clock.advance(60_000);
    await turns();
  }
  expect(states(cluster)).toEqual({ t: 'RUNNING', pairs_t: 'FAILED' });
  await deploy(cluster, other);
  await cluster.flush();
  expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['4 1 4']);
  await cluster.drop('job-pairs_t');
  await cluster.flush();
  expect(states(cluster)).toEqual({ t: 'RUNNING', counts_t: 'RUNNING' });
  await cluster.close();
});

it('a job whose slots may still come keeps no other one waiting', async () => {
  const world = new TestWorld({ seed: 53, slots: 2 });
  world.topics.set('t', new TestTopic(1));
  // Other processes may register, and none does.
  const taskManagers = { open: async () => undefined, close: async () => undefined, rings: null } as unknown as TaskManagerRegistry;
  const cluster = await world.start([], { taskManagers });
  await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 }));
  let refused: unknown = null;
  const waiting = deploy(cluster, inGroup(countView('counts_calm', ['t'], 2), 'calm')).catch((error: unknown) => {
    refused = error;
  });
  await turns();
  let deployed = false;
  const other = deploy(cluster, countView('counts_t', ['t'], 1)).then(() => {
    deployed = true;
  });
  await turns();
  expect({ deployed, refused }).toEqual({ deployed: true, refused: null });
  world.clock.advance(10_000);
  await Promise.all([waiting, other]);
  expect(refused).toMatchObject({ code: '53000', message: 'job "counts_calm" needs 2 slots of slot sharing group "calm", 1 is there' });
  await cluster.close();
});
