import { describe, expect, it } from 'vitest';
import { contentOf, copyView, countView, sourceJob, type TestRow, TestTopic, TestWorld } from './testing/index.ts';

/** key, count, sum of rows, as contentOf shows a count view. */
function expectedCounts(rows: readonly TestRow[]): string[] {
  const groups = new Map<bigint, { count: bigint; sum: bigint }>();
  for (const [key, value] of rows) {
    const group = groups.get(key) ?? { count: 0n, sum: 0n };
    groups.set(key, { count: group.count + 1n, sum: group.sum + value });
  }
  return [...groups].map(([key, { count, sum }]) => `${key} ${count} ${sum}`).sort();
}

function someRows(count: number, from = 0): TestRow[] {
  return Array.from({ length: count }, (_, index) => [BigInt((index + from) % 13), BigInt(index + from), BigInt(index + from)] as const);
}

describe('a view over a source', () => {
  for (const slots of [1, 2, 3]) {
    it(`shows every row once an epoch has ended, with ${slots} slots`, async () => {
      const world = new TestWorld({ seed: 7, slots });
      const topic = new TestTopic(2);
      world.topics.set('t', topic);
      const cluster = await world.start();
      const source = sourceJob({ relation: 't', topic: 't', partitions: 2, parallelism: slots });
      await cluster.deploy(source.graph, source.source);
      const view = countView('counts_a', ['t'], slots);
      await cluster.deploy(view.graph, view.source);
      expect((await contentOf(cluster, 'counts_a')).rows).toEqual([]);
      topic.append(0, ...someRows(100));
      topic.append(1, ...someRows(57, 1000));
      const epoch = await cluster.flush();
      const content = await contentOf(cluster, 'counts_a', epoch);
      expect(content.rows).toEqual(expectedCounts([...someRows(100), ...someRows(57, 1000)]));
      await cluster.close();
    });
  }

  it('reads a pinned epoch while later ones pass', async () => {
    const world = new TestWorld({ seed: 3, slots: 2 });
    const topic = new TestTopic(1);
    world.topics.set('t', topic);
    const cluster = await world.start();
    const source = sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 2 });
    await cluster.deploy(source.graph, source.source);
    const view = copyView('pairs_a', 't', { fields: [0, 1], parallelism: 2 });
    await cluster.deploy(view.graph, view.source);
    topic.append(0, [1n, 1n, 1n]);
    const first = await cluster.flush();
    const pinned = await cluster.pin(['pairs_a'], first);
    topic.append(0, [2n, 2n, 2n]);
    await cluster.flush();
    topic.append(0, [3n, 3n, 3n]);
    await cluster.flush();
    const rows: bigint[] = [];
    for await (const batch of cluster.scan('pairs_a', pinned, { columns: [1] }))
      for (let row = 0; row < batch.rowCount; row++) rows.push((batch.columns[0] as { i64: BigInt64Array }).i64[row]!);
    expect(rows).toEqual([1n]);
    pinned.release();
    expect((await contentOf(cluster, 'pairs_a')).rows).toEqual(['1 1', '2 2', '3 3']);
    await cluster.close();
  });
});
