import { groupBy } from './group-by.ts';
import type { Answer } from './nexmark-answers.ts';
import { type Bid, millisOf, timeText } from './nexmark-data.ts';

const SIZE_MS = 10_000;
const HOP_MS = 2000;
const SESSION_GAP_MS = 10_000;

const startOf = (time: string): number => Math.floor(millisOf(time) / SIZE_MS) * SIZE_MS;

/** The starts of all sliding windows that a time lies in. */
function hopsOf(time: string): number[] {
  const millis = millisOf(time);
  const last = Math.floor(millis / HOP_MS) * HOP_MS;
  const starts: number[] = [];
  for (let start = last; start > millis - SIZE_MS; start -= HOP_MS) starts.push(start);
  return starts;
}

/** Bids of one bidder cut where nothing came for longer than a gap: as in Flink, windows that touch are one. */
function sessionsOf(bids: readonly Bid[]): number[][] {
  const times = bids.map((bid) => millisOf(bid.dateTime)).sort((left, right) => left - right);
  const sessions: number[][] = [];
  for (const time of times) {
    const current = sessions.at(-1);
    if (current === undefined || time > current.at(-1)! + SESSION_GAP_MS) sessions.push([time]);
    else current.push(time);
  }
  return sessions;
}

/** What the queries with windows in event time give. */
export const windowAnswers: Readonly<Record<string, Answer>> = {
  q5: ({ bids }) => {
    const inWindows = bids.flatMap((bid) => hopsOf(bid.dateTime).map((start) => ({ start, auction: bid.auction })));
    return [...groupBy(inWindows, ({ start }) => start).values()].flatMap((window) => {
      const counts = [...groupBy(window, ({ auction }) => auction)].map(([auction, group]) => [auction, group.length] as const);
      const most = Math.max(...counts.map(([, count]) => count));
      return counts.filter(([, count]) => count === most);
    });
  },
  // As published, the end belongs to the window before as well as to the one that begins there.
  q7: ({ bids }) =>
    [...groupBy(bids, (bid) => startOf(bid.dateTime))].flatMap(([start, window]) => {
      const highest = Math.max(...window.map((bid) => bid.price));
      const inTime = (bid: Bid): boolean => millisOf(bid.dateTime) >= Number(start) && millisOf(bid.dateTime) <= Number(start) + SIZE_MS;
      return bids
        .filter((bid) => bid.price === highest && inTime(bid))
        .map((bid) => [bid.auction, bid.price, bid.bidder, timeText(millisOf(bid.dateTime)), bid.extra]);
    }),
  q8: ({ people, auctions }) => {
    const sellers = new Set(auctions.map((auction) => `${auction.seller} ${startOf(auction.dateTime)}`));
    const newcomers = groupBy(people, (person) => `${person.id} ${person.name} ${startOf(person.dateTime)}`);
    return [...newcomers.values()]
      .map(([person]) => ({ person, start: startOf(person.dateTime) }))
      .filter(({ person, start }) => sellers.has(`${person.id} ${start}`))
      .map(({ person, start }) => [person.id, person.name, timeText(start)]);
  },
  q11: ({ bids }) =>
    [...groupBy(bids, (bid) => bid.bidder)].flatMap(([bidder, group]) =>
      sessionsOf(group).map((times) => [bidder, times.length, timeText(times[0]!), timeText(times.at(-1)! + SESSION_GAP_MS)]),
    ),
};
