import { SqlError, SqlState } from '../../base/index.ts';
import { type CatalogEntry, type CatalogSnapshot, indexesOver, type Relation } from '../../catalog/index.ts';
import { type BoundQuery, eventTimesOf } from '../../plan/index.ts';
import { parseStatement, type Query } from '../../sql/index.ts';
import { formatType, widens } from '../../types/index.ts';
import type { RelationDraft } from '../ddl/relation-draft.ts';
import { relationsAfter } from './dependants.ts';
import type { Engine } from './engine.ts';
import { type KeptState, keptState } from './kept-state.ts';
import { narrowedUse, withUses } from './plan-rename.ts';
import { anew } from './rebuilt-relations.ts';
import { continuousPlan, hasJob } from './relation-jobs.ts';
import { StatementBinder } from './statement-binder.ts';

/** What it takes to put a relation in the place of another. */
export interface ReplacementPlan {
  /** The new relation, then every dependant as it will be, producers before their readers. */
  readonly relations: readonly Relation[];
  /** Those of them whose jobs start, in that order. */
  readonly started: readonly Relation[];
  /** What the new relation goes on with of the old one's state; null: nothing, it is built from its inputs. */
  readonly kept: KeptState | null;
  /** The relations as they were whose jobs end, readers before their producers. */
  readonly retired: readonly Relation[];
}

/**
 * Plans the new relation under the old oid, and everything that reads it anew: rows and state of all of them are rebuilt from the inputs under numbers
 * of their own. A definition that says what the old one said keeps its job. Errors: 42P17 when the new one would read itself, 2BP01 with the list of
 * dependants whose query does not bind any more or would have other columns; a sink that reads it is among those, for it has sent the old rows.
 */
export function planReplacement(oid: number, draft: RelationDraft, engine: Engine, before: CatalogSnapshot): ReplacementPlan {
  const { catalog } = engine;
  const old = before.relationByOid(oid);
  if (old === null) throw new SqlError({ code: SqlState.serializationFailure, message: 'could not serialize access due to concurrent update' });
  const dependants = relationsAfter(before, oid);
  refuseCycle(old, draft, dependants);
  const kept = { oid, comment: draft.comment ?? old.comment, indexes: indexesOver(old, draft.columns) };
  if (meansTheSame(old, draft)) {
    const same = { ...draft, ...kept, ...(old.storage !== undefined && { storage: old.storage }) };
    return { relations: [same], started: [], kept: null, retired: [] };
  }
  const relations: Relation[] = [anew({ ...draft, ...kept }, engine)];
  const problems: string[] = [];
  for (const dependant of dependants) {
    const entries = relations.map((relation): CatalogEntry => ({ kind: 'put-relation', relation }));
    const after = catalog.preview(entries, before);
    try {
      relations.push(dependantOver(dependant, { oid, before, after, engine }));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      problems.push(`${dependant.kind} ${dependant.name}: ${error.message}`);
      // Of what reads this one in turn nothing can be said.
      relations.push(dependant);
    }
  }
  if (problems.length > 0) {
    throw new SqlError({
      code: SqlState.dependentObjectsStillExist,
      message: `cannot replace ${old.kind} ${old.name} because other objects depend on it as it is`,
      detail: problems.join('\n'),
      hint: 'Keep the columns they read, with their names and types, or drop them first.',
    });
  }
  const after = catalog.preview([{ kind: 'put-relation', relation: relations[0]! }], before);
  const state = keptState({ old, relation: relations[0]!, before, after, engine });
  return { relations, started: relations.filter(hasJob), kept: state, retired: [old, ...dependants].filter(hasJob).reverse() };
}

function refuseCycle(old: Relation, draft: RelationDraft, dependants: readonly Relation[]): void {
  const through = [old, ...dependants].find(({ oid }) => draft.dependsOn.includes(oid));
  if (through === undefined) return;
  throw new SqlError({
    code: SqlState.invalidObjectDefinition,
    message: `${old.kind} "${old.name}" would read itself`,
    detail: through === old ? undefined : `${through.kind} "${through.name}" depends on it.`,
  });
}

