import type { CatalogEntry, CatalogSnapshot, DropPlan, Relation, RelationIndex } from '../catalog/index.ts';
import type { RelationDraft } from './ddl/relation-draft.ts';
import { type Definer, type Engine, hasJob, type Replacement, type ReplacementPlan } from './engine/index.ts';
import type { Transaction } from './transaction.ts';

/**
 * Keeps the definitions of a transaction block until its COMMIT. Each is checked as far as it can be without a job, so that errors come with the statement;
 * what a table that the block has made holds is the block's own changes.
 */
export class BlockDefiner implements Definer {
  readonly #transaction: Transaction;
  readonly #engine: Engine;

  constructor(transaction: Transaction, engine: Engine) {
    this.#transaction = transaction;
    this.#engine = engine;
  }

  get snapshot(): CatalogSnapshot {
    return this.#transaction.definitions?.snapshot ?? this.#engine.snapshot;
  }

  async create(draft: RelationDraft): Promise<Relation> {
    const relation = this.#transaction.define().create(draft);
    this.#planJobs([relation]);
    return relation;
  }

  async replace(oid: number, draft: RelationDraft, { rows = [] }: Replacement = {}): Promise<ReplacementPlan> {
    const plan = this.#transaction.define().replace(oid, draft, []);
    this.#planJobs(plan.started);
    if (plan.started.length > 0) this.#transaction.restartRows(plan.relations[0]!, rows);
    return plan;
  }

  async drop(plan: Pick<DropPlan, 'relations' | 'functions'>): Promise<void> {
    this.#transaction.define().drop(plan);
    this.#transaction.forgetChanges(plan.relations);
  }

  async rename(relations: readonly Relation[]): Promise<void> {
    this.#transaction.define().rename(relations);
  }

  async alterRules(old: Relation, draft: RelationDraft): Promise<void> {
    this.#transaction.define().alterRules(old, draft);
  }

  async changeIndexes(oid: number, change: (relation: Relation) => readonly RelationIndex[]): Promise<void> {
    this.#transaction.define().changeIndexes(oid, change);
  }

  async commitEntries(entries: readonly CatalogEntry[]): Promise<void> {
    this.#transaction.define().put(entries);
  }

  #planJobs(relations: readonly Relation[]): void {
    for (const relation of relations) if (hasJob(relation)) this.#engine.jobOf(relation, this.snapshot);
  }
}
