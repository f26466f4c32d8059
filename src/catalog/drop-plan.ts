import { SqlError, SqlState } from '../base/index.ts';
import type { CatalogSnapshot } from './catalog-snapshot.ts';
import { type DeclaredFunction, functionText } from './declared-function.ts';
import type { Relation, RelationKind } from './relation.ts';

/** What can be dropped and depended on. */
type Droppable = Relation | DeclaredFunction;

export interface DropPlan {
  /** Every relation to drop, a dependant always before what it depends on. */
  readonly relations: readonly Relation[];
  readonly functions: readonly DeclaredFunction[];
  /** What CASCADE adds to what was named, in the order of its making. */
  readonly cascaded: readonly Droppable[];
}

/** Gives the name to show for an object: with schema where the search path does not find it. */
type Shown = (object: { readonly schema: string; readonly name: string }) => string;

/**
 * What goes when `targets` go. Without `cascade` 2BP01 when others depend on them, listing each with what it depends on, in PostgreSQL's
 * wording.
 */
export function planDrop(snapshot: CatalogSnapshot, targets: readonly Droppable[], options: { cascade: boolean; shown: Shown }): DropPlan {
  const named = new Set(targets.map((object) => object.oid));
  const found = new Map<number, Droppable>();
  const problems: string[] = [];
  const order: Droppable[] = [];
  const visit = (object: Droppable): void => {
    if (found.has(object.oid)) return;
    found.set(object.oid, object);
    for (const dependant of [...snapshot.directDependants(object.oid), ...snapshot.functionsReading(object.oid)]) {
      if (!named.has(dependant.oid)) {
        problems.push(`${describe(dependant, options.shown)} depends on ${describe(object, options.shown)}`);
      }
      visit(dependant);
    }
    order.push(object);
  };
  for (const target of targets) visit(target);
  if (problems.length > 0 && !options.cascade) throw stillNeeded(targets, problems, options.shown);
  const cascaded = [...found.values()].filter((object) => !named.has(object.oid)).sort((left, right) => left.oid - right.oid);
  return { relations: order.flatMap((object) => (isFunction(object) ? [] : [object])), functions: order.filter(isFunction), cascaded };
}

function isFunction(object: Droppable): object is DeclaredFunction {
  return 'parameters' in object;
}

/** PostgreSQL's NOTICE for a cascade, or null when nothing was added. */
export function cascadeNotice(plan: DropPlan, shown: Shown): { message: string; detail: string | undefined } | null {
  const { cascaded } = plan;
  if (cascaded.length === 0) return null;
  const lines = cascaded.map((object) => `drop cascades to ${describe(object, shown)}`);
  if (lines.length === 1) return { message: lines[0]!, detail: undefined };
  return { message: `drop cascades to ${lines.length} other objects`, detail: lines.join('\n') };
}

/** The word DROP uses for a kind. */
export function dropKeyword(kind: RelationKind): string {
  return kind === 'system' ? 'VIEW' : kind.toUpperCase();
}

function describe(object: Droppable, shown: Shown): string {
  if (isFunction(object)) return `function ${functionText({ ...object, name: shown(object) })}`;
  return `${object.kind === 'system' ? 'view' : object.kind} ${shown(object)}`;
}

function stillNeeded(targets: readonly Droppable[], problems: readonly string[], shown: Shown): SqlError {
  const what = targets.length === 1 ? describe(targets[0]!, shown) : 'desired object(s)';
  return new SqlError({
    code: SqlState.dependentObjectsStillExist,
    message: `cannot drop ${what} because other objects depend on ${targets.length === 1 ? 'it' : 'them'}`,
    detail: [...new Set(problems)].join('\n'),
    hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
  });
}
