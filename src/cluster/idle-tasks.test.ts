import { describe, expect, it } from 'vitest';
import { contentOf, copyView, countView, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

const VIEWS = 20;

/** Steps of tasks by job, in a world with a busy relation and one that nothing comes to, with views on both. */
async function world(slots: number) {
  const steps = new Map<string, number>();
  const trace = (step: string): void => {
    const job = /^\d+ step (\S+) /.exec(step)?.[1];
    if (job !== undefined) steps.set(job, (steps.get(job) ?? 0) + 1);
  };
  const made = new TestWorld({ seed: 3, slots, trace });
  const cluster = await made.start();
  const topics = { busy: new TestTopic(2), idle: new TestTopic(2) };
  for (const [name, topic] of Object.entries(topics)) {
    made.topics.set(name, topic);
    const { graph, source } = sourceJob({ relation: name, topic: name, partitions: 2, parallelism: 2 });
    await cluster.deploy(graph, source);
    for (let view = 0; view < VIEWS; view++) {
      const request =
        view % 2 === 0 ? countView(`counts_${name}${view}`, [name], 2) : copyView(`copy_${name}${view}`, name, { fields: [0, 1, 2], parallelism: 2 });
      await cluster.deploy(request.graph, request.source);
    }
  }
  await cluster.flush();
  steps.clear();
  return { cluster, topics, steps };
}

describe('a task that nothing comes to', () => {
  it('is not stepped while rows come to others', async () => {
    const { cluster, topics, steps } = await world(2);
    for (let row = 0; row < 50; row++) {
      topics.busy.append(row % 2, [BigInt(row % 7), 1n, BigInt(row)]);
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    }
    expect([...steps.keys()].filter((job) => job.includes('idle'))).toEqual([]);
    expect(steps.get('job-busy')).toBeGreaterThan(49);
    await cluster.flush();
    const { rows } = await contentOf(cluster, 'counts_busy0');
    expect(rows.reduce((sum, row) => sum + Number(row.split(' ')[1]), 0)).toBe(50);
    await cluster.close();
  });
});
