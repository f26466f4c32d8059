import type { CatalogSnapshot, Relation } from '../../catalog/index.ts';
import type { Takeover } from '../../cluster/index.ts';
import { keptOperators, type OperatorNode } from '../../plan/index.ts';
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

/** What of the old view's state the new one goes on with; null: it is built from its inputs. */
export function keptState(
  old: Relation,
  relation: Relation,
  { before, after, engine }: { readonly before: CatalogSnapshot; readonly after: CatalogSnapshot; readonly engine: Engine },
): KeptState | null {
  if (old.kind !== 'materialized view' || relation.kind !== 'materialized view') return null;
  // Rows that fail are kept under one option and end the job under another.
  if (JSON.stringify([...(old.options ?? [])]) !== JSON.stringify([...(relation.options ?? [])])) return null;
  const plan = (one: Relation, snapshot: CatalogSnapshot) => ({ root: plannedView(one, snapshot, engine), disambiguator: relationId(one) });
  const kept = keptOperators(plan(old, before), plan(relation, after));
  if (kept === null) return null;
  return {
    relation,
    takeover: { from: relationId(old), operators: kept.ids, shown: new Set(kept.shown.keys()) },
    operators: [...kept.shown.values()].map((node) => node.operator.label),
    givenUp: false,
  };
}

/** The plan of a materialized view's job. */
export function plannedView(relation: Relation, snapshot: CatalogSnapshot, engine: Engine): OperatorNode {
  const binder = StatementBinder.forCatalog(engine, snapshot.storedReader(relation), { dependsOn: relation.dependsOn });
  const bound = binder.continuousQueryText(relation.query!);
  return viewRoot(continuousPlan(bound, bound.emit ?? 'on-update', engine.parts), relation, engine.parts);
}
