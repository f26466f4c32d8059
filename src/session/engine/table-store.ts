import type { Clock } from '../../base/index.ts';
import { type Batch, batchFromRows, rowsOf } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { Cluster } from '../../cluster/index.ts';
import { Locks } from './locks.ts';
import { relationId } from './relation-jobs.ts';
import { type CommitStamp, type Row, rowKey, type TableChanges, TableContent } from './table-content.ts';

/** What a commit is about to write. */
export interface PreparedChanges {
  /** The stored tables among its relations. */
  readonly tables: readonly Relation[];
  readonly stamp: CommitStamp;
  readonly writes: readonly { readonly relation: string; readonly batch: Batch }[];
}

/**
 * Writing side of stored tables and embedded streams: decides in one place and one order what a commit may do, then appends it to the log as
 * one record. A table's rows are loaded when it is first written to.
 */
export class TableStore {
  readonly locks: Locks;
  readonly #cluster: Cluster;
  readonly #contents = new Map<string, Promise<TableContent>>();
  #lastEpoch = 0;
  /** What nobody here has been told of, but is in the log, is part of an epoch: an earlier server may have left it, or a write that failed behind the log. */
  #caughtUp: Promise<number> | null;

  /** `afresh`: there is nothing in the log. */
  constructor(cluster: Cluster, { clock, afresh }: { readonly clock: Clock; readonly afresh: boolean }) {
    this.#cluster = cluster;
    this.locks = new Locks(clock);
    this.#caughtUp = afresh ? Promise.resolve(0) : null;
  }

  /** Epoch from which the newest commit is visible, whoever has made it: what a table's writers have to read. */
  async newestEpoch(): Promise<number> {
    await this.caughtUpEpoch();
    return this.#lastEpoch;
  }

  /** Epoch from which everything is visible that was in the log before this server. */
  caughtUpEpoch(): Promise<number> {
    this.#caughtUp ??= this.#catchUp();
    return this.#caughtUp;
  }

  content(relation: Relation): Promise<TableContent> {
    let content = this.#contents.get(relationId(relation));
    if (content === undefined) {
      content = this.#load(relation);
      this.#contents.set(relationId(relation), content);
      const loading = content;
      loading.catch(() => {
        // It may have been forgotten meanwhile, and what was loaded since may have been written to.
        if (this.#contents.get(relationId(relation)) === loading) this.forget(relation);
      });
    }
    return content;
  }

  forget(relation: Relation): void {
    this.#contents.delete(relationId(relation));
  }

  /**
   * Commits changes of one transaction. `readEpoch` is the epoch an explicit block has read, null for what was read under locks, or not at all. Resolves when the rows are
   * durable and complete in their own relations. Errors: 40001, 23505; nothing is applied then.
   */
  async commit(changes: readonly TableChanges[], readEpoch: number | null): Promise<number> {
    return this.write(await this.prepare(changes, readEpoch));
  }

  /** Changes that have been checked, and count as made: `write` or `abandon` comes next. Errors: 40001, 23505. */
  async prepare(changes: readonly TableChanges[], readEpoch: number | null): Promise<PreparedChanges> {
    const netted = netByRelation(changes);
    const tables = netted.filter((one) => !one.relation.appendOnly);
    const contents = await Promise.all(tables.map((one) => this.content(one.relation)));
    const stamp: CommitStamp = { epoch: Number.POSITIVE_INFINITY };
    tables.forEach((one, index) => contents[index]!.check(one, readEpoch));
    tables.forEach((one, index) => contents[index]!.apply(one, stamp));
    const writes = netted
      .map((one) => ({ relation: relationId(one.relation), batch: changesBatch(one) }))
      .filter((write) => write.batch.rowCount > 0);
    return { tables: tables.map((one) => one.relation), stamp, writes };
  }

  /** Resolves to the epoch from which they are visible. */
  async write(prepared: PreparedChanges): Promise<number> {
    try {
      const { writes, stamp } = prepared;
      const epoch = await this.#cluster.write(writes);
      stamp.epoch = epoch;
      this.#lastEpoch = Math.max(this.#lastEpoch, epoch);
      const relations = writes.filter(({ batch }) => batch.rowCount > 0).map(({ relation }) => relation);
      const pinned = await this.#cluster.pin(relations, epoch);
      pinned.release();
      return epoch;
    } catch (error) {
      this.abandon(prepared);
      throw error;
    }
  }

  /** The log did not take them, or nobody knows: what memory says is not what is durable, so it is read again. */
  abandon({ tables }: PreparedChanges): void {
    for (const relation of tables) this.forget(relation);
    this.#caughtUp = null;
  }

  /** Rows for a new table that nobody knows yet: durable, and there, when it resolves. */
  async fill(relation: Relation, rows: readonly Row[]): Promise<void> {
    const id = relationId(relation);
    const epoch = await this.#cluster.write([{ relation: id, batch: changesBatch({ relation, removed: [], added: rows }) }]);
    const pinned = await this.#cluster.pin([id], epoch);
    pinned.release();
    this.#lastEpoch = Math.max(this.#lastEpoch, epoch);
  }

  /** A crash may have come between a record and the epoch that takes it in: what is behind an empty record now is behind all of them. */
  async #catchUp(): Promise<number> {
    try {
      const epoch = await this.#cluster.write([]);
      this.#lastEpoch = Math.max(this.#lastEpoch, epoch);
      return epoch;
    } catch (error) {
      this.#caughtUp = null;
      throw error;
    }
  }

  async #load(relation: Relation): Promise<TableContent> {
    return new TableContent(relation, await this.rows(relation));
  }

  /** The committed rows, multiplicity expanded. */
  async rows(relation: Relation): Promise<readonly Row[]> {
    const id = relationId(relation);
    const pinned = await this.#cluster.pin([id], await this.newestEpoch());
    try {
      const rows: Row[] = [];
      const columns = relation.columns.map((_, index) => index);
      for await (const batch of this.#cluster.scan(id, pinned, { columns })) {
        rowsOf(batch).forEach((row, index) => {
          const weight = batch.weights === null ? 1 : batch.weights[index]!;
          for (let i = 0; i < weight; i++) rows.push(row);
        });
      }
      return rows;
    } finally {
      pinned.release();
    }
  }
}

/** All changes of a transaction as one per relation; a row it added and removed again leaves no trace. */
export function netByRelation(changes: readonly TableChanges[]): TableChanges[] {
  const byOid = new Map<number, { relation: Relation; removed: Row[]; added: Map<string, Row[]> }>();
  for (const one of changes) {
    const net = byOid.get(one.relation.oid) ?? { relation: one.relation, removed: [], added: new Map<string, Row[]>() };
    byOid.set(one.relation.oid, net);
    for (const row of one.removed) {
      if (net.added.get(rowKey(one.relation, row))?.pop() === undefined) net.removed.push(row);
    }
    for (const row of one.added) {
      const key = rowKey(one.relation, row);
      const same = net.added.get(key);
      if (same === undefined) net.added.set(key, [row]);
      else same.push(row);
    }
  }
  return [...byOid.values()].map((net) => ({ ...net, added: [...net.added.values()].flat() }));
}

function changesBatch(changes: TableChanges): Batch {
  const types = changes.relation.columns.map((column) => column.type);
  const rows = [...changes.removed, ...changes.added];
  if (changes.removed.length === 0) return batchFromRows(types, rows);
  return batchFromRows(
    types,
    rows,
    rows.map((_, index) => (index < changes.removed.length ? -1 : 1)),
  );
}
