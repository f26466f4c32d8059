import { expect, it } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import type { Cluster } from './index.ts';
import { contentOf, copyView, countView, deploy, type TestTopic, type TwoRegions, twoRegions } from './testing/index.ts';

const ROWS = 40;
const FAILED = new SqlError({ code: SqlState.systemError, message: 'gone', class: 'external' });

function fill(topic: TestTopic, from: number): void {
  for (let row = from; row < from + ROWS; row++) topic.append(row % 2, [BigInt(row), 1n, 0n]);
}

async function until(condition: () => boolean | Promise<boolean>, { world }: TwoRegions): Promise<void> {
  while (!(await condition())) {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    world.clock.advance(100);
  }
}

/** A view that is being made: it stands in the middle of what is in stream t. */
async function withLongHistory(seed: number) {
  const regions = await twoRegions(seed);
  const { cluster, t, u } = regions;
  fill(t, 0);
  fill(u, 0);
  await cluster.flush();
  t.heldFrom = ROWS / 4;
  const view = countView('counts_long', ['t'], 2);
  const stop = new AbortController();
  const made = cluster.deploy(view.graph, view.source, { signal: stop.signal });
  // Whoever awaits it learns of it.
  made.catch(() => undefined);
  await until(() => cluster.monitor.backfill(view.graph.jobId)?.phase === 'reading', regions);
  return { ...regions, regions, view, made, stop };
}

async function rowsOf(cluster: Cluster, name: string): Promise<string[]> {
  return (await contentOf(cluster, name)).rows;
}

it('jobs come, go and restart while a new one reads a long history, and it is right in the end', async () => {
  const { regions, cluster, t, u, made } = await withLongHistory(91);
  await deploy(cluster, countView('counts_other', ['u'], 2), copyView('pairs_of_pairs', 'pairs_t', { fields: [0, 1], parallelism: 2 }));
  await cluster.drop('job-counts_other');
  u.poison = { partition: 0, offset: ROWS / 2, error: FAILED };
  fill(u, ROWS);
  const counts = (): string | undefined => cluster.jobs().find(({ name }) => name === 'counts_u')?.state;
  await until(() => counts() === 'RESTARTING', regions);
  u.poison = null;
  await until(() => counts() === 'RUNNING', regions);
  fill(t, ROWS);
  await cluster.flush();
  expect((await rowsOf(cluster, 'counts_u')).length).toBe(2 * ROWS);

  t.release();
  await made;
  await cluster.flush();
  expect(await rowsOf(cluster, 'counts_long')).toEqual(await rowsOf(cluster, 'counts_t'));
  expect((await rowsOf(cluster, 'counts_long')).length).toBe(2 * ROWS);
  expect(await rowsOf(cluster, 'pairs_of_pairs')).toEqual(await rowsOf(cluster, 'pairs_t'));
  await cluster.close();
});

it('two jobs read the history of one stream at once, other columns of it, and join it one after the other', async () => {
  const { regions, cluster, t, made } = await withLongHistory(92);
  const other = copyView('pairs_long', 't', { fields: [2, 0], parallelism: 2 });
  const both = Promise.all([made, deploy(cluster, other)]);
  await until(() => cluster.monitor.backfill(other.graph.jobId)?.phase === 'reading', regions);
  fill(t, ROWS);
  t.release();
  await both;
  await cluster.flush();
  expect(await rowsOf(cluster, 'counts_long')).toEqual(await rowsOf(cluster, 'counts_t'));
  expect(await rowsOf(cluster, 'pairs_long')).toEqual(Array.from({ length: 2 * ROWS }, (_, row) => `0 ${row}`).sort());
  await cluster.close();
});

it('what it reads fails meanwhile: it is over, those that were there go on, and it can be made again', async () => {
  const { regions, cluster, t, view, made } = await withLongHistory(93);
  t.poison = { partition: 0, offset: ROWS / 2, error: FAILED };
  t.heldFrom = null;
  fill(t, ROWS);
  await expect(made).rejects.toThrow('restarts with its region');
  t.poison = null;
  await until(async () => cluster.jobs().every(({ state }) => state === 'RUNNING'), regions);
  await deploy(cluster, view);
  await cluster.flush();
  expect(await rowsOf(cluster, 'counts_long')).toEqual(await rowsOf(cluster, 'counts_t'));
  expect((await rowsOf(cluster, 'counts_long')).length).toBe(2 * ROWS);
  await cluster.close();
});

it('it is given up while it reads, and nothing is left of it', async () => {
  const { cluster, t, made, stop } = await withLongHistory(94);
  stop.abort(new SqlError({ code: SqlState.queryCanceled, message: 'canceled' }));
  await expect(made).rejects.toThrow('canceled');
  expect(cluster.jobs().map(({ name }) => name)).not.toContain('counts_long');
  t.release();
  fill(t, ROWS);
  await cluster.flush();
  expect((await rowsOf(cluster, 'counts_t')).length).toBe(2 * ROWS);
  await cluster.close();
});

it('a job that has enough reads no more of a history, nor waits for what does not come', async () => {
  const { regions, cluster, t, made, stop } = await withLongHistory(95);
  const held = t.heldFrom!;
  const first = copyView('pairs_first', 't', { fields: [0, 1], parallelism: 2, also: 'enough' });
  await deploy(cluster, first);
  expect(cluster.jobs().find(({ name }) => name === 'pairs_first')?.hasEnough).toBe(true);
  expect((await rowsOf(cluster, 'pairs_first')).length).toBeLessThanOrEqual(2 * held);

  // It takes part in what comes from then on, as any other.
  const before = (await rowsOf(cluster, 'pairs_first')).length;
  t.release();
  fill(t, ROWS);
  await cluster.flush();
  expect((await rowsOf(cluster, 'pairs_first')).length).toBe(before + ROWS);
  expect(cluster.jobs().find(({ name }) => name === 'counts_t')?.hasEnough).toBe(false);
  stop.abort();
  await made.catch(() => undefined);
  await until(() => cluster.jobs().every(({ state }) => state === 'RUNNING'), regions);
  await cluster.close();
});
