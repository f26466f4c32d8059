import { describe, expect, it } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import type { Cluster } from './index.ts';
import {
  contentOf,
  copyView,
  countView,
  deploy,
  poisonError,
  sourceJob,
  TestTopic,
  TestWorld,
  type TwoRegions,
  twoRegions,
} from './testing/index.ts';

const GONE = new SqlError({ code: SqlState.externalSystemError, message: 'fenced', class: 'external' });

/** Longer than any delay between restarts. */
const LONG_MS = 70_000;

async function turns(count = 1_000): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** Two regions whose topics hold a row each. */
async function filledRegions(seed: number, failing = 'pairs_t'): Promise<TwoRegions> {
  const regions = await twoRegions(seed, failing);
  regions.t.append(0, [1n, 1n, 0n]);
  regions.u.append(1, [9n, 9n, 0n]);
  await regions.cluster.flush();
  return regions;
}

/** Lets virtual time pass until the promise has settled; at most `restarts` of the longest delays. */
async function within<Result>(world: TestWorld, restarts: number, promise: Promise<Result>): Promise<Result> {
  let settled = false;
  const noted = promise.finally(() => {
    settled = true;
  });
  noted.catch(() => undefined);
  for (let restart = 0; restart <= restarts && !settled; restart++) {
    await turns();
    if (!settled) world.clock.advance(LONG_MS);
    await turns();
  }
  expect(settled, 'settled in time').toBe(true);
  return noted;
}

async function expectSound(world: TestWorld, { cluster, t, u }: { cluster: Cluster; t: TestTopic; u: TestTopic }): Promise<void> {
  t.append(1, [2n, 2n, 0n]);
  u.append(0, [8n, 8n, 0n]);
  const before = await within(world, 1, cluster.checkpoint());
  expect(await within(world, 1, cluster.checkpoint())).toBeGreaterThan(before);
  expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2']);
  expect((await contentOf(cluster, 'counts_u')).rows).toEqual(['8 1 8', '9 1 9']);
}

for (const checkpoint of ['barrier', 'committed'] as const) {
  describe(`a task that fails ${checkpoint === 'barrier' ? 'at the barrier of a checkpoint' : 'once a checkpoint is committed'}`, () => {
    for (const seed of [51, 52, 53]) {
      it(`restarts, and CHECKPOINT returns, also one that was asked for meanwhile (seed ${seed})`, async () => {
        const { world, cluster, t, u } = await filledRegions(seed);
        Object.assign(world.failures, { checkpoint, times: 1, error: GONE });
        const first = cluster.checkpoint();
        await turns();
        expect(cluster.jobs().find(({ name }) => name === 'pairs_t')!.state).toBe('RESTARTING');
        const second = cluster.checkpoint();
        const view = copyView('pairs_late', 't', { fields: [0, 1], parallelism: 2 });
        const deployed = deploy(cluster, view);
        const flushed = cluster.flush();
        await within(world, 1, Promise.all([first, second, deployed, flushed]));
        await expectSound(world, { cluster, t, u });
        expect((await contentOf(cluster, 'pairs_late')).rows).toEqual(['1 1', '2 2']);
        await cluster.close();
      });
    }

    it('again and again makes CHECKPOINT say so in the end; without its job the next one works', async () => {
      const { world, cluster, t, u } = await filledRegions(54);
      Object.assign(world.failures, { checkpoint, times: 1_000, error: GONE });
      const results = await within(world, 8, Promise.allSettled([cluster.checkpoint(), cluster.checkpoint()]));
      const refused = { code: '55000', message: '"pairs_t" fails again and again, and what needs it cannot be done', detail: 'fenced' };
      // Where only the commit fails, there is a checkpoint, but none while the job fails in the middle of it.
      if (checkpoint === 'committed') expect(results.map(({ status }) => status)).toContain('fulfilled');
      for (const result of results)
        if (checkpoint === 'barrier' || result.status === 'rejected') expect(result).toMatchObject({ status: 'rejected', reason: refused });
      await cluster.drop('job-pairs_t');
      await expectSound(world, { cluster, t, u });
      await cluster.close();
    });

    it('while jobs are paused, resumed or rescaled holds nothing up', async () => {
      for (let failAt = 0; failAt < 3; failAt++) {
        const { world, cluster, t, u } = await filledRegions(55 + failAt);
        Object.assign(world.failures, { checkpoint, times: 1, error: GONE });
        const checkpointed = cluster.checkpoint();
        await turns(30 * failAt);
        const paused = cluster.pause(['job-counts_u']);
        const rescaled = cluster.rescale(countView('counts_t', ['t'], 1));
        await within(world, 2, Promise.allSettled([checkpointed, paused, rescaled]));
        await within(world, 1, cluster.resume(['job-counts_u']));
        await expectSound(world, { cluster, t, u });
        await cluster.close();
      }
    });
  });
}

describe('a job that fails for good', () => {
  it('in a checkpoint is left out of it', async () => {
    const { world, cluster, t, u } = await filledRegions(61);
    const hopeless = new SqlError({ code: SqlState.outOfMemory, message: 'full', class: 'user' });
    Object.assign(world.failures, { checkpoint: 'barrier', times: 1, error: hopeless });
    await within(world, 1, cluster.checkpoint());
    expect(cluster.jobs().find(({ name }) => name === 'pairs_t')!.state).toBe('FAILED');
    await expectSound(world, { cluster, t, u });
    await cluster.close();
  });

  it('for one row, after its restarts, is left out as well, whenever CHECKPOINT was asked for', async () => {
    const { world, cluster, t, u } = await filledRegions(62);
    Object.assign(world.failures, { key: 2n, times: 1_000, error: poisonError('division by zero') });
    t.append(1, [2n, 2n, 0n]);
    const refused = within(world, 8, cluster.checkpoint());
    await expect(refused).rejects.toMatchObject({ code: '55000', detail: 'division by zero' });
    for (let restart = 0; restart < 4; restart++) {
      await turns();
      world.clock.advance(LONG_MS);
    }
    await turns();
    expect(cluster.jobs().find(({ name }) => name === 'pairs_t')!.state).toBe('FAILED');
    u.append(0, [8n, 8n, 0n]);
    await within(world, 1, cluster.checkpoint());
    expect((await contentOf(cluster, 'counts_t')).rows).toEqual(['1 1 1', '2 1 2']);
    await cluster.close();
  });

  it('with all that read it leaves nothing to save, and what comes later is saved', async () => {
    const world = new TestWorld({ seed: 63, slots: 2 });
    const t = new TestTopic(2);
    const u = new TestTopic(2);
    world.topics.set('t', t).set('u', u);
    const cluster = await world.start();
    await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: 2 }), countView('counts_t', ['t'], 2));
    const error = new SqlError({ code: SqlState.offsetOutOfRange, message: 'gone', class: 'user' });
    t.poison = { partition: 0, offset: 0, error };
    t.append(0, [1n, 1n, 0n]);
    await turns();
    expect(cluster.jobs().map(({ state }) => state)).toEqual(['FAILED', 'FAILED']);
    await within(world, 1, cluster.checkpoint());
    await deploy(cluster, sourceJob({ relation: 'u', topic: 'u', partitions: 2, parallelism: 2 }), countView('counts_u', ['u'], 2));
    u.append(0, [8n, 8n, 0n]);
    expect(await within(world, 1, cluster.checkpoint())).toBeGreaterThan(0);
    expect((await contentOf(cluster, 'counts_u')).rows).toEqual(['8 1 8']);
    await cluster.close();
  });
});
