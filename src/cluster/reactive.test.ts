import { expect, it } from 'vitest';
import { type Logger, SqlError, SqlState } from '../base/index.ts';
import type { Cluster, JobRequest, ReactiveMode } from './index.ts';
import type { TaskManagerPool } from './job-manager/index.ts';
import type { TaskManagerRegistry } from './resource-manager/index.ts';
import { TaskManager } from './task-manager/index.ts';
import { contentOf, countView, deploy, sourceJob, TestTopic, TestWorld } from './testing/index.ts';
import type { SlotLauncher, SlotLink, TaskManagerHandle } from './transport/index.ts';

const gone = new SqlError({ code: SqlState.connectionFailure, message: 'gone', class: 'external' });
const REACTIVE: ReactiveMode = { stabilizationMs: 2_000, cooldownMs: 30_000 };

/** A TaskManager that joins and leaves when the test says so. */
interface Joined {
  leave(): Promise<void>;
}

/** A JobManager without slots of its own, over the world's slots. */
class ReactiveWorld {
  readonly topic = new TestTopic(4);
  readonly other = new TestTopic(4);
  readonly told: string[] = [];
  readonly #world: TestWorld;
  readonly #slots: number;
  #launcher: SlotLauncher | null = null;
  #pool: TaskManagerPool | null = null;
  #joined = 0;

  constructor(seed: number, slots: number) {
    const logger: Logger = { log: (_level, message, fields) => this.told.push(`${message}: ${String(fields?.jobs ?? '')}`) };
    this.#slots = slots;
    this.#world = new TestWorld({
      seed,
      slots,
      logger,
      between: (launcher) => {
        // In one process the ends of a channel meet, whichever TaskManagers they belong to.
        const process = new TaskManager({ id: 'process', slots, launcher, remote: null });
        this.#launcher = { ...launcher, launch: (request, events) => process.launch(request, events) };
        return launcher;
      },
    });
    this.#world.topics.set('t', this.topic).set('u', this.other);
  }

  start(jobs: readonly JobRequest[] = [], reactive: ReactiveMode | null = REACTIVE): Promise<Cluster> {
    const taskManagers = {
      open: async (pool: TaskManagerPool) => {
        this.#pool = pool;
      },
      close: async () => undefined,
      rings: null,
    } as unknown as TaskManagerRegistry;
    return this.#world.start(jobs, { localSlots: 0, taskManagers, reactive, epochIntervalMs: 100 });
  }

  join(slots: number): Joined {
    const pool = this.#pool!;
    const links = new Set<SlotLink>();
    const handle: TaskManagerHandle = {
      id: `tm-${++this.#joined}`,
      address: 'elsewhere:1',
      slots,
      lastHeartbeatMicros: null,
      launch: (request, events) => {
        const link = this.#launcher!.launch({ ...request, doorbell: new SharedArrayBuffer(0) }, events);
        links.add(link);
        return link;
      },
    };
    pool.join(handle);
    return {
      leave: async () => {
        for (const link of links) await link.close();
        pool.leave(handle, gone);
      },
    };
  }

  /** The jobs of one region: a stream and a view of it. */
  jobs(parallelism = this.#slots): JobRequest[] {
    return [sourceJob({ relation: 't', topic: 't', partitions: 4, parallelism }), countView('counts_t', ['t'], parallelism)];
  }

  async pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      await turns();
      this.#world.clock.advance(100);
    }
    await turns();
  }

  rescalings(): string[] {
    return this.told.filter((line) => line.startsWith('jobs are rescaled')).map((line) => line.slice(line.indexOf(': ') + 2));
  }
}

async function turns(count = 400): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

function inGroup(request: JobRequest, slotSharingGroup: string): JobRequest {
  const vertices = request.graph.vertices.map((vertex) => ({ ...vertex, slotSharingGroup }));
  return { ...request, graph: { ...request.graph, vertices } };
}

function widths(cluster: Cluster): string {
  return cluster
    .jobs()
    .map(({ name, state, parallelism, wantedParallelism }) => `${name} ${state} ${parallelism} of ${wantedParallelism}`)
    .join(', ');
}

const key = (i: number): readonly [bigint, bigint, bigint] => [BigInt(i), BigInt(i), 0n];

async function rowsOf(cluster: Cluster, view = 'counts_t'): Promise<string[]> {
  const { rows } = await contentOf(cluster, view);
  return rows.sort((left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10));
}

