import type { SentMessage } from './kafka-fixture.ts';

/** What the views over the bids have to show, computed from the messages that were sent. */
export interface BidModel {
  /** The next `count` bids, to be sent; every hundredth is broken, every seventieth too late. */
  next(count: number): SentMessage[];
  /** channel → count and sum of the prices above 100, where there is more than one. */
  perChannel(): Map<string, readonly [count: number, total: number]>;
  /** `auction|end of window` → highest price, of every 10-second window that the watermark has passed. */
  closedWindows(): Map<string, number>;
  /** `auction|start of window` → count and highest price, of all windows. */
  windows(): Map<string, readonly [count: number, top: number]>;
  /** Bids in the relation: neither broken nor late. */
  readonly bids: number;
  readonly bad: number;
  readonly late: number;
}

interface Bid {
  readonly auction: number;
  readonly price: number;
  readonly channel: string;
  readonly timeMs: number;
}

const STEP_MS = 100;
const WINDOW_MS = 10_000;
const BOUND_MS = 4_000;
const LATE_MS = 60_000;
const CHANNELS = ['apple', 'google', 'baidu'];
const broken = ['{"auction": 1, "price":', '{"auction": "many", "price": 1, "dateTime": "2024-01-01 00:00:00"}', 'no json'];

/** Bids in partitions whose times rise; the model knows which are late, because that depends on a partition's own prefix only. */
export function bidModel(options: { readonly partitions?: number } = {}): BidModel {
  const partitions = options.partitions ?? 2;
  const startMs = Date.UTC(2024, 0, 1);
  const newest = new Array<number>(partitions).fill(Number.NEGATIVE_INFINITY);
  const kept: Bid[] = [];
  let [sequence, bad, late] = [0, 0, 0];

  function one(): SentMessage {
    const i = sequence++;
    const partition = i % partitions;
    if (i % 100 === 99) {
      bad++;
      return { value: broken[((i / 100) % broken.length) | 0]!, partition };
    }
    const onTimeMs = startMs + i * STEP_MS;
    const timeMs = i % 70 === 69 ? onTimeMs - LATE_MS : onTimeMs;
    const bid: Bid = { auction: i % 17, price: (i * 7919) % 1000, channel: CHANNELS[i % 3]!, timeMs };
    if (timeMs < newest[partition]! - BOUND_MS) late++;
    else kept.push(bid);
    newest[partition] = Math.max(newest[partition]!, timeMs);
    const dateTime = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '');
    const { auction, price, channel } = bid;
    return { value: JSON.stringify({ auction, bidder: i, price, channel, url: `https://x/${i}`, dateTime, extra: 'e' }), partition };
  }

  function windows(): Map<string, readonly [number, number]> {
    const found = new Map<string, readonly [number, number]>();
    for (const { auction, timeMs, price } of kept) {
      const key = `${auction}|${Math.floor(timeMs / WINDOW_MS) * WINDOW_MS}`;
      const [count, top] = found.get(key) ?? [0, 0];
      found.set(key, [count + 1, Math.max(top, price)]);
    }
    return found;
  }

  return {
    next: (count) => Array.from({ length: count }, one),
    perChannel: () => {
      const sums = new Map<string, readonly [number, number]>();
      for (const { channel, price } of kept) {
        if (price <= 100) continue;
        const [count, total] = sums.get(channel) ?? [0, 0];
        sums.set(channel, [count + 1, total + price]);
      }
      return new Map([...sums].filter(([, [count]]) => count > 1));
    },
    windows,
    closedWindows: () => {
      const watermark = Math.min(...newest) - BOUND_MS;
      const closed = new Map<string, number>();
      for (const [key, [, top]] of windows()) {
        const [auction, start] = key.split('|');
        const endMs = Number(start) + WINDOW_MS;
        if (endMs <= watermark) closed.set(`${auction}|${endMs}`, top);
      }
      return closed;
    },
    get bids() {
      return kept.length;
    },
    get bad() {
      return bad;
    },
    get late() {
      return late;
    },
  };
}
