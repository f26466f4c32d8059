import type { CatalogSnapshot, Relation } from '../../catalog/index.ts';
import type { Takeover } from '../../cluster/index.ts';
import { type IdentifiedPlan, keptOperators, type OperatorNode, reasonsNotKept } from '../../plan/index.ts';
import type { Engine } from './engine.ts';
import { continuousPlan, relationId, viewRoot } from './relation-jobs.ts';
import { StatementBinder } from './statement-binder.ts';

/** What a changed materialized view goes on with of the job it had. */
export interface KeptState {
  /** The view as it will be. */
  readonly relation: Relation;
  readonly takeover: Takeover;
  /** The operators that show again what they have, for people. */
  readonly operators: readonly string[];
  /** The job could not begin with it after all, and was built from the inputs. */
  givenUp: boolean;
}

/** A view as it is and as it will be. */
export interface ChangedView {
  readonly old: Relation;
  readonly relation: Relation;
  readonly before: CatalogSnapshot;
  readonly after: CatalogSnapshot;
  readonly engine: Engine;
}

/** What of the old view's state the new one goes on with; null: it is built from its inputs. */
export function keptState(changed: ChangedView): KeptState | null {
  const { old, relation } = changed;
  if (old.kind !== 'materialized view' || relation.kind !== 'materialized view' || hasOtherOptions(changed)) return null;
  const kept = keptOperators(...bothPlans(changed));
  if (kept === null) return null;
  return {
    relation,
    takeover: { from: relationId(old), operators: kept.ids, shown: new Set(kept.shown.keys()) },
    operators: [...kept.shown.values()].map((node) => node.operator.label),
    givenUp: false,
  };
}

/** Why operators that are in both plans do not keep their state, by their ids in the old one; for people. */
export function lostState(changed: ChangedView): ReadonlyMap<string, string> {
  const [before, after] = bothPlans(changed);
  const reasons = reasonsNotKept(before, after);
  if (!hasOtherOptions(changed)) return reasons;
  const all = [...reasons.keys(), ...(keptOperators(before, after)?.ids.values() ?? [])];
  return new Map(all.map((id) => [id, 'the options of the view are others']));
}

/** Rows that fail are kept under one option and end the job under another. */
function hasOtherOptions({ old, relation }: ChangedView): boolean {
  return JSON.stringify([...(old.options ?? [])]) !== JSON.stringify([...(relation.options ?? [])]);
}

function bothPlans({ old, relation, before, after, engine }: ChangedView): [IdentifiedPlan, IdentifiedPlan] {
  const plan = (one: Relation, snapshot: CatalogSnapshot) => ({ root: plannedView(one, snapshot, engine), disambiguator: relationId(one) });
  return [plan(old, before), plan(relation, after)];
}

/** The plan of a materialized view's job. */
export function plannedView(relation: Relation, snapshot: CatalogSnapshot, engine: Engine): OperatorNode {
  const binder = StatementBinder.forCatalog(engine, snapshot.storedReader(relation), { dependsOn: relation.dependsOn });
  const bound = binder.continuousQueryText(relation.query!);
  return viewRoot(continuousPlan(bound, bound.emit ?? 'on-update', engine.parts), relation, engine.parts);
}
