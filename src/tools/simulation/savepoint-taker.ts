import type { Random } from '../../base/index.ts';
import { plansOfSavepoint } from '../../cluster/index.ts';
import { ModelCluster } from '../../connectors/kafka/testing/index.ts';
import { MemoryDirectory, openMemoryStateStore, restoreSavepoint, Savepoint } from '../../state/index.ts';
import { differenceFromLaw, type ObserverParts, prefixCounts } from './law-observer.ts';
import { nowAndThen } from './now-and-then.ts';
import { PREFIX_VIEW, prefixView, type SimulatedView } from './program.ts';
import { connect, openClient } from './simulated-client.ts';
import { openSimulatedEngine } from './simulated-engine.ts';
import { type ProcessIngredients, type SimulatedProcess, startProcess } from './simulated-process.ts';
import type { ServerProcess } from './simulated-server.ts';
import { tolerate } from './tolerated-error.ts';
import { Violation } from './world.ts';

/** Mean virtual seconds between two savepoints, by what the seed gives: with most seeds there are hardly any, since a look into one costs a start. */
const CALM_SECONDS = [40, 300, 300];
const PARALLELISM_MAX = 3;
/** The default one and the one the job changer moves views into: slots of one are of no use to the other. */
const SLOT_SHARING_GROUPS = 2;

export interface SavepointTakerParts extends Omit<ObserverParts, 'features' | 'sinks'> {
  readonly ingredients: ProcessIngredients;
  /** Rows of each partition of the stream that somebody has read. */
  readonly seenCounts: () => readonly number[];
}

/**
 * A client that takes savepoints and starts a server of each on another machine, which reaches no Kafka. Whatever was seen or acknowledged before the savepoint was
 * asked for is in it, and each of its views is what its query gives over the inputs of its epoch.
 */
export class SavepointTaker {
  readonly #parts: SavepointTakerParts;
  readonly #random: Random;
  readonly #calmSeconds: number;

  constructor(parts: SavepointTakerParts) {
    this.#parts = parts;
    this.#random = parts.world.newRandom();
    this.#calmSeconds = CALM_SECONDS[this.#random.nextInt(CALM_SECONDS.length)]!;
  }

  async run(untilSeconds: number): Promise<void> {
    const { world } = this.#parts;
    await nowAndThen(world, { random: this.#random, meanSeconds: this.#calmSeconds, untilSeconds }, () => this.#take());
  }

  async #take(): Promise<void> {
    const { world, server, tables, views, drops, seenCounts, hasStoodStill } = this.#parts;
    const begun = world.seconds;
    const before = { views: [...views()], drops: drops(), counts: seenCounts(), acknowledged: tables.acknowledged };
    const path = world.newSavepointPath();
    try {
      const client = await openClient(server);
      world.event(`CREATE SAVEPOINT '${path}'`);
      await client.run(`CREATE SAVEPOINT '${path}'`);
    } catch (error) {
      tolerate(world, 'a savepoint', error);
      return;
    }
    world.fault('savepoints restored');
    // Of a view that has gone or stood still meanwhile nobody knows what the savepoint has.
    const lawful = drops() === before.drops ? before.views.filter((view) => !hasStoodStill(view, begun)) : [];
    await this.#check(path, lawful, before);
  }

  async #check(
    path: string,
    views: readonly SimulatedView[],
    before: { readonly counts: readonly number[]; readonly acknowledged: number },
  ): Promise<void> {
    const { world, ingredients, feed, tables } = this.#parts;
    // Its brokers have none of the topics: nothing comes, nothing leaves.
    const kafka = new ModelCluster(world.clock, world.newRandom());
    for (const node of [1, 2] as const) kafka.setDown(node, true);
    const process = startProcess(world, ingredients, { host: path, kafka, stepped: () => undefined });
    const restored = await this.#start(process, path);
    const client = await connect(restored);
    await client.run('BEGIN');
    const counts = prefixCounts(feed, await client.rows(`SELECT p, n FROM ${PREFIX_VIEW}`));
    const behind = counts.findIndex((count, partition) => count < before.counts[partition]!);
    if (behind >= 0) throw new Violation(`${path} has ${counts[behind]} messages of partition ${behind}, and ${before.counts[behind]} had been seen`);
    tables.requireSince(before.acknowledged, await client.rows('SELECT * FROM items'), await client.rows('SELECT * FROM accounts'));
    for (const view of views) {
      const difference = view === prefixView ? null : await differenceFromLaw(client, view);
      if (difference !== null) throw new Violation(`view ${view.name} of ${path} differs from its query over the inputs of its epoch\n${difference}`);
    }
    await client.run('COMMIT');
    process.life.kill();
    world.event(`${path} is sound: ${counts.join(', ')}`);
  }

  async #start(process: SimulatedProcess, path: string): Promise<ServerProcess> {
    const savepoint = await Savepoint.open(this.#parts.world.savepoint(path), path);
    await savepoint.requireSound();
    const directory = new MemoryDirectory();
    await restoreSavepoint(savepoint, openMemoryStateStore(directory), plansOfSavepoint(savepoint.manifest.jobs));
    const stateStore = openMemoryStateStore(directory);
    const parallelism = 1 + this.#random.nextInt(PARALLELISM_MAX);
    const cluster = { slots: SLOT_SHARING_GROUPS * parallelism };
    const engine = await openSimulatedEngine(this.#parts.world, process, { stateStore, parallelism, offline: true, cluster });
    return { life: process.life, engine, clients: process.life, lead: 0 };
  }
}
