import { SqlError, SqlState } from '../base/index.ts';
import { type CatalogSnapshot, type Relation, storageNumber } from '../catalog/index.ts';
import type { PinnedEpoch } from '../cluster/index.ts';
import type { Engine, TableChanges } from './engine/index.ts';

/** A savepoint remembers how much had been written when it was set. */
interface Savepoint {
  readonly name: string;
  readonly changeCount: number;
}

/**
 * One transaction: the epoch it reads, the changes it has not committed. Reads see one epoch from its first read to its end; its own changes
 * lie over it. Changes reach the log in one record at commit, so they become visible in one epoch or not at all.
 */
export class Transaction {
  readonly explicit: boolean;
  readonly startMicros: bigint;
  readOnly: boolean;
  failed = false;
  readonly #engine: Engine;
  #pin: PinnedEpoch | null = null;
  #changes: TableChanges[] = [];
  #savepoints: Savepoint[] = [];
  #catalog: CatalogSnapshot | null = null;
  readonly #restarted: Relation[] = [];

  constructor(engine: Engine, options: { readonly explicit: boolean; readonly readOnly: boolean; readonly startMicros: bigint }) {
    this.#engine = engine;
    this.explicit = options.explicit;
    this.readOnly = options.readOnly;
    this.startMicros = options.startMicros;
    engine.readers.enter(this);
  }

  get changes(): readonly TableChanges[] {
    return this.#changes;
  }

  /** The epoch all reads of this transaction use. An explicit transaction pins everything readable at its first read. */
  async pin(relations: readonly string[], atLeast: number): Promise<PinnedEpoch> {
    if (!this.explicit) return this.#engine.cluster.pin(relations, atLeast);
    this.#catalog ??= this.#engine.snapshot;
    this.#pin ??= await this.#engine.cluster.pin(this.#engine.readableRelations(), atLeast);
    return { epoch: this.#pin.epoch, release: () => undefined };
  }

  /** The relations it reads: in a block those there were at its first read, for what replaces one has no rows at the block's epoch. */
  get catalog(): CatalogSnapshot {
    return this.#catalog ?? this.#engine.snapshot;
  }

  /** Epoch of the first read, or null while nothing was read. */
  get readEpoch(): number | null {
    return this.#pin?.epoch ?? null;
  }

  add(changes: TableChanges): void {
    if (this.readOnly) throw new SqlError({ code: SqlState.readOnlySqlTransaction, message: 'cannot write in a read-only transaction' });
    this.#changes.push(changes);
  }

  /** The identity columns of the table begin again once its rows are gone. */
  restartIdentity(relation: Relation): void {
    this.#restarted.push(relation);
  }

  savepoint(name: string): void {
    this.#savepoints.push({ name, changeCount: this.#changes.length });
  }

  releaseSavepoint(name: string): void {
    this.#savepoints.length = this.#indexOfSavepoint(name);
  }

  rollbackToSavepoint(name: string): void {
    const index = this.#indexOfSavepoint(name);
    this.#changes.length = this.#savepoints[index]!.changeCount;
    this.#savepoints.length = index + 1;
    this.failed = false;
  }

  /** Resolves to the epoch from which the changes are visible, or null when there was nothing to commit. */
  async commit(): Promise<number | null> {
    try {
      if (this.#changes.length === 0) return null;
      this.#refuseReplaced();
      if (this.explicit) await this.#lockTables();
      await this.#engine.identities.persist();
      const epoch = await this.#engine.tables.commit(this.#changes, this.readEpoch);
      for (const relation of this.#restarted) await this.#engine.identities.restart(relation);
      return epoch;
    } finally {
      this.release();
    }
  }

  /** Errors: 40001 when a table that was written to has been replaced or dropped meanwhile. */
  #refuseReplaced(): void {
    for (const { relation } of this.#changes) {
      const now = this.#engine.snapshot.relationByOid(relation.oid);
      if (now !== null && storageNumber(now) === storageNumber(relation) && hasSameRules(now, relation)) continue;
      throw new SqlError({
        code: SqlState.serializationFailure,
        message: 'could not serialize access due to concurrent update',
        detail: `"${relation.name}" was replaced, altered or dropped by another session`,
      });
    }
  }

  release(): void {
    this.#engine.readers.leave(this);
    this.#engine.tables.locks.releaseAll(this);
    this.#pin?.release();
    this.#pin = null;
    this.#changes = [];
  }

  /** A block takes its locks only now, so that it never commits in the middle of somebody's statement. */
  async #lockTables(): Promise<void> {
    const oids = new Set(this.#changes.map((one) => one.relation.oid));
    const patient = new AbortController().signal;
    for (const oid of [...oids].sort((left, right) => left - right)) {
      await this.#engine.tables.locks.acquire(oid, this, { timeoutMs: 0, signal: patient });
    }
  }

  #indexOfSavepoint(name: string): number {
    const index = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (index < 0) throw new SqlError({ code: SqlState.invalidSavepointSpecification, message: `savepoint "${name}" does not exist` });
    return index;
  }
}

/** Rows were checked by the rules there were. */
function hasSameRules(left: Relation, right: Relation): boolean {
  const rules = ({ constraints, columns }: Relation): string => JSON.stringify([constraints, columns.map((column) => column.nullable)]);
  return left === right || rules(left) === rules(right);
}
