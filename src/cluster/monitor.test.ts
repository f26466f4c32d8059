import { expect, it } from 'vitest';
import { countView, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

it('shows subtasks, vertices, slots, state sizes, epochs and checkpoints of what runs', async () => {
  const world = new TestWorld({ seed: 5, slots: 2 });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  const cluster = await world.start();
  const source = sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 });
  for (const { graph, source: reading } of [source, countView('counts_a', ['t'], 2)]) await cluster.deploy(graph, reading);
  for (let row = 0; row < 30; row++) topic.append(row % 2, [BigInt(row % 5), 1n, BigInt(row)]);
  await cluster.flush();
  const checkpoint = await cluster.checkpoint();
  const last = await cluster.flush();
  await cluster.flush();
  const { monitor } = cluster;

  const reading = monitor.vertices().filter(({ jobId }) => jobId === source.graph.jobId);
  expect(reading.reduce((sum, one) => sum + one.rowsIn, 0)).toBe(30);
  const subtasks = monitor.subtasks();
  expect(new Set(subtasks.map(({ slot }) => slot))).toEqual(new Set(['local/0', 'local/1']));
  expect(subtasks.every(({ state, attempt }) => state === 'RUNNING' && attempt === 1)).toBe(true);
  expect(subtasks.some(({ bytesOut, watermarkMicros }) => bytesOut > 0 && watermarkMicros !== null)).toBe(true);

  const groups = monitor.operatorStates().filter(({ table }) => table === 'groups');
  expect(groups.reduce((sum, one) => sum + one.keys, 0)).toBe(5);
  expect(monitor.slots().map(({ state, jobs }) => [state, jobs.length])).toEqual([
    ['allocated', 2],
    ['allocated', 2],
  ]);

  expect(monitor.checkpoints()).toMatchObject([{ id: checkpoint, state: 'complete', trigger: 'statement', failure: null }]);
  expect(monitor.checkpoints()[0]!.rows).toBeGreaterThanOrEqual(5);
  expect(monitor.epochs().find(({ id }) => id === last)).toMatchObject({ state: 'complete', trigger: 'statement' });
  for (let round = 0; round < 120; round++) await cluster.flush();
  expect(monitor.epochs().length).toBe(100);

  await cluster.drop('job-counts_a');
  expect(monitor.vertices().map(({ jobId }) => jobId)).not.toContain('job-counts_a');
  expect(monitor.operatorStates().filter(({ table }) => table === 'groups')).toEqual([]);
  await cluster.close();
});
