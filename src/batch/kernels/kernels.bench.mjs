/**
 * Speed of scans and group ids as ratios to a plain JSON.parse loop over the same bytes, measured in the same run (absolute times say more about
 * the machine than about the code).
 *
 *   node src/batch/kernels/kernels.bench.mjs
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** The best of so many rounds counts: other work on the machine only ever adds time. */
const ROUNDS = 60;
const ROWS = 4096;

const { JsonScanner, JsonReader, GroupIndex, FixedColumn, BytesColumn, hashRows, encodeBatch, Batch } = await load('src/batch/index.ts');

const events = nexmarkEvents(ROWS);
const messages = joined(events.map((event) => Buffer.from(JSON.stringify(event))));
const bytesEach = messages.data.length / messages.count;

const bidFields = [
  ['auction', 'int8'],
  ['bidder', 'int8'],
  ['price', 'int8'],
  ['channel', 'text'],
  ['url', 'text'],
  ['dateTime', 'timestamp'],
  ['extra', 'text'],
].map(([key, kind]) => ({ path: ['bid', key], kind, precision: 3 }));
const allFields = [
  { path: ['event_type'], kind: 'int4', precision: 0 },
  ...bidFields,
  ...['id', 'name', 'emailAddress', 'creditCard', 'city', 'state', 'dateTime', 'extra'].map((key) => field('person', key)),
  ...['id', 'itemName', 'description', 'initialBid', 'reserve', 'dateTime', 'expires', 'seller', 'category', 'extra'].map((key) =>
    field('auction', key),
  ),
];

const parse = fastest(() => {
  let sum = 0;
  for (let row = 0; row < messages.count; row++) {
    const event = JSON.parse(messages.data.latin1Slice(messages.starts[row], messages.ends[row]));
    if (event.bid !== null) sum += event.bid.price;
  }
  return sum;
});
console.log(`${messages.count} events of ${bytesEach.toFixed(0)} bytes; 1 J = JSON.parse of each = ${each(parse, messages.count)} a row\n`);
const bidScanner = new JsonScanner(bidFields);
report(
  'scan, all bid fields',
  fastest(() => bidScanner.scan(messages)),
);
const allScanner = new JsonScanner(allFields);
report(
  'scan, every field of every event',
  fastest(() => allScanner.scan(messages)),
);
const priceScanner = new JsonScanner([bidFields[2]]);
report(
  'scan, one bid field',
  fastest(() => priceScanner.scan(messages)),
);
const reader = new JsonReader(bidFields.map((bid) => bid.path));
report(
  'TypeScript twin, bid tokens only',
  fastest(() => {
    for (let row = 0; row < messages.count; row++) reader.read(messages.data, messages.starts[row], messages.ends[row]);
  }),
);

console.log();
groupIds('group ids, 1M uniform int64 keys', 1_000_000, 1);
groupIds('group ids, 1M uniform pairs of int64', 1_000_000, 2);
groupIds('group ids, 100 hot int64 keys', 100, 1);
groupIds('group ids, 100 hot pairs', 10, 2);
textGroupIds('group ids, 100k text keys', 100_000);
textGroupIds('group ids, 10 text keys', 10);
encoding();

function report(what, ms) {
  console.log(`${what.padEnd(40)} ${each(ms, messages.count).padStart(9)} a row ${(parse / ms).toFixed(1).padStart(7)} J`);
}

function each(ms, count) {
  return `${((ms * 1e6) / count).toFixed(1)} ns`;
}

function fastest(run, rounds = ROUNDS) {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint();
    run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e6);
  }
  return best;
}

function groupIds(what, distinct, keyCount) {
  const rows = ROWS;
  const batches = Array.from({ length: 244 }, () => Array.from({ length: keyCount }, () => randomInts(rows, distinct)));
  const out = new Int32Array(rows);
  const index = new GroupIndex(Array.from({ length: keyCount }, () => ({ kind: 'int8' })));
  const run = () => {
    for (const keys of batches) index.assign(keys, rows, out);
  };
  const start = process.hrtime.bigint();
  run();
  const first = Number(process.hrtime.bigint() - start) / 1e6;
  const again = fastest(run, 5);
  console.log(`${what.padEnd(40)} ${each(again, rows * batches.length).padStart(9)} a row, first pass ${each(first, rows * batches.length)}`);
}

function randomInts(rows, distinct) {
  const slots = new Float64Array(rows);
  const words = new Int32Array(slots.buffer);
  for (let row = 0; row < rows; row++) words[2 * row] = Math.floor(Math.random() * distinct);
  return new FixedColumn({ kind: 'int8' }, slots, null);
}

