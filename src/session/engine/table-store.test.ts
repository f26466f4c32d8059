import { expect, test } from 'vitest';
import { SqlState } from '../../base/index.ts';
import { type Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import { testRelation } from '../../catalog/test-relation.ts';
import type { Cluster, WriteRequest } from '../../cluster/index.ts';
import { TestClock } from '../../cluster/testing/index.ts';
import type { Row } from './table-content.ts';
import { TableStore } from './table-store.ts';

const accounts = testRelation(16384, 'accounts');
const types = accounts.columns.map(({ type }) => type);

/** What a table's writers ask of a cluster: a log, and epochs that take in what is there of it. What an earlier server has left is in no epoch yet. */
class LoggedRows {
  epoch = 10;
  /** The log takes a write, and who has asked for it hears of an error. */
  failsBehindLog = false;
  /** What the next reading of rows waits for. */
  nextScan: Promise<void> = Promise.resolve();
  #left: (() => void)[] = [];
  readonly #rows = new Map<unknown, Row>();

  constructor(rows: readonly Row[]) {
    for (const row of rows) this.#rows.set(row[0], row);
  }

  /** A record that no epoch has taken in. */
  leave(...rows: readonly Row[]): void {
    this.#left.push(() => {
      for (const row of rows) this.#rows.set(row[0], row);
    });
  }

  cluster(): Cluster {
    const asked: Pick<Cluster, 'write' | 'pin' | 'scan'> = {
      write: async (writes) => {
        this.#append(writes);
        if (this.failsBehindLog) throw new Error('nobody knows');
        for (const take of this.#left.splice(0)) take();
        return ++this.epoch;
      },
      pin: async () => ({ epoch: this.epoch, release: () => undefined }),
      scan: () => this.#content(),
    };
    return asked as Cluster;
  }

  #append(writes: readonly WriteRequest[]): void {
    for (const { batch } of writes) this.leave(...rowsOf(batch).filter((_, row) => batch.weights === null || batch.weights[row]! > 0));
  }

  async *#content(): AsyncGenerator<Batch> {
    const waited = this.nextScan;
    this.nextScan = Promise.resolve();
    await waited;
    yield batchFromRows(types, [...this.#rows.values()]);
  }
}

const store = (rows: LoggedRows): TableStore => new TableStore(rows.cluster(), { clock: new TestClock(), afresh: false });

const change = (before: Row, after: Row) => [{ relation: accounts, removed: [before], added: [after] }];
const conflict = { code: SqlState.serializationFailure };

test('a block that has read before the log of an earlier server was taken in does not overwrite what is there', async () => {
  const rows = new LoggedRows([
    [1, 'a'],
    [2, 'b'],
  ]);
  rows.leave([1, 'left in the log']);
  const readEpoch = rows.epoch;
  const tables = store(rows);
  await expect(tables.commit(change([1, 'a'], [1, 'lost']), readEpoch)).rejects.toMatchObject(conflict);
  // Nobody has changed this one.
  await tables.commit(change([2, 'b'], [2, 'c']), readEpoch);
  expect(await tables.rows(accounts)).toEqual([
    [1, 'left in the log'],
    [2, 'c'],
  ]);
});

test('a statement is to read what an earlier server has left in the log', async () => {
  const rows = new LoggedRows([]);
  rows.leave([1, 'left in the log']);
  const before = rows.epoch;
  expect(await store(rows).newestEpoch()).toBeGreaterThan(before);
});

test('a write that nobody has heard of counts for the next one, whether the log has taken it or not', async () => {
  const rows = new LoggedRows([[1, 'a']]);
  const tables = store(rows);
  const readEpoch = await tables.newestEpoch();
  rows.failsBehindLog = true;
  await expect(tables.commit(change([1, 'a'], [1, 'b']), null)).rejects.toThrow('nobody knows');
  rows.failsBehindLog = false;
  const before = rows.epoch;
  await expect(tables.commit(change([1, 'a'], [1, 'lost']), readEpoch)).rejects.toMatchObject(conflict);
  expect(await tables.newestEpoch()).toBeGreaterThan(before);
  expect(await tables.rows(accounts)).toEqual([[1, 'b']]);
});

test('what is taken out is what is stored, whatever has been read when', async () => {
  const tables = store(new LoggedRows([[1, 'a']]));
  await expect(tables.commit(change([1, 'another'], [1, 'b']), null)).rejects.toMatchObject(conflict);
  await tables.commit(change([1, 'a'], [1, 'b']), null);
});

test('a row that has changed and changed back is another one', async () => {
  const tables = store(new LoggedRows([[1, 'a']]));
  const readEpoch = await tables.newestEpoch();
  await tables.commit(change([1, 'a'], [1, 'b']), null);
  await tables.commit(change([1, 'b'], [1, 'a']), null);
  await expect(tables.commit(change([1, 'a'], [1, 'c']), readEpoch)).rejects.toMatchObject(conflict);
});

test('rows that could not be loaded, as is found late, do not take others with them that were loaded meanwhile', async () => {
  const rows = new LoggedRows([[1, 'a']]);
  const tables = store(rows);
  let fail: (reason: Error) => void = () => undefined;
  rows.nextScan = new Promise((_resolve, reject) => {
    fail = reject;
  });
  const late = tables.content(accounts);
  await tables.newestEpoch();
  tables.forget(accounts);
  const loaded = await tables.content(accounts);
  fail(new Error('restarted'));
  await expect(late).rejects.toThrow('restarted');
  expect(await tables.content(accounts)).toBe(loaded);
});
