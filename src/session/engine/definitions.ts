import { SqlError, SqlState } from '../../base/index.ts';
import { type CatalogEntry, type CatalogSnapshot, type DropPlan, planDrop, type Relation, type RelationIndex } from '../../catalog/index.ts';
import type { PhysicalPlan } from '../../plan/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { alteredRules } from './altered-rules.ts';
import type { CheckedPlan } from './checked-plan.ts';
import { placeKey, type Subject } from './definition-turns.ts';
import { relationsAfter } from './dependants.ts';
import type { Engine } from './engine.ts';
import type { KeptState } from './kept-state.ts';
import { planRename, renameEntries } from './plan-rename.ts';
import { planReplacement, type ReplacementPlan } from './plan-replacement.ts';
import { relationId } from './relation-jobs.ts';
import type { Row } from './table-content.ts';
import { overPresent } from './unchanged-inputs.ts';

export interface Replacement {
  /** What a stored table begins with. */
  readonly rows?: readonly Row[];
  /** Aborted before the new relation is there, the old one stays. */
  readonly signal?: AbortSignal;
}

/** Takes the definitions of statements: the engine at once, a transaction block at its COMMIT. What `signal` aborts before its turn is not done. */
export interface Definer {
  /** The catalog as the definitions so far have made it. */
  readonly snapshot: CatalogSnapshot;
  /**
   * Creates a relation with its job. `checked`: how its query has been planned, which is taken as it is where it holds. Aborted by `signal` before it is
   * there, nothing is left of it.
   */
  create(draft: RelationDraft, checked?: CheckedPlan | null, signal?: AbortSignal): Promise<Relation>;
  /**
   * Puts `draft` in the place of the relation of this oid, and makes anew what reads it: the new jobs run beside the old ones until one commit of the
   * catalog names them all. Whoever reads meanwhile, in an open block too, goes on with the old ones.
   * Errors: 2BP01 when a dependant does not fit.
   */
  replace(oid: number, draft: RelationDraft, replacement?: Replacement): Promise<ReplacementPlan>;
  /** Drops relations, dependants before what they depend on, and functions, all or none; aborted by `signal` before its turn, none. */
  drop(plan: Pick<DropPlan, 'relations' | 'functions'>, signal?: AbortSignal): Promise<void>;
  /** Other names for relations: their jobs and what reads them go on as they are. Errors: 0A000 when a dependant cannot follow. */
  rename(relations: readonly Relation[], signal?: AbortSignal): Promise<void>;
  /** A stored table under other rules: NOT NULL, defaults, UNIQUE, CHECK. Its writers are kept away by its lock. Errors: 0A000 when a reader would be another. */
  alterRules(old: Relation, draft: RelationDraft, signal?: AbortSignal): Promise<void>;
  /** Other indexes for a relation as it is then. Errors: 42P07, 40001. */
  changeIndexes(oid: number, change: (relation: Relation) => readonly RelationIndex[], signal?: AbortSignal): Promise<void>;
  /** Catalog changes without jobs. */
  commitEntries(entries: readonly CatalogEntry[], signal?: AbortSignal): Promise<void>;
}

/** Where a list of definitions stood: what ROLLBACK TO goes back to. */
export interface DefinitionsMark {
  readonly entries: readonly CatalogEntry[];
  readonly snapshot: CatalogSnapshot;
}

/**
 * Definitions that are checked against the catalog they were begun over and each other, and that nobody else sees: what the catalog has to say for them.
 * Jobs and rows are no part of it (apply-definitions.ts).
 */
export class Definitions {
  /** The catalog without them. */
  readonly base: CatalogSnapshot;
  readonly #engine: Engine;
  #mark: DefinitionsMark;
  /** What new relations begin with, by relation id. */
  readonly #rows = new Map<string, readonly Row[]>();
  /** What new relations go on with, by relation id. */
  readonly #kept = new Map<string, KeptState>();
  /** How new relations have been planned already, by relation id. */
  readonly #plans = new Map<string, PhysicalPlan>();

  constructor(engine: Engine, base: CatalogSnapshot) {
    this.#engine = engine;
    this.base = base;
    this.#mark = { entries: [], snapshot: base };
  }

  get entries(): readonly CatalogEntry[] {
    return this.#mark.entries;
  }

  get snapshot(): CatalogSnapshot {
    return this.#mark.snapshot;
  }

  /** What they change of what there is, and the names they take. */
  get subject(): Subject {
    const oids = this.entries.flatMap((entry) => (entry.kind === 'create-schema' || entry.kind === 'attach' ? [] : [changedBy(entry)]));
    const places = this.entries.flatMap((entry) => (entry.kind === 'put-relation' ? [placeKey(entry.relation)] : []));
    return { oids: new Set(oids), places: new Set(places) };
  }

  /** Whether a relation gets another job than it has. */
  get replacesJobs(): boolean {
    return this.entries.some((entry) => {
      const before = entry.kind === 'put-relation' ? this.base.relationByOid(entry.relation.oid) : null;
      return before !== null && entry.kind === 'put-relation' && relationId(before) !== relationId(entry.relation);
    });
  }

