import { expect, it } from 'vitest';
import { batchFromRows } from '../batch/index.ts';
import { contentOf, TestWorld, tableJob } from './testing/index.ts';
import { TEST_TYPES } from './testing/test-source.ts';
import type { FromSlot, SlotEvents, SlotLauncher } from './transport/index.ts';

type Snapshot = Extract<FromSlot, { kind: 'snapshot' }>;

/** Keeps what slots have handed in for checkpoints, to hand it in again. */
class Snapshots {
  readonly #taken: { readonly message: Snapshot; readonly events: SlotEvents }[] = [];

  between(slots: SlotLauncher): SlotLauncher {
    return {
      settled: slots.settled,
      launch: (launch, events) =>
        slots.launch(launch, {
          ...events,
          message: (message) => {
            if (message.kind === 'snapshot' && message.blocks.length > 0) this.#taken.push({ message, events });
            events.message(message);
          },
        }),
    };
  }

  /** A task of theirs fails, and what they have handed in for the first checkpoint comes once more, behind that. */
  failAndRepeat(): void {
    const repeated = this.#taken.filter(({ message }) => message.epoch === this.#taken[0]!.message.epoch);
    const { message, events } = repeated[0]!;
    events.message({ kind: 'failed', task: message.task, error: { code: '08006', message: 'gone', class: 'external' }, position: '' });
    for (const one of repeated) one.events.message(one.message);
  }
}

it('what an attempt hands in behind its failure, before the next one begins, is in no checkpoint', async () => {
  const snapshots = new Snapshots();
  const world = new TestWorld({ seed: 71, slots: 2, between: (slots) => snapshots.between(slots) });
  const jobs = [tableJob('t', 2)];
  let cluster = await world.start();
  await cluster.deploy(jobs[0]!.graph, jobs[0]!.source);
  const row = batchFromRows(TEST_TYPES, [[1n, 1n, 0n]]);
  await cluster.write([{ relation: 't', batch: row }]);
  await cluster.checkpoint();
  await cluster.write([{ relation: 't', batch: batchFromRows(TEST_TYPES, [[1n, 1n, 0n]], [-1]) }]);
  await cluster.checkpoint();
  snapshots.failAndRepeat();
  expect(cluster.jobs().map(({ state }) => state)).toEqual(['FAILING']);
  for (let turn = 0; turn < 500; turn++) await Promise.resolve();
  world.clock.advance(2_000);
  await cluster.checkpoint();
  await cluster.close();
  cluster = await world.start(jobs);
  expect((await contentOf(cluster, 't')).rows).toEqual([]);
  await cluster.close();
});
