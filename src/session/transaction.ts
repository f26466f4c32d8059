import { SqlError, SqlState } from '../base/index.ts';
import { type CatalogSnapshot, type Relation, storageNumber } from '../catalog/index.ts';
import type { PinnedEpoch } from '../cluster/index.ts';
import { BlockDefiner } from './block-definer.ts';
import {
  type Definer,
  Definitions,
  type DefinitionsMark,
  type Engine,
  hasSameRules,
  type LockHolder,
  type LockParty,
  type LockTarget,
  netByRelation,
  type Row,
  type TableChanges,
  TableContent,
} from './engine/index.ts';

/** A savepoint remembers what had been written and defined when it was set. */
interface Savepoint {
  readonly name: string;
  readonly changes: readonly TableChanges[];
  readonly defined: DefinitionsMark | null;
  /** Advisory locks the transaction had taken until then. */
  readonly advisoryLocks: number;
}

interface AdvisoryLock {
  readonly target: LockTarget;
  readonly shared: boolean;
}

interface TransactionOptions {
  readonly explicit: boolean;
  readonly isReadOnly: () => boolean;
  readonly startMicros: bigint;
  /** Whose locks do not stand in its way. */
  readonly party: LockParty;
}

/**
 * One transaction: the epoch it reads, the changes it has not committed. Reads see one epoch from its first read to its end; its own changes
 * lie over it. Changes reach the log in one record at commit, so they become visible in one epoch or not at all.
 */
export class Transaction implements LockHolder {
  readonly explicit: boolean;
  readonly startMicros: bigint;
  readonly party: LockParty;
  failed = false;
  /** Takes the definitions of its statements: a block's are made at its COMMIT. */
  readonly definer: Definer;
  readonly #engine: Engine;
  readonly #isReadOnly: () => boolean;
  #pin: PinnedEpoch | null = null;
  #isOver = false;
  #changes: readonly TableChanges[] = [];
  #definitions: Definitions | null = null;
  #savepoints: Savepoint[] = [];
  #catalog: CatalogSnapshot | null = null;
  /** Relations made ON COMMIT DROP. */
  readonly droppedAtCommit: { readonly schema: string; readonly name: string }[] = [];
  readonly #restarted: Relation[] = [];
  /** In the order it has taken them: a savepoint gives back what came after it. */
  readonly #advisoryLocks: AdvisoryLock[] = [];

  constructor(engine: Engine, options: TransactionOptions) {
    this.#engine = engine;
    this.#isReadOnly = options.isReadOnly;
    this.explicit = options.explicit;
    this.startMicros = options.startMicros;
    this.party = options.party;
    this.definer = options.explicit ? new BlockDefiner(this, engine) : engine;
    engine.readers.enter(this);
  }

  get changes(): readonly TableChanges[] {
    return this.#changes;
  }

  get readOnly(): boolean {
    return this.#isReadOnly();
  }

