import type { Random } from '../../base/index.ts';
import type { AppendedRecord } from '../../connectors/kafka/testing/index.ts';
import { STREAM, WATERMARK_SECONDS } from './program.ts';
import type { World } from './world.ts';

const LATE_SHARE = 40;
const LATE_SECONDS = 9;
const ITEMS = 8;
const PRICES = 100;
/** For so long at most messages come, and for so long none: sources fall idle and come back. */
const SPELL_SECONDS_MAX = 20;

/** What comes from outside into the stream, and what of it has to be in the relation: lateness is a function of a partition's own prefix. */
export class BidFeed {
  readonly #world: World;
  readonly #random: Random;
  readonly #partitions: { sent: number; newestMs: number; readonly inTime: number[] }[];

  constructor(world: World, partitions: number) {
    this.#world = world;
    this.#random = world.newRandom();
    world.kafka.createTopic(STREAM, partitions);
    this.#partitions = Array.from({ length: partitions }, () => ({ sent: 0, newestMs: Number.NEGATIVE_INFINITY, inTime: [] }));
  }

  /** Sends a few messages every now and then, with rests, until the world is so old. */
  async run(untilSeconds: number): Promise<void> {
    while (this.#world.seconds < untilSeconds) {
      const restSeconds = Math.min(this.#world.seconds + 1 + this.#random.nextInt(SPELL_SECONDS_MAX), untilSeconds);
      while (this.#world.seconds < restSeconds) {
        this.#send(1 + this.#random.nextInt(4));
        await this.#world.sleep(50 + this.#random.nextInt(1_500));
      }
      const leftMs = 1_000 * (untilSeconds - this.#world.seconds);
      if (leftMs > 0) await this.#world.sleep(Math.min(leftMs, 1_000 * this.#random.nextInt(SPELL_SECONDS_MAX)));
    }
  }

  /** Numbers of the messages of a partition that are not late, in their order. */
  inTime(partition: number): readonly number[] {
    return this.#partitions[partition]!.inTime;
  }

  /** Of all partitions. */
  get inTimeCount(): number {
    return sumOf(this.#partitions.map(({ inTime }) => inTime.length));
  }

  get partitionCount(): number {
    return this.#partitions.length;
  }

  /** What a producer sends at once to one partition is one batch, most of the time. */
  #send(count: number): void {
    const batches = this.#partitions.map((): AppendedRecord[] => []);
    for (let left = count; left > 0; left--) {
      const p = this.#random.nextInt(this.#partitions.length);
      batches[p]!.push(this.#next(p));
      if (this.#random.nextInt(4) === 0) this.#appendAll(batches);
    }
    this.#appendAll(batches);
  }

  #appendAll(batches: AppendedRecord[][]): void {
    batches.forEach((batch, p) => {
      if (batch.length > 0) this.#world.kafka.append(STREAM, p, batch.splice(0));
    });
  }

  #next(p: number): AppendedRecord {
    const random = this.#random;
    const partition = this.#partitions[p]!;
    const n = partition.sent++;
    const nowMs = Number(this.#world.clock.nowMicros() / 1000n);
    const back = random.nextInt(LATE_SHARE) === 0 ? LATE_SECONDS * 1_000 : random.nextInt(WATERMARK_SECONDS * 500);
    const timeMs = nowMs - back;
    if (timeMs >= partition.newestMs - WATERMARK_SECONDS * 1_000) partition.inTime.push(n);
    partition.newestMs = Math.max(partition.newestMs, timeMs);
    const ts = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
    const value = new TextEncoder().encode(JSON.stringify({ p, n, item: random.nextInt(ITEMS), price: random.nextInt(PRICES), ts }));
    return { key: null, value, timestampMs: nowMs };
  }
}

export function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
