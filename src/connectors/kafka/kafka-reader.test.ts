import { expect, test } from 'vitest';
import { type Random, seededRandom, silentLogger } from '../../base/index.ts';
import { readDatum } from '../../batch/index.ts';
import { VirtualClock } from '../../tools/sqltest/index.ts';
import { KafkaReader } from './kafka-reader.ts';
import type { OpenLink } from './protocol/index.ts';
import type { FetchAnswer } from './protocol/wire/index.ts';
import { MODEL_SERVERS, ModelCluster, modelLinks, noFaults } from './testing/index.ts';

const TOPIC = 't';
/** Partition n of the topic is led by a broker of its own. */
const PARTITIONS = 2;

/** Requests take no time but the clock's. */
const random: Random = { ...seededRandom(1), nextInt: () => 0 };

class World {
  readonly clock = new VirtualClock(0n);
  readonly kafka = new ModelCluster(this.clock, random);
  readonly reader: KafkaReader;

  /** Reads the first `splits` partitions; others can be added. */
  constructor(around: (links: OpenLink) => OpenLink = (links) => links, splits: number = PARTITIONS) {
    this.kafka.createTopic(TOPIC, PARTITIONS);
    const options = new Map([
      ['topic', TOPIC],
      ['properties.bootstrap.servers', MODEL_SERVERS],
    ]);
    const context = { options, columns: [], clock: this.clock, logger: silentLogger, wake: () => undefined };
    this.reader = new KafkaReader(context, around(modelLinks(this.kafka, random, () => noFaults)));
    for (let partition = 0; partition < splits; partition++) this.addSplit(partition, 0);
  }

  addSplit(partition: number, position: number): void {
    this.reader.addSplit({ id: String(partition), parameters: {}, start: 0, end: null }, position);
  }

  /** A batch of so many records. */
  append(partition: number, count = 1): void {
    const record = { key: null, value: new TextEncoder().encode('{}'), timestampMs: 0 };
    this.kafka.append(
      TOPIC,
      partition,
      Array.from({ length: count }, () => record),
    );
  }

  /** Lets requests and answers come. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms;
    while (this.clock.monotonicMs() < endMs) {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      this.clock.advanceTo(this.clock.nowMicros() + 1_000n);
    }
  }

  /** Polls with limits, and returns the rows of each partition that came. */
  async read(limits: readonly number[], polls: number): Promise<number[]> {
    const rows = limits.map(() => 0);
    for (let poll = 0; poll < polls; poll++) {
      const chunk = this.reader.poll(10, (split) => limits[Number(split)]!);
      if (chunk !== null) rows[Number(chunk.split)]! += chunk.rowCount;
      await this.pass(5);
    }
    return rows;
  }
}

test('a partition that is at its limit does not keep the others from theirs', async () => {
  const world = new World();
  for (let fetch = 0; fetch < 3; fetch++) {
    world.append(0);
    await world.pass(20);
  }
  world.append(1);
  await world.pass(20);
  // As in a replay: of partition 0 one record belongs to the epoch, and more is fetched already.
  expect(await world.read([1, 1], 10)).toEqual([1, 1]);
  expect(await world.read([3, 1], 10)).toEqual([2, 0]);
  await world.reader.close();
});

test('a partition at its limit is not fetched on and on', async () => {
  const world = new World();
  let fetched = 0;
  for (; fetched < 20; fetched++) {
    world.append(0);
    await world.read([1, 1], 4);
  }
  // How far the newest answer says that the partition goes.
  const known = world.reader.status().find(({ split }) => split === '0')!.endPosition!;
  expect(known).toBeLessThan(fetched / 2);
  expect(await world.read([100, 100], 60)).toEqual([19, 0]);
  await world.reader.close();
});

/** Ends the records of each fetch with a batch that the fetch size has cut off, as brokers do; `ends` are the bytes of these. */
function cuttingOff(links: OpenLink, ends: Uint8Array[]): OpenLink {
  const cut = (records: Uint8Array): Uint8Array => {
    if (records.length === 0) return records;
    const longer = new Uint8Array(2 * records.length - 1);
    longer.set(records);
    longer.set(records.subarray(0, -1), records.length);
    ends.push(longer.subarray(records.length));
    return longer;
  };
  return (...target) => {
    const link = links(...target);
    return {
      address: link.address,
      get closed() {
        return link.closed;
      },
      send: async (request, waitMs) => {
        const answer = await link.send(request, waitMs);
        if (request.api.name !== 'Fetch') return answer;
        const { partitions } = answer as unknown as FetchAnswer;
        return { ...answer, partitions: partitions.map((one) => ({ ...one, records: cut(one.records) })) };
      },
      close: () => link.close(),
    };
  };
}

test('records that have been read are not looked at again: others may lie there by then', async () => {
  const ends: Uint8Array[] = [];
  const world = new World((links) => cuttingOff(links, ends));
  world.append(0);
  await world.pass(20);
  expect(await world.read([10, 10], 4)).toEqual([1, 0]);
  // Now the batch is whole, as when another answer has been received into the same memory: twelve bytes in front of what its length counts.
  for (const end of ends) new DataView(end.buffer, end.byteOffset).setInt32(8, end.length - 12);
  expect(await world.read([10, 10], 4)).toEqual([0, 0]);
  world.append(0);
  await world.pass(20);
  expect(await world.read([10, 10], 4)).toEqual([1, 0]);
  await world.reader.close();
});

test('a limit inside a batch is kept to the record, and what is behind it comes when it may', async () => {
  const world = new World();
  world.append(0, 7);
  await world.pass(20);
  expect(await world.read([3, 0], 10)).toEqual([3, 0]);
  expect(await world.read([4, 0], 10)).toEqual([1, 0]);
  expect(await world.read([100, 0], 10)).toEqual([3, 0]);
  await world.reader.close();
});

test('a partition that is added while others are read begins where it is told to', async () => {
  const world = new World(undefined, 1);
  world.append(0);
  world.append(1, 5);
  await world.pass(20);
  expect(await world.read([100], 10)).toEqual([1]);
  world.addSplit(1, 2);
  await world.pass(20);
  expect(await world.read([100, 100], 10)).toEqual([0, 3]);
  await world.reader.close();
});

test('a position that the partition does not have fails, unless the user has said otherwise', async () => {
  const world = new World(undefined, 0);
  world.append(1, 5);
  world.addSplit(1, 9);
  await world.pass(20);
  expect(() => world.reader.poll(10, () => 100)).toThrow(
    expect.objectContaining({
      class: 'user',
      message: 'offset 9 of partition 1 of topic "t" does not exist',
      detail: 'The partition has offsets 0 to 5.',
    }),
  );
  await world.reader.close();
});

test('headers of records come as a column of all and a column of one', async () => {
  const world = new World();
  const headers = [
    { key: 'a', value: Uint8Array.of(1) },
    { key: 'b', value: null },
    { key: 'a', value: Uint8Array.of(2) },
  ];
  const record = { key: null, value: new TextEncoder().encode('{}'), timestampMs: 0 };
  world.kafka.append(TOPIC, 0, [{ ...record, headers }, record]);
  await world.pass(20);
  const { metadata } = world.reader.poll(10, () => 10)!;
  const values = (key: string) => [0, 1].map((row) => readDatum(metadata.get(key)!, row));
  expect(values('headers')).toEqual([{ elements: headers.map(({ key, value }) => ({ fields: [key, value] })) }, { elements: [] }]);
  expect(values('headers.a')).toEqual([Uint8Array.of(2), null]);
  expect(values('headers.b')).toEqual([null, null]);
  await world.reader.close();
});
