import { groupBy } from './group-by.ts';
import type { Answer, Cell } from './nexmark-answers.ts';
import { type Bid, millisOf, timeText } from './nexmark-data.ts';

/** The published side input has a row for each of so many keys. */
const SIDE_INPUT_KEYS = 10_000;
const RATE_IN_THOUSANDTHS = 908;

const timeOf = (bid: Bid): string => timeText(millisOf(bid.dateTime));
const dayOf = (bid: Bid): string => bid.dateTime.slice(0, 10);
const minuteOf = (bid: Bid): string => bid.dateTime.slice(11, 16);
const euros = (bid: Bid): number => (bid.price * RATE_IN_THOUSANDTHS) / 1000;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Of all bids and of three ranges of the price: how many different values. */
function ranges(bids: readonly Bid[], what: (bid: Bid) => unknown): number[] {
  const inRanges = [
    () => true,
    (price: number) => price < 10_000,
    (price: number) => price >= 10_000 && price < 1_000_000,
    (price: number) => price >= 1_000_000,
  ];
  return inRanges.map((inRange) => new Set(bids.filter((bid) => inRange(bid.price)).map(what)).size);
}

const countBids = (bids: readonly Bid[]): number[] => ranges(bids, (bid) => bid);
const countAll = (bids: readonly Bid[]): number[] => [
  ...countBids(bids),
  ...ranges(bids, (bid) => bid.bidder),
  ...ranges(bids, (bid) => bid.auction),
];

function timeOfDay(bid: Bid): string {
  const hour = Number(bid.dateTime.slice(11, 13));
  if (hour >= 8 && hour <= 18) return 'dayTime';
  return hour <= 6 || hour >= 20 ? 'nightTime' : 'otherTime';
}

const KNOWN_CHANNELS: Readonly<Record<string, string>> = { apple: '0', google: '1', facebook: '2', baidu: '3' };

function channelId(bid: Bid): string | undefined {
  return KNOWN_CHANNELS[bid.channel.toLowerCase()] ?? /(&|^)channel_id=([^&]*)/.exec(bid.url)?.[2];
}

/** What the queries over bids alone give, without those of windows in event time. */
export const bidAnswers: Readonly<Record<string, Answer>> = {
  q0: ({ bids }) => bids.map((bid) => [bid.auction, bid.bidder, bid.price, timeOf(bid), bid.extra]),
  q1: ({ bids }) => bids.map((bid) => [bid.auction, bid.bidder, euros(bid), timeOf(bid), bid.extra]),
  q2: ({ bids }) => bids.filter((bid) => bid.auction % 123 === 0).map((bid) => [bid.auction, bid.price]),
  q10: ({ bids }) => bids.map((bid) => [bid.auction, bid.bidder, bid.price, timeOf(bid), bid.extra, dayOf(bid), minuteOf(bid)]),
  q13: ({ bids }) => bids.map((bid) => [bid.auction, bid.bidder, bid.price, timeOf(bid), `value of ${bid.auction % SIDE_INPUT_KEYS}`]),
  q14: ({ bids }) =>
    bids
      .filter((bid) => euros(bid) > 1_000_000 && euros(bid) < 50_000_000)
      .map((bid): Cell[] => [bid.auction, bid.bidder, euros(bid), timeOfDay(bid), timeOf(bid), bid.extra, bid.extra.split('c').length - 1]),
  q15: ({ bids }) => [...groupBy(bids, dayOf)].map(([day, group]) => [day, ...countAll(group)]),
  q16: ({ bids }) =>
    [...groupBy(bids, (bid) => `${bid.channel} ${dayOf(bid)}`).values()].map((group) => [
      group[0].channel,
      dayOf(group[0]),
      group.map(minuteOf).sort().at(-1)!,
      ...countAll(group),
    ]),
  q17: ({ bids }) =>
    [...groupBy(bids, (bid) => `${bid.auction} ${dayOf(bid)}`).values()].map((group) => {
      const prices = group.map((bid) => bid.price);
      const total = sum(prices);
      return [group[0].auction, dayOf(group[0]), ...countBids(group), Math.min(...prices), Math.max(...prices), total / prices.length, total];
    }),
  q18: ({ bids }) =>
    [...groupBy(bids, (bid) => `${bid.bidder} ${bid.auction}`).values()].map((group) => {
      const newest = group.reduce((left, right) => (right.dateTime > left.dateTime ? right : left));
      return [newest.auction, newest.bidder, newest.price, newest.channel, newest.url, timeOf(newest), newest.extra];
    }),
  q19: ({ bids }) =>
    [...groupBy(bids, (bid) => bid.auction).values()].flatMap((group) =>
      [...group]
        .sort((left, right) => right.price - left.price)
        .slice(0, 10)
        .map((bid, index) => [bid.auction, bid.bidder, bid.price, bid.channel, bid.url, timeOf(bid), bid.extra, index + 1]),
    ),
  q21: ({ bids }) =>
    bids.flatMap((bid) => {
      const id = channelId(bid);
      return id === undefined ? [] : [[bid.auction, bid.bidder, bid.price, bid.channel, id]];
    }),
  q22: ({ bids }) => bids.map((bid) => [bid.auction, bid.bidder, bid.price, bid.channel, ...bid.url.split('/').slice(3, 6)]),
};
