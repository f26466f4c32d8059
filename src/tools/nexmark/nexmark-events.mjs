/**
 * Deterministic Nexmark events as JSON lines, in the form of the published Kafka mode: one topic of persons, auctions and bids, 1 : 3 : 46, each
 * message with all three keys of which one is an object. About 332 bytes an event on average. Event n is the same whatever was asked for before it.
 */
const CYCLE = 50;
const AUCTIONS_PER_CYCLE = 3;
/** Event time runs at the generator's usual rate unless another is asked for. */
const EVENTS_PER_SECOND = 10_000;
const EPOCH_MS = Date.UTC(2024, 0, 1);
/** Half of the bids go to the newest hot auction, as the published generator has it. */
const HOT_AUCTION_RATIO = 2;
const HOT_SELLER_RATIO = 4;
const HOT_BIDDER_RATIO = 4;
const IN_FLIGHT_AUCTIONS = 100;
const ACTIVE_PEOPLE = 1000;
const FIRST_ID = 1000;
const CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];
const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'];
const CITIES = ['Phoenix', 'Los Angeles', 'San Francisco', 'Boise', 'Portland', 'Bend', 'Redmond', 'Seattle', 'Kent', 'Cheyenne'];
const FIRST_NAMES = ['Peter', 'Paul', 'Luke', 'John', 'Saul', 'Vicky', 'Kate', 'Julie', 'Sarah', 'Deiter', 'Walter'];
const LAST_NAMES = ['Shultz', 'Abrams', 'Spencer', 'White', 'Bartels', 'Walton', 'Smith', 'Jones', 'Noris'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const LINES_A_PIECE = 10_000;

/** Mulberry32: one 32-bit state, started anew for every event so that each can be made alone. */
function randomOf(seed) {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound) => next() % bound;
  const letters = (length) => {
    let text = '';
    for (let at = 0; at < length; at++) text += LETTERS[below(26)];
    return text;
  };
  return { below, letters, pick: (list) => list[below(list.length)], price: () => Math.round(10 ** ((below(1_000_000) / 1_000_000) * 6) * 100) };
}

/** The times of events as texts, `plusMs` later where asked for. */
function timesAt(eventsPerSecond) {
  return (event, plusMs = 0) => {
    const text = new Date(EPOCH_MS + Math.floor((event * 1000) / eventsPerSecond) + plusMs).toISOString();
    return `${text.slice(0, 10)} ${text.slice(11, 23)}`;
  };
}

/** People and auctions that exist when event n is made. */
const newestPerson = (event) => FIRST_ID + Math.floor(event / CYCLE);
const newestAuction = (event) => {
  const inCycle = Math.min(Math.max((event % CYCLE) - 1, -1), AUCTIONS_PER_CYCLE - 1);
  return FIRST_ID + Math.max(0, Math.floor(event / CYCLE) * AUCTIONS_PER_CYCLE + inCycle);
};

function personOf(event, { random, timeText }) {
  const name = `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
  const card = Array.from({ length: 4 }, () => String(1000 + random.below(9000))).join(' ');
  return {
    id: newestPerson(event),
    name,
    emailAddress: `${random.letters(7)}@${random.letters(5)}.com`,
    creditCard: card,
    city: random.pick(CITIES),
    state: random.pick(STATES),
    dateTime: timeText(event),
    extra: random.letters(60 + random.below(60)),
  };
}

function recentPerson(event, random, hotRatio) {
  const newest = newestPerson(event);
  if (random.below(hotRatio) > 0) return Math.floor(newest / 100) * 100 + 1;
  return Math.max(FIRST_ID, newest - random.below(ACTIVE_PEOPLE));
}

function auctionOf(event, { random, timeText }) {
  const initialBid = random.price();
  return {
    id: newestAuction(event),
    itemName: random.letters(5 + random.below(15)),
    description: random.letters(20 + random.below(80)),
    initialBid,
    reserve: initialBid + random.price(),
    dateTime: timeText(event),
    expires: timeText(event, 1000 + random.below(20_000)),
    seller: recentPerson(event, random, HOT_SELLER_RATIO),
    category: 10 + random.below(5),
    extra: random.letters(60 + random.below(100)),
  };
}

function auctionOfBid(event, random, uniformKeys) {
  if (uniformKeys > 0) return random.below(uniformKeys);
  const newest = newestAuction(event);
  const hot = random.below(HOT_AUCTION_RATIO) > 0;
  return hot ? Math.floor(newest / 100) * 100 : Math.max(FIRST_ID, newest - random.below(IN_FLIGHT_AUCTIONS));
}

function bidOf(event, { random, timeText, uniformKeys }) {
  const auction = auctionOfBid(event, random, uniformKeys);
  const bidder = recentPerson(event, random, HOT_BIDDER_RATIO);
  const price = random.price();
  const known = random.below(2) > 0;
  const number = random.below(10_000);
  const channel = known ? random.pick(CHANNELS) : `channel-${number}`;
  const url = `https://www.nexmark.com/${random.letters(5)}/${random.letters(4)}/${random.letters(4)}/item.htm?query=1${known ? '' : `&channel_id=${number}`}`;
  return { auction, bidder, price, channel, url, dateTime: timeText(event), extra: random.letters(62 + random.below(44)) };
}

/**
 * Event n as one JSON text. With `uniformKeys` bids go to any of so many auctions, evenly; with `eventsPerSecond` event time runs at that rate.
 */
export function nexmarkEvent(event, { uniformKeys = 0, eventsPerSecond = EVENTS_PER_SECOND } = {}) {
  const parts = { random: randomOf(event), timeText: timesAt(eventsPerSecond), uniformKeys };
  const inCycle = event % CYCLE;
  if (inCycle === 0) return JSON.stringify({ event_type: 0, person: personOf(event, parts), auction: null, bid: null });
  if (inCycle <= AUCTIONS_PER_CYCLE) return JSON.stringify({ event_type: 1, person: null, auction: auctionOf(event, parts), bid: null });
  return JSON.stringify({ event_type: 2, person: null, auction: null, bid: bidOf(event, parts) });
}

/** Events 0 to count-1 as lines, in pieces of some thousand. Options as of `nexmarkEvent`. */
export function* nexmarkPieces(count, options = {}) {
  for (let event = 0; event < count; event += LINES_A_PIECE) {
    const lines = [];
    for (let at = event; at < Math.min(count, event + LINES_A_PIECE); at++) lines.push(nexmarkEvent(at, options));
    yield lines;
  }
}
