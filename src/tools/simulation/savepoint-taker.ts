import type { Random } from '../../base/index.ts';
import { createCluster, plansOfSavepoint } from '../../cluster/index.ts';
import { ModelCluster } from '../../connectors/kafka/testing/index.ts';
import { openEngine } from '../../session/index.ts';
import { MemoryDirectory, openMemoryStateStore, restoreSavepoint, Savepoint } from '../../state/index.ts';
import type { BidFeed } from './bid-feed.ts';
import { differenceFromLaw, prefixCounts } from './law-observer.ts';
import { PREFIX_VIEW, prefixView, type SimulatedView } from './program.ts';
import { connect, openClient } from './simulated-client.ts';
import { CONNECTOR, type ProcessIngredients, type SimulatedProcess, startProcess } from './simulated-process.ts';
import { CHANNEL_BYTES, MAX_PARALLELISM, type ServerProcess, type SimulatedServer } from './simulated-server.ts';
import type { TableWriter } from './table-writer.ts';
import { tolerate } from './tolerated-error.ts';
import { Violation, type World } from './world.ts';

/** Mean virtual seconds between two savepoints, by what the seed gives: with most seeds there are hardly any, since a look into one costs a start. */
const CALM_SECONDS = [40, 300, 300];
const SLOTS_MAX = 3;

export interface SavepointTakerParts {
  readonly world: World;
  readonly ingredients: ProcessIngredients;
  readonly server: SimulatedServer;
  readonly feed: BidFeed;
  readonly tables: TableWriter;
  /** The views that are there, as far as clients have been told. */
  readonly views: () => readonly SimulatedView[];
  /** How many views have begun to be dropped. */
  readonly drops: () => number;
  /** Rows of each partition of the stream that somebody has read. */
  readonly seenCounts: () => readonly number[];
  /** Whether a view may have been paused since a virtual second. */
  readonly hasStoodStill: (view: SimulatedView, sinceSeconds: number) => boolean;
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
    for (;;) {
      const restMs = Math.ceil(1_000 * (untilSeconds - world.seconds));
      if (restMs <= 0) return;
      await world.sleep(Math.min(restMs, this.#random.nextInt(2_000 * this.#calmSeconds)));
      if (world.seconds < untilSeconds) await this.#take();
    }
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
    const { life, clock, random, logger, builtIns, launcher } = process;
    const slots = 1 + this.#random.nextInt(SLOTS_MAX);
    const engine = await openEngine({
      registries: builtIns.engine,
      catalogLog: stateStore.catalogLog,
      embeddedLog: stateStore.embeddedLog,
      clock,
      random,
      logger,
      parallelism: slots,
      maxParallelism: MAX_PARALLELISM,
      futureSkewGuard: false,
      offline: true,
      bindConnector: (options) => new Map([...options, ['connector', CONNECTOR]]),
      savepoints: { absolute: (one) => one, open: (one) => this.#parts.world.savepoint(one) },
      startCluster: (jobs) =>
        createCluster({ stateStore, launcher, clock, random, logger, slots, channelBytes: CHANNEL_BYTES, jobs, thoroughChecks: true }),
    });
    return { life, engine, clients: life, lead: 0 };
  }
}
