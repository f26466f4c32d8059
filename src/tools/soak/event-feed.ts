import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaFixture } from '../processes/index.ts';

const PARTITIONS = 2;
const PAUSE_MS = 100;
const BOUND_MS = 2_000;
const LATE_MS = 60_000;
const WINDOW_MS = 10_000;
const PAYMENT_MS_MAX = 5_000;
const CHANNELS = ['apple', 'google', 'baidu'];
const ODD_EVERY = 500;
const PAID_EVERY = 4;
const AUCTIONS = 17;

interface Bid {
  readonly id: number;
  readonly channel: string;
  readonly timeMs: number;
}

/** Sends bids, and payments for some of them, at the time of the clock, and knows what the views have to show of them. Every 500th bid is broken, another too late. */
export class EventFeed {
  /** Ids of bids in the relation: neither broken nor late. */
  readonly kept = new Set<number>();
  /** channel → count and sum of prices. */
  readonly channels = new Map<string, [count: number, total: number]>();
  /** channel → count and sum of payments within five seconds of their bid. */
  readonly paid = new Map<string, [count: number, total: number]>();
  nextId = 0;
  readonly #kafka: KafkaFixture;
  readonly #topics: { readonly bids: string; readonly payments: string };
  readonly #bidsAtOnce: number;
  /** `auction|end` → count and highest price. */
  readonly #windows = new Map<string, [count: number, top: number]>();
  readonly #newest = new Array<number>(PARTITIONS).fill(Number.NEGATIVE_INFINITY);
  #clockMs = 0;
  #paused = false;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(kafka: KafkaFixture, topics: { readonly bids: string; readonly payments: string }, options: { readonly bidsPerSecond: number }) {
    this.#kafka = kafka;
    this.#topics = topics;
    this.#bidsAtOnce = Math.max(1, Math.round((options.bidsPerSecond * PAUSE_MS) / 1000));
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Rejects when something could not be sent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** Resolves when nothing is on its way any more; nothing is sent until `resume`. */
  async pause(): Promise<void> {
    this.#paused = true;
    await this.#sending;
  }

  resume(): void {
    this.#paused = false;
  }

  /** `auction|end` → count and highest price, of the windows that the watermark has passed. */
  closedWindows(): Map<string, string> {
    const watermark = Math.min(...this.#newest) - BOUND_MS;
    const closed = [...this.#windows].filter(([key]) => Number(key.split('|')[1]) <= watermark);
    return new Map(closed.map(([key, window]) => [key, window.join('|')]));
  }

  #sending: Promise<void> = Promise.resolve();

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (!this.#paused) {
        this.#sending = this.#send();
        await this.#sending;
      }
      await sleep(PAUSE_MS);
    }
  }

  async #send(): Promise<void> {
    this.#clockMs = Math.max(this.#clockMs, Date.now());
    const bids = Array.from({ length: this.#bidsAtOnce }, () => this.#bid());
    await this.#kafka.produce(
      this.#topics.bids,
      bids.map(({ message }) => message),
    );
    const paid = bids.flatMap(({ bid }) => (bid !== null && bid.id % PAID_EVERY === 0 ? [this.#payment(bid)] : []));
    if (paid.length > 0) await this.#kafka.produce(this.#topics.payments, paid);
  }

  #bid(): { message: { value: string; partition: number }; bid: Bid | null } {
    const id = this.nextId++;
    const partition = id % PARTITIONS;
    if (id % ODD_EVERY === ODD_EVERY / 2) return { message: { value: '{"id": 1, "auction":', partition }, bid: null };
    const timeMs = id % ODD_EVERY === ODD_EVERY - 1 ? this.#clockMs - LATE_MS : this.#clockMs;
    const [auction, price, channel] = [id % AUCTIONS, (id * 7919) % 1000, CHANNELS[id % CHANNELS.length]!];
    const late = timeMs < this.#newest[partition]! - BOUND_MS;
    this.#newest[partition] = Math.max(this.#newest[partition]!, timeMs);
    if (!late) {
      this.kept.add(id);
      count(this.channels, channel, price);
      const end = Math.floor(timeMs / WINDOW_MS) * WINDOW_MS + WINDOW_MS;
      const [bids, top] = this.#windows.get(`${auction}|${end}`) ?? [0, 0];
      this.#windows.set(`${auction}|${end}`, [bids + 1, Math.max(top, price)]);
    }
    const value = JSON.stringify({ id, auction, price, channel, at: timestamp(timeMs) });
    return { message: { value, partition }, bid: late ? null : { id, channel, timeMs } };
  }

  #payment({ id, channel, timeMs }: Bid): { value: string; partition: number } {
    const nowMs = Math.max(this.#clockMs, Date.now());
    this.#clockMs = nowMs;
    const amount = id % 97;
    if (nowMs <= timeMs + PAYMENT_MS_MAX) count(this.paid, channel, amount);
    return { value: JSON.stringify({ bid: id, amount, at: timestamp(nowMs) }), partition: Math.floor(id / PAID_EVERY) % PARTITIONS };
  }
}

function count(sums: Map<string, [count: number, total: number]>, key: string, value: number): void {
  const [n, total] = sums.get(key) ?? [0, 0];
  sums.set(key, [n + 1, total + value]);
}

function timestamp(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
}
