import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, rowsOf, type StreamElement } from '../../batch/index.ts';
import { BellPull, Doorbell } from './doorbell.ts';
import { ringMemory } from './ring.ts';
import { RingChannelReader, RingChannelWriter } from './ring-channel.ts';

function pair(capacity: number): { writer: RingChannelWriter; reader: RingChannelReader } {
  const memory = ringMemory(capacity);
  const bell = new BellPull({ bell: Doorbell.memory(), line: 0 });
  return { writer: new RingChannelWriter(memory, bell), reader: new RingChannelReader(memory, bell) };
}

describe('a ring', () => {
  it('keeps order and content of batches of any size, watermarks and barriers, however often it wraps', () => {
    const seed = 5;
    const random = seededRandom(seed);
    const { writer, reader } = pair(512);
    const sent: string[] = [];
    const got: string[] = [];
    for (let turn = 0; turn < 2_000; turn++) {
      if (writer.flush() && writer.hasCredit()) {
        const element = someElement(random.nextInt(10), random.nextInt(40), turn);
        sent.push(textOf(element));
        writer.write(element);
      }
      for (let reads = random.nextInt(3); reads > 0; reads--) {
        const element = reader.read();
        if (element !== null) got.push(textOf(element));
      }
    }
    for (let turn = 0; turn < 1_000; turn++) {
      writer.flush();
      const element = reader.read();
      if (element !== null) got.push(textOf(element));
    }
    expect(got, `seed ${seed}`).toEqual(sent);
    expect(sent.length).toBeGreaterThan(200);
  });

  it('grants no credit while the reader takes nothing', () => {
    const { writer } = pair(256);
    let written = 0;
    while (writer.flush() && writer.hasCredit() && written < 1_000) {
      writer.write({ kind: 'watermark', micros: BigInt(written) });
      written++;
    }
    expect(written).toBeLessThanOrEqual(17);
  });
});

function someElement(kind: number, rows: number, turn: number): StreamElement {
  if (kind === 0) return { kind: 'watermark', micros: BigInt(turn) };
  if (kind === 1) return { kind: 'barrier', epoch: turn, timestampMicros: 5n, checkpoint: turn % 2 === 0, last: false };
  const values = Array.from({ length: rows }, (_, row) => [BigInt(row + turn), `text ${row}`.repeat(kind)]);
  return { kind: 'data', batch: batchFromRows([{ kind: 'int8' }, { kind: 'text' }], values) };
}

function textOf(element: StreamElement): string {
  if (element.kind === 'data') return `data ${rowsOf(element.batch).join(';')}`;
  return element.kind === 'watermark' ? `watermark ${element.micros}` : `barrier ${element.epoch} ${element.checkpoint}`;
}
