import { assert } from '../../base/index.ts';

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: string;
}

export interface Auction {
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTime: string;
  readonly expires: string;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: string;
  readonly extra: string;
}

/** All events by kind, in the order of their numbers. Times are texts of one form, so they compare as times do. */
export interface NexmarkData {
  readonly people: readonly Person[];
  readonly auctions: readonly Auction[];
  readonly bids: readonly Bid[];
}

/** Reads events as they are written: one JSON text each. */
export function readEvents(lines: Iterable<string>): NexmarkData {
  const people: Person[] = [];
  const auctions: Auction[] = [];
  const bids: Bid[] = [];
  for (const line of lines) {
    const event = JSON.parse(line) as { person: Person | null; auction: Auction | null; bid: Bid | null };
    if (event.person !== null) people.push(event.person);
    else if (event.auction !== null) auctions.push(event.auction);
    else if (event.bid !== null) bids.push(event.bid);
  }
  return { people, auctions, bids };
}

const DAY = '2024-01-01';
const [HOUR_MS, MINUTE_MS, SECOND_MS] = [3_600_000, 60_000, 1000];

/** Milliseconds since the beginning of the day all events lie in. */
export function millisOf(time: string): number {
  assert(time.startsWith(`${DAY} `), 'the events of a test fit one day');
  const [hours, minutes, seconds] = time.slice(DAY.length + 1).split(':');
  return Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS + Math.round(Number(seconds) * SECOND_MS);
}

/** The other way round, as PostgreSQL writes a timestamp: a fraction only where there is one, without trailing zeros. */
export function timeText(millis: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const fraction =
    millis % SECOND_MS === 0
      ? ''
      : `.${String(millis % SECOND_MS)
          .padStart(3, '0')
          .replace(/0+$/, '')}`;
  const clock = [millis / HOUR_MS, (millis % HOUR_MS) / MINUTE_MS, (millis % MINUTE_MS) / SECOND_MS].map((part) => two(Math.floor(part))).join(':');
  return `${DAY} ${clock}${fraction}`;
}
