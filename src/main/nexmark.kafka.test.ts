import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../base/index.ts';
import type { ServerSession } from '../session/index.ts';
import { type RunningBroker, reasonToSkipKafkaTests, startBroker } from '../tools/kafka/index.ts';
import { answersTo, type Cell, NEXMARK_NAMES, NEXMARK_QUERIES, nexmarkPieces, nexmarkSource } from '../tools/nexmark/index.ts';
import { openLocalSession, runText } from './local-session.ts';
import { type NexmarkTopic, openNexmarkTopic } from './nexmark-topic.ts';
import { type Database, openDatabase } from './open-database.ts';

const EVENTS = Number(process.env.FSQL_NEXMARK_EVENTS ?? '10000');
/** So slow that every event has a time of its own: the published queries leave open which of two equals comes first. */
const EVENTS_PER_SECOND = 200;
const PARTITIONS = 2;
/** Averages are exact to sixteen digits here and double there. */
const DECIMALS = 4;
/** Bids of an auction that q19 shows. */
const RANKS = 10;

const skip = await reasonToSkipKafkaTests();

describe.skipIf(skip !== undefined)(`Nexmark from Kafka, ${EVENTS} events`, () => {
  const lines = [...nexmarkPieces(EVENTS, { eventsPerSecond: EVENTS_PER_SECOND })].flat();
  let broker: RunningBroker;
  let topic: NexmarkTopic;
  let database: Database;
  let session: ServerSession;

  beforeAll(async () => {
    broker = await startBroker();
    topic = await openNexmarkTopic({ bootstrapServers: broker.bootstrapServers, partitions: PARTITIONS, lines });
    database = await openDatabase({ dataDir: null, slots: 2, host: 'in-thread', logger: silentLogger });
    session = await openLocalSession(database, () => undefined);
    await rows(nexmarkSource(topic.source, NEXMARK_NAMES));
    for (const query of NEXMARK_NAMES) await rows(`CREATE MATERIALIZED VIEW ${query} AS ${NEXMARK_QUERIES[query]}`);
    const relations = [...database.engine.snapshot.relations()].filter(({ name }) => NEXMARK_NAMES.includes(name));
    for (const relation of relations) await database.engine.cluster.jobFinished(String(relation.oid));
  });

  afterAll(async () => {
    await session?.close();
    await database?.close();
    await topic?.close();
    await broker?.stop();
  });

  async function rows(text: string): Promise<(readonly unknown[])[]> {
    const found: (readonly unknown[])[] = [];
    await runText(session, text, ({ result }) => found.push(...(result?.rows ?? [])));
    return found;
  }

  const expected = answersTo(lines);

  test.each([...expected.keys()])('%s gives what its definition says', async (query) => {
    const answer = expected.get(query)!;
    expect(answer.length).toBeGreaterThan(0);
    const numeric = answer[0]!.map((cell) => typeof cell === 'number');
    const actual = (await rows(`SELECT * FROM ${query}`)).map((row) => row.map((cell, at) => (numeric[at] ? Number(cell) : String(cell))));
    expect(sorted(query === 'q19' ? sharedRanks(actual) : actual)).toEqual(sorted(query === 'q19' ? sharedRanks(answer) : answer));
  });

  test('q12 counts every bid once, in windows of ten seconds of the time it was processed at', async () => {
    const counted = await rows('SELECT bidder, sum(bid_count) FROM q12 GROUP BY bidder');
    const bids = await rows('SELECT bidder, count(*) FROM q0 GROUP BY bidder');
    expect(counted.map(String).sort()).toEqual(bids.map(String).sort());
    expect(await rows(`SELECT DISTINCT endtime - starttime, extract(second FROM starttime)::int % 10 FROM q12`)).toEqual([['00:00:10', '0']]);
    expect(await rows('SELECT bidder FROM q12 GROUP BY bidder, starttime HAVING count(*) > 1')).toEqual([]);
  });
});

/**
 * q19 numbers the ten highest bids of each auction by price, and which of two equal prices comes first is open: both get the lower number, and where one of
 * them is the tenth, which of them is there is open as well: only their auction and price are compared.
 */
function sharedRanks(rows: readonly (readonly Cell[])[]): Cell[][] {
  const place = (row: readonly Cell[]): string => `${row[0]} ${row[2]}`;
  const ranks = new Map<string, { lowest: number; isLast: boolean }>();
  for (const row of rows) {
    const rank = Number(row.at(-1));
    const known = ranks.get(place(row));
    ranks.set(place(row), { lowest: Math.min(known?.lowest ?? rank, rank), isLast: known?.isLast === true || rank === RANKS });
  }
  return rows.map((row) => {
    const { lowest, isLast } = ranks.get(place(row))!;
    return isLast ? [row[0]!, row[2]!, lowest] : [...row.slice(0, -1), lowest];
  });
}

/** Rows as texts that compare: numbers to some decimals, in the order of the texts. */
function sorted(rows: readonly (readonly Cell[])[]): string[] {
  return rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toFixed(DECIMALS) : cell)).join(' | ')).sort();
}
