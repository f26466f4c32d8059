import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/index.ts';
import { contentOf, copyView, countView, goneError, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

const STEPS = 10_000;

/** Runs the shipped JobManager and slots on simulated clock, disk and links for STEPS scheduling steps; returns the hash of all of them. */
async function run(seed: number): Promise<{ hash: string; content: readonly string[] }> {
  const hash = createHash('sha256');
  let steps = 0;
  const trace = (step: string): void => {
    if (steps++ < STEPS) hash.update(`${step}\n`);
  };
  const world = new TestWorld({ seed, slots: 2, trace });
  const topic = new TestTopic(2);
  world.topics.set('t', topic);
  const random = seededRandom(seed);
  const cluster = await world.start([], { epochIntervalMs: 100, checkpointIntervalMs: 1_000 });
  const jobs = [
    sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2, idleTimeoutMs: 500 }),
    countView('counts_a', ['t'], 2),
    copyView('pairs_b', 't', { fields: [0, 1], parallelism: 2, also: 'failing' }),
  ];
  for (const { graph, source } of jobs) await cluster.deploy(graph, source);
  for (let round = 0; steps < STEPS; round++) {
    if (round === 20) Object.assign(world.failures, { key: 3n, times: 1, error: goneError() });
    for (let row = random.nextInt(10); row > 0; row--) topic.append(random.nextInt(2), [BigInt(random.nextInt(9)), BigInt(round), BigInt(round)]);
    world.clock.advance(50 + random.nextInt(100));
    for (let turn = 0; turn < 40; turn++) await Promise.resolve();
  }
  world.clock.advance(5_000);
  for (let turn = 0; turn < 2_000; turn++) await Promise.resolve();
  await cluster.flush();
  const content = (await contentOf(cluster, 'counts_a')).rows;
  const total = content.reduce((sum, row) => sum + Number(row.split(' ')[1]), 0);
  expect(total, `seed ${seed}`).toBe(topic.partitions.flat().length);
  await cluster.close();
  return { hash: hash.digest('hex'), content };
}

describe('one seed', () => {
  it('gives one run, failure and restart included, and another seed another', async () => {
    const first = await run(77);
    expect(await run(77)).toEqual(first);
    expect((await run(78)).hash).not.toBe(first.hash);
  });
});
