import { SqlError, SqlState } from '../base/index.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import type { Relation, RelationKind } from './relation.ts';

export interface DropPlan {
  /** Everything to drop, a dependant always before what it depends on. */
  readonly relations: readonly Relation[];
  /** What CASCADE adds to what was named, in the order of its making. */
  readonly cascaded: readonly Relation[];
}

/**
 * What goes when `targets` go. Without `cascade` 2BP01 when others depend on them, listing each with what it depends on, in PostgreSQL's
 * wording. `shown` gives the name to show for a relation: with schema where the search path does not find it.
 */
export function planDrop(
  snapshot: CatalogSnapshot,
  targets: readonly Relation[],
  options: { cascade: boolean; shown: (relation: Relation) => string },
): DropPlan {
  const named = new Set(targets.map((relation) => relation.oid));
  const found = new Map<number, Relation>();
  const problems: string[] = [];
  const order: Relation[] = [];
  const visit = (relation: Relation): void => {
    if (found.has(relation.oid)) return;
    found.set(relation.oid, relation);
    for (const dependant of snapshot.directDependants(relation.oid)) {
      if (!named.has(dependant.oid)) {
        problems.push(`${describe(dependant, options.shown)} depends on ${describe(relation, options.shown)}`);
      }
      visit(dependant);
    }
    order.push(relation);
  };
  for (const target of targets) visit(target);
  if (problems.length > 0 && !options.cascade) throw stillNeeded(targets, problems, options.shown);
  const cascaded = [...found.values()].filter((relation) => !named.has(relation.oid)).sort((left, right) => left.oid - right.oid);
  return { relations: order, cascaded };
}

/** PostgreSQL's NOTICE for a cascade, or null when nothing was added. */
export function cascadeNotice(plan: DropPlan, shown: (relation: Relation) => string): { message: string; detail: string | undefined } | null {
  const { cascaded } = plan;
  if (cascaded.length === 0) return null;
  const lines = cascaded.map((relation) => `drop cascades to ${describe(relation, shown)}`);
  if (lines.length === 1) return { message: lines[0]!, detail: undefined };
  return { message: `drop cascades to ${lines.length} other objects`, detail: lines.join('\n') };
}

/** The word DROP uses for a kind. */
export function dropKeyword(kind: RelationKind): string {
  return kind === 'system' ? 'VIEW' : kind.toUpperCase();
}

function describe(relation: Relation, shown: (relation: Relation) => string): string {
  return `${relation.kind === 'system' ? 'view' : relation.kind} ${shown(relation)}`;
}

function stillNeeded(targets: readonly Relation[], problems: readonly string[], shown: (relation: Relation) => string): SqlError {
  const what = targets.length === 1 ? describe(targets[0]!, shown) : 'desired object(s)';
  return new SqlError({
    code: SqlState.dependentObjectsStillExist,
    message: `cannot drop ${what} because other objects depend on ${targets.length === 1 ? 'it' : 'them'}`,
    detail: [...new Set(problems)].join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
}