  /** The epoch all reads of this transaction use. An explicit transaction pins everything readable at its first read. */
  async pin(relations: readonly string[], atLeast: number): Promise<PinnedEpoch> {
    if (!this.explicit) return this.#engine.pin(relations, atLeast);
    this.#catalog ??= this.#engine.snapshot;
    const pinned = this.#pin ?? (await this.#engine.pin(this.#engine.readableRelations(this.#catalog), atLeast));
    if (this.#pin === null && !this.#isOver) this.#pin = pinned;
    // Whoever has waited for it was cancelled and has rolled back, or another statement's has come first.
    else if (this.#pin !== pinned) pinned.release();
    return { epoch: (this.#pin ?? pinned).epoch, release: () => undefined };
  }

  /**
   * The relations it reads: in a block those there were at its first read or definition, for what replaces one has no rows at the block's epoch; and what
   * it has defined itself.
   */
  get catalog(): CatalogSnapshot {
    return this.#definitions?.snapshot ?? this.#catalog ?? this.#engine.snapshot;
  }

  /** What the block has defined and others do not know; null while that is nothing. */
  get definitions(): Definitions | null {
    return this.#definitions;
  }

  /** The same, to add to. */
  define(): Definitions {
    this.#catalog ??= this.#engine.snapshot;
    this.#definitions ??= new Definitions(this.#engine, this.#catalog);
    return this.#definitions;
  }

  /** A relation that the transaction has made, or made anew: of one that is stored, its own changes are all the rows. */
  isNew(relation: Relation): boolean {
    return this.#definitions !== null && this.#definitions.base.relationByStorage(storageNumber(relation)) === null;
  }

  /** The committed rows of a stored table under the rules it has in this transaction. */
  async content(relation: Relation): Promise<TableContent> {
    if (this.isNew(relation)) return new TableContent(relation, []);
    const content = await this.#engine.tables.content(relation);
    return hasSameRules(content.relation, relation) ? content : new TableContent(relation, content.rows());
  }

  /** The rows of a stored table or an embedded stream as the next statement finds them. */
  async rows(relation: Relation): Promise<readonly Row[]> {
    const committed = await this.#committedRows(relation);
    const own = this.#changes.filter((one) => one.relation.oid === relation.oid);
    if (own.length === 0) return committed;
    const all: TableChanges = { relation, removed: [], added: committed };
    return netByRelation([all, ...own.map((one) => ({ ...one, relation }))])[0]!.added;
  }

  async #committedRows(relation: Relation): Promise<readonly Row[]> {
    if (!relation.appendOnly) return [...(await this.content(relation)).rows()];
    return this.isNew(relation) ? [] : this.#engine.tables.rows(relation);
  }

  /** A table or stream begins anew with these rows. */
  restartRows(relation: Relation, rows: readonly Row[]): void {
    this.forgetChanges([relation]);
    if (rows.length > 0) this.#changes = [...this.#changes, { relation, removed: [], added: rows }];
  }

  forgetChanges(relations: readonly Relation[]): void {
    const oids = new Set(relations.map(({ oid }) => oid));
    this.#changes = this.#changes.filter((one) => !oids.has(one.relation.oid));
  }

  /** Epoch of the first read, or null while nothing was read. */
  get readEpoch(): number | null {
    return this.#pin?.epoch ?? null;
  }

  add(changes: TableChanges): void {
    this.#changes = [...this.#changes, changes];
  }

  /** An advisory lock that it holds to its end now. */
  addAdvisoryLock(lock: AdvisoryLock): void {
    this.#advisoryLocks.push(lock);
  }

  /** The identity columns of the table begin again once its rows are gone. */
  restartIdentity(relation: Relation): void {
    this.#restarted.push(relation);
  }

  savepoint(name: string): void {
    this.#savepoints.push({
      name,
      changes: this.#changes,
      defined: this.#definitions?.mark ?? null,
      advisoryLocks: this.#advisoryLocks.length,
    });
  }

  releaseSavepoint(name: string): void {
    this.#savepoints.length = this.#indexOfSavepoint(name);
  }

  rollbackToSavepoint(name: string): void {
    const index = this.#indexOfSavepoint(name);
    const { changes, defined, advisoryLocks } = this.#savepoints[index]!;
    this.#changes = changes;
    if (defined === null) this.#definitions = null;
    else this.#definitions?.backTo(defined);
    for (const { target, shared } of this.#advisoryLocks.splice(advisoryLocks)) this.#engine.tables.locks.release(target, this, { shared });
    this.#savepoints.length = index + 1;
    this.failed = false;
  }

  /** Resolves to the epoch from which the changes are visible, or null when there was nothing to commit. */
  async commit(): Promise<number | null> {
    try {
      const definitions = this.#definitions;
      if (this.#changes.length === 0 && definitions === null) return null;
      const made = definitions === null ? [] : netByRelation(this.#changes.filter(({ relation }) => this.isNew(relation)));
      const changes = this.#changes.filter(({ relation }) => !this.isNew(relation));
      if (this.explicit) await this.#lockTables(changes);
      this.#refuseReplaced(changes);
      await this.#engine.identities.persist();
      for (const { relation, added } of made) definitions!.setRows(relation, added);
      const epoch = await (definitions === null
        ? this.#engine.tables.commit(changes, this.readEpoch)
        : this.#engine.commitBlock(definitions, changes, this.readEpoch));
      for (const relation of this.#restarted) await this.#engine.identities.restart(relation);
      return epoch;
    } finally {
      this.release();
    }
  }

  /** Errors: 40001 when a table that was written to has been replaced or dropped meanwhile. */
  #refuseReplaced(changes: readonly TableChanges[]): void {
    for (const { relation: written } of changes) {
      const relation = this.#definitions?.base.relationByOid(written.oid) ?? written;
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
    this.#isOver = true;
    this.#engine.readers.leave(this);
    this.#engine.tables.locks.releaseAll(this);
    this.#pin?.release();
    this.#pin = null;
    this.#changes = [];
    this.#definitions = null;
  }

  /** A block takes its locks only now, so that it never commits in the middle of somebody's statement. */
  async #lockTables(changes: readonly TableChanges[]): Promise<void> {
    const shared = new Map(changes.map(({ relation }) => [relation.oid, relation.appendOnly]));
    const patient = new AbortController().signal;
    for (const oid of [...shared.keys()].sort((left, right) => left - right)) {
      await this.#engine.tables.locks.acquire({ kind: 'relation', oid }, this, { timeoutMs: 0, signal: patient, shared: shared.get(oid)! });
    }
  }

  #indexOfSavepoint(name: string): number {
    const index = this.#savepoints.findLastIndex((savepoint) => savepoint.name === name);
    if (index < 0) throw new SqlError({ code: SqlState.invalidSavepointSpecification, message: `savepoint "${name}" does not exist` });
    return index;
  }
}