/** Of what holds rows of its own a new definition is always a new beginning. */
function meansTheSame(old: Relation, draft: RelationDraft): boolean {
  if (old.query === null) return false;
  const facts = (one: RelationDraft): string =>
    JSON.stringify([
      one.query,
      one.columns.map(({ name, type }) => [name, formatType(type)]),
      one.options === null ? null : [...one.options].sort(),
      one.primaryKey,
      [...one.dependsOn].sort(),
    ]);
  return facts(old) === facts(draft);
}

interface Change {
  /** What is replaced. */
  readonly oid: number;
  readonly before: CatalogSnapshot;
  readonly after: CatalogSnapshot;
  readonly engine: Engine;
}

/** The dependant over the changed catalog. Throws what is in the way. */
function dependantOver(dependant: Relation, change: Change): Relation {
  const { before, after, engine } = change;
  if (dependant.kind === 'sink') {
    throw new SqlError({ code: SqlState.featureNotSupported, message: 'a sink has sent the rows there were, and cannot take them back' });
  }
  const binderOver = (snapshot: CatalogSnapshot): StatementBinder =>
    StatementBinder.forCatalog(engine, snapshot.storedReader(dependant), { dependsOn: dependant.dependsOn });
  const kept = dependant.kind === 'view';
  const bind = ({ query }: Pick<Relation, 'query'>, snapshot: CatalogSnapshot): BoundQuery => {
    const parsed = parseStatement(query!) as Query;
    return kept ? binderOver(snapshot).query(parsed) : binderOver(snapshot).continuousQuery(parsed);
  };
  const asItWas = bind(dependant, before);
  // The columns of a table may have become wider, and what reads them with them.
  const { kind } = before.relationByOid(change.oid)!;
  const fits = (bound: BoundQuery): boolean => shownColumns(bound) === shownColumns(asItWas) || (kind === 'table' && hasWidened(asItWas, bound));
  const texts = fits(bind(dependant, after)) ? dependant : narrowed(dependant, change);
  const bound = bind(texts, after);
  if (!fits(bound)) throw otherColumns(asItWas, bound);
  const { query, statement } = texts;
  const columns = dependant.columns.map((column, index) => ({ ...column, type: bound.plan.fields[index]!.type }));
  if (kept) return { ...dependant, query, statement, columns };
  const { appendOnly, uniqueKeys } = continuousPlan(bound, bound.emit ?? 'on-update', engine.parts);
  return anew({ ...dependant, query, statement, columns, appendOnly, uniqueKeys, eventTimes: eventTimesOf(bound.plan) }, engine);
}

/** A star of its query goes on to mean the columns it has meant, when the relation has all of them still. */
function narrowed(dependant: Relation, { oid, before, after, engine }: Change): Pick<Relation, 'query' | 'statement'> {
  const names = new Set(after.relationByOid(oid)!.columns.map((column) => column.name));
  if (!before.relationByOid(oid)!.columns.every((column) => names.has(column.name))) return dependant;
  return withUses(dependant, { now: dependant, before, engine }, (use) => (use.relation.oid === oid ? narrowedUse(use) : null));
}

/** The same columns, of types that have all values of those they had. */
function hasWidened({ plan: before }: BoundQuery, { plan: after }: BoundQuery): boolean {
  const same = ({ name, type }: (typeof after.fields)[number], index: number): boolean => {
    const was = before.fields[index];
    return was !== undefined && was.name === name && widens(was.type, type);
  };
  return before.fields.length === after.fields.length && after.fields.every(same);
}

function otherColumns(before: BoundQuery, after: BoundQuery): SqlError {
  const message = `its columns would be (${shownColumns(after)}), they are (${shownColumns(before)})`;
  return new SqlError({ code: SqlState.invalidTableDefinition, message });
}

function shownColumns({ plan }: BoundQuery): string {
  return plan.fields.map(({ name, type }) => `${name} ${formatType(type)}`).join(', ');
}
