import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqlError, SqlState } from '../../base/index.ts';
import type { ScratchChange, ScratchDatabase, ScratchDatabaseFactory } from '../leveldb/index.ts';
import { levelScratchPlace } from './level-scratch.ts';
import { WrittenBehind } from './written-behind.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : new TextDecoder().decode(bytes));

/** A database in memory that writes when it is told to, and can fail or rot. */
class SlowDatabase implements ScratchDatabaseFactory, ScratchDatabase {
  readonly values = new Map<string, Uint8Array>();
  readonly written: number[] = [];
  #waiting: (() => void)[] = [];
  failure: SqlError | null = null;
  destroyed = false;

  async open(): Promise<ScratchDatabase> {
    return this;
  }

  getSync(key: Uint8Array): Uint8Array | undefined {
    return this.values.get(key.toString());
  }

  async write(changes: readonly ScratchChange[]): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.failure !== null) throw this.failure;
    this.written.push(changes.length);
    for (const { key, value } of changes) {
      if (value === null) this.values.delete(key.toString());
      else this.values.set(key.toString(), value);
    }
  }

  async close(): Promise<void> {
    return undefined;
  }

  async destroy(): Promise<void> {
    this.destroyed = true;
  }

  /** Lets writes happen until none is under way. */
  async flush(): Promise<void> {
    for (let turn = 0; turn < 20; turn++) {
      for (const resume of this.#waiting.splice(0)) resume();
      await Promise.resolve();
    }
  }
}

function scratchOver(database: SlowDatabase): { readonly scratch: WrittenBehind; readonly woken: () => number } {
  let woken = 0;
  const scratch = new WrittenBehind(database, { name: 'test', wake: () => woken++, closed: () => undefined });
  return { scratch, woken: () => woken };
}

describe('a scratch that is written behind', () => {
  test('reads what is not written yet, and the same afterwards', async () => {
    const database = new SlowDatabase();
    const { scratch } = scratchOver(database);
    scratch.put(1, bytesOf('one'));
    scratch.put(2 ** 40, bytesOf('large'));
    await Promise.resolve();
    scratch.put(1, bytesOf('two'));
    scratch.put(3, bytesOf('gone'));
    scratch.remove(3);
    const seen = (): unknown[] => [1, 2 ** 40, 3, 4].map((key) => textOf(scratch.get(key)));
    expect(seen()).toEqual(['two', 'large', undefined, undefined]);
    await database.flush();
    expect(seen()).toEqual(['two', 'large', undefined, undefined]);
    expect(database.values.size).toBe(2);
    scratch.remove(1);
    expect(scratch.get(1)).toBeUndefined();
    await database.flush();
    expect(scratch.get(1)).toBeUndefined();
    await scratch.close();
    expect(database.destroyed).toBe(true);
  });

  test('lets its owner wait while much is to be written, and wakes it', async () => {
    const database = new SlowDatabase();
    const { scratch, woken } = scratchOver(database);
    for (let key = 0; key < 40; key++) scratch.put(key, new Uint8Array(1024 * 1024));
    expect(scratch.ready()).toBe(false);
    await database.flush();
    expect(scratch.ready()).toBe(true);
    expect(woken()).toBeGreaterThan(0);
  });

  test('fails with what a write has failed with, whatever comes next', async () => {
    const database = new SlowDatabase();
    const { scratch, woken } = scratchOver(database);
    database.failure = new SqlError({ code: SqlState.diskFull, message: 'could not write to "test": no space left on device', class: 'external' });
    scratch.put(1, bytesOf('one'));
    await database.flush();
    expect(woken()).toBe(1);
    for (const call of [() => scratch.ready(), () => scratch.get(2), () => scratch.put(2, bytesOf('two'))]) {
      expect(call).toThrow(expect.objectContaining({ code: '53100', message: expect.stringContaining('no space left') }));
    }
    await scratch.close();
    expect(database.destroyed).toBe(true);
  });

  test('finds a flipped bit', async () => {
    const database = new SlowDatabase();
    const { scratch } = scratchOver(database);
    scratch.put(1, bytesOf('one'));
    await database.flush();
    for (const value of database.values.values()) value[0]! ^= 1;
    expect(() => scratch.get(1)).toThrow(
      expect.objectContaining({ code: 'XX001', message: expect.stringContaining('spilled to "test" is damaged') }),
    );
  });
});

describe('scratches in LevelDB', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'fsql-scratch-test-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('begin empty, whatever an earlier process has left, and leave nothing', async () => {
    const left = join(directory, 'before');
    mkdirSync(join(left, '1'), { recursive: true });
    writeFileSync(join(left, '1', 'CURRENT'), 'left by a process that was killed');
    const place = levelScratchPlace(directory, 'now');
    const untouched = place.open(() => undefined);
    expect(untouched.get(1)).toBeUndefined();
    const scratch = place.open(() => undefined);
    scratch.put(7, bytesOf('seven'));
    await untilWritten(scratch);
    expect([textOf(scratch.get(7)), scratch.get(8)]).toEqual(['seven', undefined]);
    await scratch.close();
    expect([existsSync(left), existsSync(join(directory, 'now'))]).toEqual([false, true]);
    await place.close();
    expect(existsSync(join(directory, 'now'))).toBe(false);
  });
});

/** Long enough for a small write; what is read is the same before and after. */
async function untilWritten(scratch: { ready(): boolean }): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    scratch.ready();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