it('jobs grow when TaskManagers join and shrink when one is lost, from a checkpoint, with nothing lost or doubled', async () => {
  const world = new ReactiveWorld(71, 3);
  const cluster = await world.start();
  world.join(1);
  await deploy(cluster, ...world.jobs());
  expect(widths(cluster)).toBe('t RUNNING 1 of 3, counts_t RUNNING 1 of 3');
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await world.pass(500);
  const second = world.join(2);
  await world.pass(1_500);
  expect(widths(cluster), 'too early').toBe('t RUNNING 1 of 3, counts_t RUNNING 1 of 3');
  await world.pass(3_000);
  expect(widths(cluster)).toBe('t RUNNING 3 of 3, counts_t RUNNING 3 of 3');
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await world.pass(1_000);
  expect(await rowsOf(cluster)).toEqual(Array.from({ length: 12 }, (_, i) => `${i} 2 ${2 * i}`));
  await second.leave();
  await world.pass(1_500);
  expect(widths(cluster)).toBe('t RESTARTING 3 of 3, counts_t RESTARTING 3 of 3');
  await world.pass(3_000);
  expect(widths(cluster)).toBe('t RUNNING 1 of 3, counts_t RUNNING 1 of 3');
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await world.pass(1_000);
  expect(await rowsOf(cluster)).toEqual(Array.from({ length: 12 }, (_, i) => `${i} 3 ${3 * i}`));
  expect(world.rescalings()).toEqual(['t: 1 to 3, counts_t: 1 to 3', 't: 3 to 1, counts_t: 3 to 1']);
  await cluster.close();
});

it('a TaskManager that comes back in time changes nothing, and one that comes and goes costs one rescaling in a while', async () => {
  const world = new ReactiveWorld(72, 2);
  const cluster = await world.start();
  world.join(1);
  const second = world.join(1);
  await deploy(cluster, ...world.jobs());
  await second.leave();
  await world.pass(1_000);
  let other = world.join(1);
  await world.pass(5_000);
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t RUNNING 2 of 2');
  expect(world.rescalings()).toEqual([]);
  await other.leave();
  await world.pass(5_000);
  for (let i = 0; i < 5; i++) {
    other = world.join(1);
    await world.pass(3_000);
    await other.leave();
    await world.pass(1_000);
  }
  expect(world.rescalings()).toEqual(['t: 2 to 1, counts_t: 2 to 1']);
  world.join(1);
  await world.pass(30_000);
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t RUNNING 2 of 2');
  await cluster.close();
});

it('TaskManagers that never cease to come and go do not keep jobs waiting for ever', async () => {
  const world = new ReactiveWorld(78, 2);
  const cluster = await world.start();
  world.join(1);
  let other = world.join(1);
  await deploy(cluster, ...world.jobs());
  await world.pass(3_000);
  for (let i = 0; i < 20; i++) {
    await other.leave();
    await world.pass(900);
    other = world.join(1);
    await world.pass(100);
  }
  expect(widths(cluster)).toBe('t RUNNING 1 of 2, counts_t RUNNING 1 of 2');
  expect(world.rescalings()).toEqual(['t: 2 to 1, counts_t: 2 to 1']);
  await world.pass(30_000);
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t RUNNING 2 of 2');
  await cluster.close();
});

it('jobs that run give way to others that have lost all their slots, though there can be no checkpoint before', async () => {
  const world = new ReactiveWorld(79, 2);
  const cluster = await world.start();
  world.join(2);
  const second = world.join(2);
  const calm = [sourceJob({ relation: 'u', topic: 'u', partitions: 4, parallelism: 2 }), countView('counts_u', ['u'], 2)];
  await deploy(cluster, ...world.jobs(), ...calm.map((request) => inGroup(request, 'calm')));
  for (let i = 0; i < 12; i++) for (const topic of [world.topic, world.other]) topic.append(i % 4, key(i));
  await world.pass(1_000);
  await second.leave();
  await world.pass(10_000);
  expect(widths(cluster)).toBe('t RUNNING 1 of 2, counts_t RUNNING 1 of 2, u RUNNING 1 of 2, counts_u RUNNING 1 of 2');
  expect(world.rescalings()).toEqual(['u: 2 to 1, counts_u: 2 to 1', 't: 2 to 1, counts_t: 2 to 1']);
  for (let i = 0; i < 12; i++) for (const topic of [world.topic, world.other]) topic.append(i % 4, key(i));
  await world.pass(1_000);
  const all = Array.from({ length: 12 }, (_, i) => `${i} 2 ${2 * i}`);
  expect([await rowsOf(cluster), await rowsOf(cluster, 'counts_u')]).toEqual([all, all]);
  await cluster.close();
});

it('a start waits a while for all slots, then goes on from the checkpoint with those there are', async () => {
  const world = new ReactiveWorld(73, 4);
  let cluster = await world.start();
  world.join(4);
  await deploy(cluster, ...world.jobs());
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await cluster.checkpoint();
  await cluster.close();

  cluster = await world.start(world.jobs());
  world.join(1);
  await world.pass(1_000);
  world.join(1);
  await world.pass(1_000);
  expect(widths(cluster)).toBe('t CREATED 4 of 4, counts_t CREATED 4 of 4');
  await world.pass(2_000);
  expect(widths(cluster)).toBe('t RUNNING 2 of 4, counts_t RUNNING 2 of 4');
  expect(await rowsOf(cluster)).toEqual(Array.from({ length: 12 }, (_, i) => `${i} 1 ${i}`));
  await cluster.close();

  cluster = await world.start(world.jobs());
  world.join(4);
  await world.pass(500);
  expect(widths(cluster), 'all are there').toBe('t RUNNING 4 of 4, counts_t RUNNING 4 of 4');
  await cluster.close();
});

