import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, rowsOf, type StreamElement } from '../../batch/index.ts';
import { BellPull, Doorbell } from './doorbell.ts';
import { ringMemory } from './ring.ts';
import { RingChannelReader, RingChannelWriter } from './ring-channel.ts';

/** Longer than any test: a wait that ends by it has missed its ring. */
const NEVER_MS = 3_600_000;

describe('a doorbell', () => {
  it('wakes a sleeper at the first ring, again at its next sleep, and one who falls asleep while it rings', async () => {
    const memory = Doorbell.memory();
    const [sleeper, ringer] = [new Doorbell(memory), new Doorbell(memory)];
    for (let sleep = 0; sleep < 3; sleep++) {
      const seen = sleeper.rings();
      sleeper.announceSleep(true);
      const woken = sleeper.wait(seen, NEVER_MS);
      ringer.ring();
      ringer.ring();
      await woken;
      sleeper.announceSleep(false);
    }
    const seen = sleeper.rings();
    sleeper.announceSleep(true);
    ringer.ring();
    await sleeper.wait(seen, NEVER_MS);
    expect(sleeper.rings()).toBe(7);
  });

  it('is rung for a writer without room once a quarter of the ring is free, not for every frame that is read', () => {
    const { writer, reader, ofWriter } = channel(1024);
    while (writer.hasCredit()) writer.write({ kind: 'watermark', micros: 0n });
    writer.flush();
    const before = ofWriter.rings();
    let read = 0;
    while (ofWriter.rings() === before && reader.read() !== null) read++;
    expect(read).toBeGreaterThan(8);
    while (reader.read() !== null) read++;
    expect(ofWriter.rings()).toBe(before + 1);
    expect(writer.hasCredit()).toBe(true);
  });

  it('is all that two ends need which look only when it rings: nothing is left lying, whatever the sizes', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seededRandom(seed);
      const capacity = 64 << random.nextInt(5);
      const { writer, reader, ofWriter, ofReader } = channel(capacity);
      const sent = Array.from({ length: 60 }, (_, at) => batchOf(at, random.nextInt(60)));
      const got: string[] = [];
      let next = 0;
      let heard = { writer: -1, reader: -1 };
      while (heard.writer !== ofWriter.rings() || heard.reader !== ofReader.rings()) {
        if (heard.writer !== ofWriter.rings()) {
          heard = { ...heard, writer: ofWriter.rings() };
          while (next < sent.length && writer.flush() && writer.hasCredit()) writer.write(sent[next++]!);
          writer.flush();
        }
        if (heard.reader !== ofReader.rings()) {
          heard = { ...heard, reader: ofReader.rings() };
          for (let element = reader.read(); element !== null; element = reader.read()) got.push(textOf(element));
        }
      }
      expect(got, `seed ${seed}, ring of ${capacity} bytes`).toEqual(sent.map(textOf));
    }
  });
});

function channel(capacity: number) {
  const memory = ringMemory(capacity);
  const [forWriter, forReader] = [Doorbell.memory(), Doorbell.memory()];
  return {
    writer: new RingChannelWriter(memory, new BellPull({ bell: forReader, line: 0 })),
    reader: new RingChannelReader(memory, new BellPull({ bell: forWriter, line: 0 })),
    ofWriter: new Doorbell(forWriter),
    ofReader: new Doorbell(forReader),
  };
}

function batchOf(at: number, rows: number): StreamElement {
  return {
    kind: 'data',
    batch: batchFromRows(
      [{ kind: 'int8' }],
      Array.from({ length: rows }, (_, row) => [BigInt(at * 100 + row)]),
    ),
  };
}

function textOf(element: StreamElement): string {
  return element.kind === 'data' ? rowsOf(element.batch).join(';') : element.kind;
}
