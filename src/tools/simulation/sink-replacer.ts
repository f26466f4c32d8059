import type { Random } from '../../base/index.ts';
import type { BidFeed } from './bid-feed.ts';
import type { Feature } from './feature.ts';
import { nowAndThen } from './now-and-then.ts';
import { exactlyOnceInto, STREAM } from './program.ts';
import { type Client, openClient } from './simulated-client.ts';
import type { SimulatedServer } from './simulated-server.ts';
import { tolerate } from './tolerated-error.ts';
import { Violation, type World } from './world.ts';

const TOPIC = 'generations';
const PARTITIONS = 2;
const CALM_SECONDS = [15, 60];

/** A sink that is replaced while rows come. Each of its generations marks its records: it begins anew with the whole stream, and sends nothing once the next one is there. */
export class SinkReplacer implements Feature {
  readonly name = 'replaced sink';
  readonly #world: World;
  readonly #server: SimulatedServer;
  readonly #feed: BidFeed;
  readonly #random: Random;
  /** Generations there may be, numbered from 0: each statement, answered or not, makes one of its own. */
  #newest = 0;
  #acknowledged = 0;
  /** Rows there were when a generation was told to be gone. */
  readonly #most = new Map<number, number>();
  #written = 0;

  constructor(world: World, server: SimulatedServer, feed: BidFeed) {
    this.#world = world;
    this.#server = server;
    this.#feed = feed;
    this.#random = world.newRandom();
    world.kafka.createTopic(TOPIC, PARTITIONS);
  }

  async begin(client: Client): Promise<void> {
    await client.run(replaceStatement(0));
  }

  async run(untilSeconds: number): Promise<void> {
    const meanSeconds = CALM_SECONDS[this.#random.nextInt(CALM_SECONDS.length)]!;
    await nowAndThen(this.#world, { random: this.#random, meanSeconds, untilSeconds }, () => this.#replace());
  }

  async look(): Promise<void> {
    const read = new Map<number, number[][]>();
    for (const { value } of this.#world.kafka.committed(TOPIC)) {
      const { p, n, g } = JSON.parse(new TextDecoder().decode(value!)) as { readonly p: number; readonly n: number; readonly g: number };
      const partitions = read.get(g) ?? Array.from({ length: this.#feed.partitionCount }, (): number[] => []);
      partitions[p]!.push(n);
      read.set(g, partitions);
    }
    for (const [generation, partitions] of read) this.#check(generation, partitions);
    this.#written = (read.get(this.#acknowledged) ?? []).flat().length;
  }

  get caughtUp(): boolean {
    return this.#written === this.#feed.inTimeCount;
  }

  get progress(): string {
    return `generation ${this.#acknowledged} of the replaced sink ${this.#written} of ${this.#feed.inTimeCount}`;
  }

  #check(generation: number, partitions: readonly (readonly number[])[]): void {
    partitions.forEach((numbers, partition) => {
      const sorted = numbers.toSorted((left, right) => left - right).join();
      const expected = this.#feed.inTime(partition).slice(0, numbers.length).join();
      if (sorted !== expected)
        throw new Violation(`generation ${generation} of the replaced sink has of partition ${partition}\n${sorted}\ninstead of\n${expected}`);
    });
    const written = partitions.flat().length;
    const most = this.#most.get(generation);
    if (most !== undefined && written > most)
      throw new Violation(`generation ${generation} of the replaced sink has ${written} rows, and there were ${most} when it was gone`);
  }

  /** Until it is done. What came of one that was not answered the next one replaces. */
  async #replace(): Promise<void> {
    for (;;) {
      const generation = ++this.#newest;
      const sql = replaceStatement(generation);
      try {
        const client = await openClient(this.#server);
        this.#world.event(sql);
        await client.run(sql);
        this.#world.event(`done: generation ${generation}`);
        for (let old = this.#acknowledged; old < generation; old++) this.#most.set(old, this.#feed.inTimeCount);
        this.#acknowledged = generation;
        return;
      } catch (error) {
        tolerate(this.#world, sql, error);
        await this.#world.sleep(500 + this.#random.nextInt(1_000));
      }
    }
  }
}

function replaceStatement(generation: number): string {
  return `CREATE OR REPLACE SINK ${TOPIC} WITH (${exactlyOnceInto('kafka', TOPIC)}, format = 'json') AS SELECT p, n, ${generation} AS g FROM ${STREAM}`;
}