it('a parallelism that was set is the most a job gets', async () => {
  const world = new ReactiveWorld(74, 4);
  const cluster = await world.start();
  world.join(3);
  const [source, view] = [world.jobs()[0]!, world.jobs()[1]!];
  await deploy(cluster, source, view);
  expect(widths(cluster)).toBe('t RUNNING 3 of 4, counts_t RUNNING 3 of 4');
  const set = async (parallelism: number): Promise<void> => {
    const rescaled = cluster.rescale(countView('counts_t', ['t'], parallelism));
    await world.pass(200);
    await rescaled;
  };
  await set(2);
  await set(1);
  await set(2);
  world.join(1);
  await world.pass(40_000);
  expect(widths(cluster)).toBe('t RUNNING 4 of 4, counts_t RUNNING 2 of 2');
  await set(4);
  expect(widths(cluster)).toBe('t RUNNING 4 of 4, counts_t RUNNING 4 of 4');
  await cluster.close();
});

it('running jobs make room for a new slot sharing group, and take it back when that is gone', async () => {
  const world = new ReactiveWorld(75, 2);
  const cluster = await world.start();
  world.join(1);
  world.join(1);
  await deploy(cluster, ...world.jobs());
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await world.pass(3_000);
  const calm = deploy(cluster, inGroup(countView('counts_calm', ['t'], 2), 'calm'));
  await world.pass(5_000);
  await calm;
  expect(widths(cluster)).toBe('t RUNNING 1 of 2, counts_t RUNNING 1 of 2, counts_calm RUNNING 1 of 2');
  const all = Array.from({ length: 12 }, (_, i) => `${i} 1 ${i}`);
  expect([await rowsOf(cluster), await rowsOf(cluster, 'counts_calm')]).toEqual([all, all]);
  const dropped = cluster.drop('job-counts_calm');
  await world.pass(40_000);
  await dropped;
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t RUNNING 2 of 2');
  expect(await rowsOf(cluster)).toEqual(all);
  await cluster.close();
});

it('a paused job keeps its slots, and has those that are there when it goes on', async () => {
  const world = new ReactiveWorld(76, 2);
  const cluster = await world.start();
  const first = world.join(1);
  await deploy(cluster, ...world.jobs());
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await world.pass(500);
  const paused = cluster.pause(['job-counts_t']);
  await world.pass(500);
  await paused;
  world.join(1);
  await world.pass(5_000);
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t SUSPENDED 1 of 2');
  await first.leave();
  await world.pass(5_000);
  expect(widths(cluster)).toBe('t RUNNING 1 of 2, counts_t SUSPENDED 1 of 2');
  for (let i = 0; i < 12; i++) world.topic.append(i % 4, key(i));
  await world.pass(500);
  expect(await rowsOf(cluster)).toEqual(Array.from({ length: 12 }, (_, i) => `${i} 1 ${i}`));
  world.join(1);
  const resumed = cluster.resume(['job-counts_t']);
  await world.pass(40_000);
  await resumed;
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t RUNNING 2 of 2');
  expect(await rowsOf(cluster)).toEqual(Array.from({ length: 12 }, (_, i) => `${i} 2 ${2 * i}`));
  await cluster.close();
});

it('nobody makes room where it is a paused job that has the slots', async () => {
  const world = new ReactiveWorld(80, 2);
  const cluster = await world.start();
  world.join(2);
  await deploy(cluster, ...world.jobs());
  await world.pass(3_000);
  const paused = cluster.pause(['job-counts_t']);
  await world.pass(500);
  await paused;
  const calm = expect(deploy(cluster, inGroup(countView('counts_calm', ['t'], 2), 'calm'))).rejects.toMatchObject({
    code: '53000',
    message: 'job "counts_calm" needs 1 slot of slot sharing group "calm", 0 are there',
    detail: 'Of 2 slots, group "default" has 2.',
  });
  await world.pass(12_000);
  await calm;
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t SUSPENDED 2 of 2');
  expect(world.rescalings()).toEqual([]);
  await cluster.close();
});

it('without reactive mode jobs are as wide as they are planned, or wait', async () => {
  const world = new ReactiveWorld(77, 2);
  const cluster = await world.start([], null);
  world.join(1);
  const second = world.join(1);
  await deploy(cluster, ...world.jobs());
  await second.leave();
  await world.pass(10_000);
  expect(widths(cluster)).toBe('t RESTARTING 2 of 2, counts_t RESTARTING 2 of 2');
  expect(cluster.jobs()[0]!.error).toMatchObject({ code: '53000', message: 'job "t" needs 2 slots, 1 is there' });
  world.join(1);
  await world.pass(3_000);
  expect(widths(cluster)).toBe('t RUNNING 2 of 2, counts_t RUNNING 2 of 2');
  expect(world.rescalings()).toEqual([]);
  await cluster.close();
});
