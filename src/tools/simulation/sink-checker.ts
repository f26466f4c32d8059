import type { BidFeed } from './bid-feed.ts';
import { SINK_TOPICS, type SimulatedSink } from './program.ts';
import { Violation, type World } from './world.ts';

const PARTITIONS = 2;

/** Reads, as a reader of committed records would, what the sinks have written: no row twice, none left out, none before its time. */
export class SinkChecker {
  readonly #world: World;
  readonly #feed: BidFeed;
  #sinks: readonly SimulatedSink[] = [];
  #written = new Map<SimulatedSink, number>();
  /** Sinks that have been drained and are gone: how many rows readers had seen before, and how many there were when they were gone. */
  readonly #drained = new Map<SimulatedSink, { readonly least: number; readonly most: number }>();

  constructor(world: World, feed: BidFeed) {
    this.#world = world;
    this.#feed = feed;
    for (const topic of SINK_TOPICS) world.kafka.createTopic(topic, PARTITIONS);
  }

  watch(sinks: readonly SimulatedSink[]): void {
    this.#sinks = sinks;
  }

  check(): void {
    for (const sink of this.#sinks) {
      const written = sink.topic === 'copies' ? this.#checkCopies() : this.#checkCounts();
      this.#written.set(sink, written);
      const most = this.#drained.get(sink)?.most;
      if (most !== undefined && written > most) throw new Violation(`sink ${sink.job} has ${written} rows, and there were ${most} when it was gone`);
    }
  }

  /** The sink is gone. `least` rows had been seen when it was told to go: readers of committed records see them soon, if not yet. */
  drained(sink: SimulatedSink, least: number): void {
    this.#drained.set(sink, { least, most: this.#wanted });
  }

  /** Every row in time has left. */
  get caughtUp(): boolean {
    this.check();
    return this.#sinks.every((sink) => this.#written.get(sink)! >= (this.#drained.get(sink)?.least ?? this.#wanted));
  }

  get progress(): string {
    return this.#sinks.map((sink) => `${sink.job} ${this.#written.get(sink)} of ${this.#wanted}`).join(', ');
  }

  get #wanted(): number {
    return this.#feed.inTimeCount;
  }

  get #partitions(): number[] {
    return Array.from({ length: this.#feed.partitionCount }, (_, partition) => partition);
  }

  /** Each row once, and of each partition of the input a prefix. */
  #checkCopies(): number {
    const read = this.#partitions.map((): number[] => []);
    for (const { value } of this.#world.kafka.committed('copies')) {
      const { p, n } = JSON.parse(new TextDecoder().decode(value!)) as { readonly p: number; readonly n: number };
      read[p]!.push(n);
    }
    read.forEach((numbers, partition) => {
      const sorted = numbers.sort((left, right) => left - right).join();
      const expected = this.#feed.inTime(partition).slice(0, numbers.length).join();
      if (sorted !== expected) throw new Violation(`the topic of sink copies has of partition ${partition}\n${sorted}\ninstead of\n${expected}`);
    });
    return read.flat().length;
  }

  /** Counts of a key only grow: a record at most for each epoch. */
  #checkCounts(): number {
    const counts = new Map<string, number>();
    for (const { key, value } of this.#world.kafka.committed('counts')) {
      const name = new TextDecoder().decode(key ?? new Uint8Array(0));
      const { n } = JSON.parse(new TextDecoder().decode(value!)) as { readonly n: number };
      const before = counts.get(name) ?? 0;
      if (n <= before) throw new Violation(`the topic of sink counts has for key ${name} ${n} behind ${before}`);
      counts.set(name, n);
    }
    return [...counts.values()].reduce((sum, n) => sum + n, 0);
  }
}
