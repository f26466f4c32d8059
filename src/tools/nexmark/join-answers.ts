import { groupBy } from './group-by.ts';
import type { Answer, Cell } from './nexmark-answers.ts';
import { type Auction, type Bid, millisOf, type NexmarkData, timeText } from './nexmark-data.ts';

const PRICES_OF_A_SELLER = 11;

/** The auctions that have a bid in their time, each with its winning bid: the highest, of equal ones the first. */
function winningBids({ auctions, bids }: NexmarkData): { readonly auction: Auction; readonly bid: Bid }[] {
  const byAuction = groupBy(bids, (bid) => bid.auction);
  return auctions.flatMap((auction) => {
    const inTime = (byAuction.get(auction.id) ?? []).filter((bid) => bid.dateTime >= auction.dateTime && bid.dateTime <= auction.expires);
    const best = [...inTime].sort((left, right) => right.price - left.price || (left.dateTime < right.dateTime ? -1 : 1))[0];
    return best === undefined ? [] : [{ auction, bid: best }];
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

const timeOf = (time: string): string => timeText(millisOf(time));
const itemCells = (auction: Auction): Cell[] => [
  auction.itemName,
  auction.description,
  auction.initialBid,
  auction.reserve,
  timeOf(auction.dateTime),
];
const saleCells = (auction: Auction): Cell[] => [timeOf(auction.expires), auction.seller, auction.category, auction.extra];

/** What the queries over several streams give, without those of windows. */
export const joinAnswers: Readonly<Record<string, Answer>> = {
  q3: ({ auctions, people }) => {
    const wanted = people.filter((person) => ['OR', 'ID', 'CA'].includes(person.state));
    return auctions
      .filter((auction) => auction.category === 10)
      .flatMap((auction) =>
        wanted.filter((person) => person.id === auction.seller).map((person) => [person.name, person.city, person.state, auction.id]),
      );
  },
  q4: (data) =>
    [...groupBy(winningBids(data), ({ auction }) => auction.category)].map(([category, group]) => [
      category,
      mean(group.map(({ bid }) => bid.price)),
    ]),
  q6: (data) =>
    [...groupBy(winningBids(data), ({ auction }) => auction.seller)].flatMap(([seller, group]) => {
      const prices = [...group].sort((left, right) => (left.bid.dateTime < right.bid.dateTime ? -1 : 1)).map(({ bid }) => bid.price);
      return prices.map((_, last) => [seller, mean(prices.slice(Math.max(0, last + 1 - PRICES_OF_A_SELLER), last + 1))]);
    }),
  q9: (data) =>
    winningBids(data).map(({ auction, bid }) => {
      const bidCells = [bid.auction, bid.bidder, bid.price, timeOf(bid.dateTime), bid.extra];
      return [auction.id, ...itemCells(auction), ...saleCells(auction), ...bidCells];
    }),
  q20: ({ auctions, bids }) => {
    const byId = groupBy(
      auctions.filter((auction) => auction.category === 10),
      (auction) => auction.id,
    );
    return bids.flatMap((bid) =>
      (byId.get(bid.auction) ?? []).map((auction) => [
        ...[bid.auction, bid.bidder, bid.price, bid.channel, bid.url, timeOf(bid.dateTime), bid.extra],
        ...itemCells(auction),
        ...saleCells(auction),
      ]),
    );
  },
};