function textGroupIds(what, distinct) {
  const rows = ROWS;
  const texts = Array.from({ length: rows }, () => Buffer.from(`channel-${Math.floor(Math.random() * distinct)}`));
  const all = joined(texts);
  const column = new BytesColumn({ kind: 'text' }, { data: all.data, starts: all.starts, ends: all.ends, valid: null });
  const out = new Int32Array(rows);
  const index = new GroupIndex([{ kind: 'text' }]);
  const run = () => {
    for (let batch = 0; batch < 50; batch++) index.assign([column], rows, out);
  };
  console.log(`${what.padEnd(40)} ${each(fastest(run, 5), rows * 50).padStart(9)} a row`);
}

function encoding() {
  const { columns } = bidScanner.scan(messages);
  const types = { text: { kind: 'text' }, int8: { kind: 'int8' }, timestamp: { kind: 'timestamp', precision: 3 } };
  const batchColumns = columns.map((column, index) => {
    const type = types[bidFields[index].kind];
    if (type.kind !== 'text') return new FixedColumn(type, column.slots, null);
    return new BytesColumn(type, { data: messages.data, starts: column.starts, ends: column.ends, valid: null });
  });
  const batch = new Batch(messages.count, batchColumns);
  const size = encodeBatch(batch).length / messages.count;
  console.log(
    `${`encode 7 columns, ${size.toFixed(0)} bytes a row`.padEnd(40)} ${each(
      fastest(() => encodeBatch(batch)),
      messages.count,
    ).padStart(9)} a row`,
  );
  const hashes = new Uint32Array(messages.count);
  console.log(
    `${'hash one int64'.padEnd(40)} ${each(
      fastest(() => hashRows([batchColumns[0]], messages.count, hashes)),
      messages.count,
    ).padStart(9)} a row`,
  );
}

function field(object, key) {
  const kind = ['dateTime', 'expires'].includes(key)
    ? 'timestamp'
    : ['id', 'initialBid', 'reserve', 'seller', 'category'].includes(key)
      ? 'int8'
      : 'text';
  return { path: [object, key], kind, precision: 3 };
}

/** 46 bids to 3 auctions to 1 person, as the generator of Nexmark has it; sizes as in its Kafka topic. */
function nexmarkEvents(count) {
  const letters = (length) => Array.from({ length }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
  const dateTime = (index) =>
    `2024-01-01 00:${String(Math.floor(index / 6000) % 60).padStart(2, '0')}:${String(Math.floor(index / 100) % 60).padStart(2, '0')}.${String((index * 7) % 1000).padStart(3, '0')}`;
  return Array.from({ length: count }, (_, index) => {
    const slot = index % 50;
    if (slot === 0) {
      const person = {
        id: 1000 + index,
        name: 'peter jones',
        emailAddress: `${letters(7)}@${letters(5)}.com`,
        creditCard: '1234 5678 9012 3456',
        city: 'seattle',
        state: 'wa',
        dateTime: dateTime(index),
        extra: letters(60),
      };
      return { event_type: 0, person, auction: null, bid: null };
    }
    if (slot < 4) {
      const auction = {
        id: 1000 + index,
        itemName: letters(16),
        description: letters(60),
        initialBid: 120,
        reserve: 1240,
        dateTime: dateTime(index),
        expires: dateTime(index + 999),
        seller: 1000 + (index % 77),
        category: 10 + (index % 5),
        extra: letters(40),
      };
      return { event_type: 1, person: null, auction, bid: null };
    }
    const bid = {
      auction: 1000 + (index % 771),
      bidder: 1000 + (index % 313),
      price: 100 + ((index * 7919) % 100_000),
      channel: `channel-${(index * 31) % 10_000}`,
      url: `https://www.nexmark.com/${letters(5)}/${letters(5)}/${letters(5)}/item.htm?query=1&channel_id=${(index * 104_729) % 1_000_000_000}`,
      dateTime: dateTime(index),
      extra: letters(52),
    };
    return { event_type: 2, person: null, auction: null, bid };
  });
}

function joined(parts) {
  const starts = new Int32Array(parts.length);
  const ends = new Int32Array(parts.length);
  let at = 0;
  parts.forEach((part, index) => {
    starts[index] = at;
    at += part.length;
    ends[index] = at;
  });
  return { data: Buffer.concat(parts), starts, ends, count: parts.length, bytes: at };
}

async function load(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString('base64')}`);
}
