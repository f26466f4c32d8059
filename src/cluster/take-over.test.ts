import { expect, it } from 'vitest';
import type { JobRequest } from './index.ts';
import { contentOf, countView, deploy, sourceJob, TestTopic, TestWorld } from './testing/index.ts';
import type { SlotLauncher } from './transport/index.ts';

const OLD = countView('counts_t', ['t'], 2);
const NEW = countView('counts_new', ['t'], 2);
const SLOTS = 4;
const EPOCH_MS = 100;

const source = (relation: string): JobRequest => sourceJob({ relation, topic: relation, partitions: 1, parallelism: 1 });

/** Keeps back what slots say of the epochs that one job has passed. */
class HeldPasses {
  #held: (() => void)[] | null = [];
  readonly #jobId: string;

  constructor(jobId: string) {
    this.#jobId = jobId;
  }

  between(slots: SlotLauncher): SlotLauncher {
    return {
      settled: slots.settled,
      launch: (launch, events) =>
        slots.launch(launch, {
          ...events,
          message: (message) => {
            const isHeld = this.#held !== null && message.kind === 'passed' && message.task.jobId === this.#jobId;
            if (isHeld) this.#held!.push(() => events.message(message));
            else events.message(message);
          },
        }),
    };
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const give of held) give();
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
}

it('a job that goes on with the state of another one and does not keep up holds checkpoints up: none is made without its region', async () => {
  const passes = new HeldPasses(NEW.graph.jobId);
  const world = new TestWorld({ seed: 97, slots: SLOTS, between: (slots) => passes.between(slots) });
  const topic = new TestTopic(1);
  world.topics.set('t', topic).set('u', new TestTopic(1));
  const cluster = await world.start([], { epochIntervalMs: EPOCH_MS });
  const jobs = [source('t'), OLD, source('u'), countView('counts_u', ['u'], 2)];
  await deploy(cluster, ...jobs);
  for (const key of [1n, 2n, 3n]) topic.append(0, [key, key, 0n]);
  await cluster.flush();

  const taken = cluster.takeOver(NEW.graph, {
    from: OLD.graph.jobId,
    operators: new Map([
      ['count-counts_new', 'count-counts_t'],
      ['materialize-counts_new', 'materialize-counts_t'],
    ]),
    shown: new Set(),
  });
  await turns();
  for (let epoch = 0; epoch < 6; epoch++) {
    topic.append(0, [4n, BigInt(epoch), 0n]);
    world.clock.advance(2 * EPOCH_MS);
    await turns();
  }
  let made = false;
  const checkpoint = cluster.checkpoint().then(() => {
    made = true;
  });
  await turns();
  expect(made).toBe(false);

  passes.release();
  expect(await taken).toBe(true);
  await checkpoint;
  await cluster.flush();
  const rows = ['1 1 1', '2 1 2', '3 1 3', '4 6 15'];
  expect([(await contentOf(cluster, 'counts_t')).rows, (await contentOf(cluster, 'counts_new')).rows]).toEqual([rows, rows]);
  await cluster.close();

  const again = await world.start([...jobs, NEW]);
  expect([(await contentOf(again, 'counts_t')).rows, (await contentOf(again, 'counts_new')).rows]).toEqual([rows, rows]);
  await again.close();
});