  get mark(): DefinitionsMark {
    return this.#mark;
  }

  backTo(mark: DefinitionsMark): void {
    this.#mark = mark;
  }

  rowsOf(relation: Relation): readonly Row[] {
    return this.#rows.get(relationId(relation)) ?? [];
  }

  /** State that a new relation begins with. */
  keptBy(relation: Relation): KeptState | null {
    return this.#kept.get(relationId(relation)) ?? null;
  }

  /** Null: it is to be planned from its text. */
  planOf(relation: Relation): PhysicalPlan | null {
    return this.#plans.get(relationId(relation)) ?? null;
  }

  /** Other rows for a new relation to begin with. */
  setRows(relation: Relation, rows: readonly Row[]): void {
    this.#rows.set(relationId(relation), rows);
  }

  /** Errors: 40001 when what they change or read is another in `now` than it was, or has other readers. */
  requireUnchanged(now: CatalogSnapshot): void {
    const about = new Set(this.entries.flatMap(concerned));
    for (const oid of about) {
      const same = now.relationByOid(oid) === this.base.relationByOid(oid) && now.functionByOid(oid) === this.base.functionByOid(oid);
      const readers = relationsAfter(this.base, oid);
      const others = relationsAfter(now, oid);
      if (same && readers.length === others.length && readers.every((one) => others.includes(one))) continue;
      const name = (this.base.relationByOid(oid) ?? this.base.functionByOid(oid))?.name;
      throw new SqlError({
        code: SqlState.serializationFailure,
        message: 'could not serialize access due to concurrent update',
        detail: name === undefined ? undefined : `"${name}", or what reads it, was changed by another session`,
        hint: 'Run the transaction again.',
      });
    }
  }

  /** `oid`: that of an earlier attempt to make it. Errors: 40001 where what it reads has become other than it was planned over. */
  create(draft: RelationDraft, checked: CheckedPlan | null = null, oid: number | null = null): Relation {
    const holds = checked?.catalog === this.snapshot;
    const now = holds ? { draft, plan: checked.plan } : overPresent(draft, this.snapshot, this.#engine);
    const relation: Relation = { ...now.draft, oid: oid ?? this.#engine.catalog.allocateOid() };
    if (now.plan !== null) this.#plans.set(relationId(relation), now.plan);
    this.put([{ kind: 'put-relation', relation }]);
    return relation;
  }

  replace(oid: number, draft: RelationDraft, rows: readonly Row[]): ReplacementPlan {
    const plan = planReplacement(oid, overPresent(draft, this.snapshot, this.#engine).draft, this.#engine, this.snapshot);
    this.put(plan.relations.map((relation) => ({ kind: 'put-relation', relation })));
    this.setRows(plan.relations[0]!, rows);
    if (plan.kept !== null) this.#kept.set(relationId(plan.relations[0]!), plan.kept);
    return plan;
  }

  /** Errors: 2BP01 for what has got a reader since it was planned: the statement may have waited for the making of one. */
  drop({ relations, functions }: Pick<DropPlan, 'relations' | 'functions'>): void {
    planDrop(this.snapshot, [...relations, ...functions], { cascade: false, shown: ({ name }) => name });
    this.put([
      ...relations.map((relation): CatalogEntry => ({ kind: 'drop-relation', oid: relation.oid })),
      ...functions.map((declared): CatalogEntry => ({ kind: 'drop-function', oid: declared.oid })),
    ]);
  }

  rename(relations: readonly Relation[]): void {
    this.put(renameEntries(planRename(relations, this.#engine, this.snapshot), this.snapshot));
  }

  alterRules(old: Relation, draft: RelationDraft): void {
    this.put([{ kind: 'put-relation', relation: alteredRules(old, draft, this.#engine, this.snapshot) }]);
  }

  changeIndexes(oid: number, change: (relation: Relation) => readonly RelationIndex[]): void {
    const relation = this.snapshot.relationByOid(oid);
    if (relation === null)
      throw new SqlError({ code: SqlState.serializationFailure, message: 'could not serialize access due to concurrent update' });
    this.put([{ kind: 'put-relation', relation: { ...relation, indexes: change(relation) } }]);
  }

  /** Errors: as `Catalog.commit` rejects. */
  put(entries: readonly CatalogEntry[]): void {
    const snapshot = this.#engine.catalog.preview(entries, this.snapshot);
    this.#mark = { entries: [...this.entries, ...entries], snapshot };
  }
}

/** The objects that an entry changes or reads. */
function concerned(entry: CatalogEntry): readonly number[] {
  if (entry.kind === 'put-relation') return [entry.relation.oid, ...entry.relation.dependsOn];
  return entry.kind === 'put-function' ? [entry.declared.oid, ...entry.declared.dependsOn] : [entry.oid];
}

function changedBy(entry: Exclude<CatalogEntry, { kind: 'create-schema' | 'attach' }>): number {
  if (entry.kind === 'put-relation') return entry.relation.oid;
  return entry.kind === 'put-function' ? entry.declared.oid : entry.oid;
}
