import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom, silentLogger } from '../../base/index.ts';
import type { Split } from '../../spi/index.ts';
import { VirtualClock } from '../../tools/sqltest/virtual-clock.ts';
import { LineReader } from './line-reader.ts';
import { listSplits } from './list-splits.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fsql-stripes-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Lines with their numbers, of any length; one of them is longer than two stripes. */
function fileText({ lineFeedAtEnd }: { lineFeedAtEnd: boolean }): string {
  const random = seededRandom(5);
  const lines = Array.from({ length: 100_000 }, (_, row) => `${row} ${'x'.repeat(row === 40_000 ? 9_000_000 : random.nextInt(400))}`);
  return `${lines.join('\n')}${lineFeedAtEnd ? '\n' : ''}`;
}

function splitsOf(path: string, parallelism: number): Promise<readonly Split[]> {
  return listSplits(new Map([['path', path]]), { clock: new VirtualClock(0n), logger: silentLogger, parallelism });
}

interface Read {
  readonly lines: string[];
  readonly positions: number[];
  /** Where each chunk ended, by the number of lines read by then. */
  readonly ends: { readonly lines: number; readonly position: number }[];
}

async function readSplit(split: Split, from: number): Promise<Read> {
  let wake = (): void => undefined;
  const reader = new LineReader({ options: new Map(), columns: [], clock: new VirtualClock(0n), logger: silentLogger, wake: () => wake() });
  reader.addSplit(split, from);
  const read: Read = { lines: [], positions: [], ends: [] };
  try {
    while (!reader.status().every((status) => status.finished)) {
      const ready = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const chunk = reader.poll(1000, () => Number.POSITIVE_INFINITY);
      if (chunk === null) {
        await ready;
        continue;
      }
      const { data, starts, ends } = chunk.messages!;
      const text = Buffer.from(data).toString('latin1');
      for (let row = 0; row < chunk.rowCount; row++) read.lines.push(text.slice(starts[row], ends[row]));
      read.positions.push(...chunk.positions);
      read.ends.push({ lines: read.lines.length, position: chunk.nextPosition });
    }
  } finally {
    await reader.close();
  }
  return read;
}

const number = (line: string): number => Number(line.slice(0, line.indexOf(' ')));

describe('a large file shared out to splits', () => {
  it.each([
    [2, true],
    [3, false],
  ])('is read whole by %i, each line once and at its place', async (parallelism, lineFeedAtEnd) => {
    const text = fileText({ lineFeedAtEnd });
    const path = join(folder, `shared-${parallelism}`);
    await writeFile(path, text);
    const splits = await splitsOf(path, parallelism);
    const reads = await Promise.all(splits.map((split) => readSplit(split, split.start)));
    expect(splits.length).toBe(parallelism);
    for (const { lines, positions } of reads) {
      expect(lines.every((line, at) => text.startsWith(line, positions[at]))).toBe(true);
      expect(positions.every((position, at) => at === 0 || position > positions[at - 1]!)).toBe(true);
    }
    const numbers = reads.flatMap((read) => read.lines.map(number)).sort((left, right) => left - right);
    expect(numbers.length).toBe(100_000);
    expect(numbers.every((row, at) => row === at)).toBe(true);
  });

  it('is read on from wherever a chunk ended', async () => {
    const path = join(folder, 'resumed');
    await writeFile(path, fileText({ lineFeedAtEnd: true }));
    for (const split of await splitsOf(path, 2)) {
      const { lines, ends } = await readSplit(split, split.start);
      for (const end of ends.filter((_, at) => at % 9 === 0 || at === ends.length - 1)) {
        const rest = await readSplit(split, end.position);
        expect(rest.lines.map(number)).toEqual(lines.slice(end.lines).map(number));
      }
    }
  });

  it('is read at about the same pace: no reader is far ahead in it', async () => {
    const path = join(folder, 'paced');
    await writeFile(path, fileText({ lineFeedAtEnd: true }));
    const [first, second] = await Promise.all((await splitsOf(path, 2)).map((split) => readSplit(split, split.start)));
    const halfWay = (read: Read): number => number(read.lines[Math.floor(read.lines.length / 2)]!);
    expect(Math.abs(halfWay(first!) - halfWay(second!))).toBeLessThan(25_000);
  });

  it('fails when it has become shorter', async () => {
    const path = join(folder, 'shorter');
    await writeFile(path, fileText({ lineFeedAtEnd: true }));
    const splits = await splitsOf(path, 2);
    await truncate(path, 3_000_000);
    const message = /has become shorter: it had \d+ bytes to read when the stream was made/;
    for (const split of splits) await expect(readSplit(split, split.start)).rejects.toThrow(message);
  });
});

it('a small file is one split, whoever reads it', async () => {
  const path = join(folder, 'small');
  const handle = await open(path, 'w');
  await handle.write('one\ntwo\n');
  await handle.close();
  expect(await splitsOf(path, 4)).toEqual([{ id: path, parameters: { path }, start: 0, end: 8 }]);
});
