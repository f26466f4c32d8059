import { expect, it } from 'vitest';
import { contentOf, countView, deploy, sourceJob, TestTopic, TestWorld } from './testing/index.ts';
import type { SlotLauncher, SlotLink } from './transport/index.ts';

const SLOTS = 3;
const ALL = ['1 1 1', '2 1 2', '3 1 3'];

/** A view over a topic, and a rescaling of it whose job has just stopped. */
async function stopped(seed: number, width: number) {
  let tell = (): void => undefined;
  const between = (slots: SlotLauncher): SlotLauncher => ({
    ...slots,
    launch: (launch, events) => {
      const link = slots.launch(launch, events);
      const send: SlotLink['send'] = (message) => {
        if (message.kind === 'cancel') tell();
        link.send(message);
      };
      return { send, close: () => link.close() };
    },
  });
  const world = new TestWorld({ seed, slots: SLOTS, between });
  const topic = new TestTopic(1);
  world.topics.set('t', topic);
  const cluster = await world.start();
  await deploy(cluster, sourceJob({ relation: 't', topic: 't', partitions: 1, parallelism: 1 }), countView('counts_t', ['t'], 2));
  for (const key of [1n, 2n, 3n]) topic.append(0, [key, key, 0n]);
  await cluster.flush();
  const pinned = await cluster.pin(['counts_t'], 0);
  const stops = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const rescaled = cluster.rescale(countView('counts_t', ['t'], width));
  await stops;
  return { cluster, rescaled, pinned };
}

it.each([1, 3])('a read that comes while its job stops to be rescaled to %i subtasks is answered when it runs', async (width) => {
  const { cluster, rescaled, pinned } = await stopped(91, width);
  const read = contentOf(cluster, 'counts_t');
  const later = contentOf(cluster, 'counts_t', pinned.epoch);
  await rescaled;
  await cluster.flush();
  expect([(await read).rows, (await later).rows]).toEqual([ALL, ALL]);
  pinned.release();
  await cluster.close();
});

it('who would follow it then is told that it restarts, as who follows it already is', async () => {
  const { cluster, rescaled, pinned } = await stopped(92, 3);
  const follow = async (): Promise<void> => {
    for await (const _ of cluster.subscribe('counts_t', { after: pinned.epoch }, new AbortController().signal));
  };
  await expect(follow()).rejects.toMatchObject({ code: '58000', message: 'reading "counts_t" was interrupted by its restart' });
  await rescaled;
  await cluster.close();
});
