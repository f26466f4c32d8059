import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom, silentLogger } from '../../base/index.ts';
import type { SourceChunk } from '../../spi/index.ts';
import { VirtualClock } from '../../tools/sqltest/virtual-clock.ts';
import { LineReader } from './line-reader.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fsql-lines-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Reads a file to its end; `atPoll` sees every chunk before the next poll. */
async function readAll(path: string, bytes: number, atPoll: (chunk: SourceChunk) => void): Promise<void> {
  let wake = (): void => undefined;
  const clock = new VirtualClock(0n);
  const reader = new LineReader({ options: new Map(), columns: [], clock, logger: silentLogger, wake: () => wake() });
  reader.addSplit({ id: path, parameters: { path }, start: 0, end: bytes }, 0);
  while (!reader.status().every((status) => status.finished)) {
    const ready = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const chunk = reader.poll(1000, () => Number.POSITIVE_INFINITY);
    if (chunk === null) await ready;
    else {
      // The read ahead of need has its turn while the chunk is looked at.
      await new Promise((resolve) => setImmediate(resolve));
      atPoll(chunk);
    }
  }
  await reader.close();
}

test('every line of a file of many blocks is there until the next poll, also one longer than a block', async () => {
  const random = seededRandom(11);
  const lines = Array.from({ length: 40_000 }, (_, row) => `${row} ${'x'.repeat(row === 20_000 ? 2_500_000 : random.nextInt(300))}`);
  const text = `${lines.join('\n')}\n`;
  const path = join(folder, 'lines');
  await writeFile(path, text);
  const read: string[] = [];
  const misplaced: string[] = [];
  const buffers = new Set<ArrayBufferLike>();
  await readAll(path, text.length, ({ messages, positions, rowCount }) => {
    const { data, starts, ends } = messages!;
    buffers.add(data.buffer);
    for (let row = 0; row < rowCount; row++) {
      const line = Buffer.from(data.subarray(starts[row], ends[row])).toString();
      if (!text.startsWith(`${line}\n`, positions[row])) misplaced.push(line.slice(0, 20));
      read.push(line);
    }
  });
  expect(misplaced).toEqual([]);
  expect(read.length).toBe(lines.length);
  expect(read.every((line, row) => line === lines[row])).toBe(true);
  // Blocks are about 1 MB, the file 8 MB.
  expect(buffers.size).toBeLessThan(6);
});
