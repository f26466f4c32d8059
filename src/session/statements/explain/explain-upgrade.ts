import type { CatalogEntry, CatalogSnapshot, Relation } from '../../../catalog/index.ts';
import type { Json } from '../../../jobgraph/index.ts';
import { judgeState, planOperatorId } from '../../../plan/index.ts';
import type { ExplainedUpgrade } from '../../../sql/index.ts';
import { builtFrom, lostState, plannedView, planReplacement, relationId } from '../../engine/index.ts';
import type { StatementContext } from '../../statement-context.ts';
import { draftOfOtherQuery } from '../create-view.ts';
import { requireExplained } from './explain-target.ts';
import type { Explanation } from './explanation.ts';

/** An operator with state, and what becomes of it. */
interface OperatorFate {
  readonly fate: 'restored' | 'new' | 'dropped';
  readonly operator: string;
  /** What it keeps, in words. */
  readonly keeps: string;
  /** Entries it holds now; null where it does not run yet. */
  readonly entries: number | null;
  /** Why it does not go on with its state though it is in both plans. */
  readonly reason?: string | undefined;
}

interface RelationFate {
  readonly relation: Relation;
  /** What it is built anew from; null: it goes on as it is. */
  readonly from: readonly string[] | null;
  readonly operators: readonly OperatorFate[];
}

/**
 * What ALTER MATERIALIZED VIEW … AS would do to the state of the view and of what reads it; nothing is done. Errors: those of that statement, 42809 for what is no
 * materialized view, 2BP01 with the readers that do not fit.
 */
export function explainUpgrade(target: ExplainedUpgrade, context: StatementContext): Explanation {
  const { engine } = context;
  const old = requireExplained(target, context);
  const draft = draftOfOtherQuery(old, target.query, { position: target.name.span.start, context });
  const before = context.definer.snapshot;
  const { relations, started, kept } = planReplacement(old.oid, draft, engine, before);
  const after = engine.catalog.preview(
    relations.map((relation): CatalogEntry => ({ kind: 'put-relation', relation })),
    before,
  );
  const fates = relations
    .filter((relation) => relation.kind === 'materialized view')
    .map((relation): RelationFate => {
      const was = before.relationByOid(relation.oid)!;
      const own = relation === kept?.relation ? kept : null;
      const lost = relation.oid === old.oid && started.length > 0 ? lostState({ old, relation, before, after, engine }) : new Map<string, string>();
      const operators = compared(statesOf(was, before, context), statesOf(relation, after, context), {
        taken: own?.takeover.operators ?? new Map(),
        lost,
      });
      const inputs = own?.operators.map((operator) => `the state of ${operator}`) ?? builtFrom(relation, after);
      return { relation, from: started.length === 0 ? null : inputs, operators };
    });
  return { lines: fates.flatMap(linesOf), json: { Relations: fates.map(jsonOf) } };
}

interface OperatorState extends Omit<OperatorFate, 'fate'> {
  readonly id: string;
}

/** Operators of the view's job that keep something, inputs first. */
function statesOf(relation: Relation, snapshot: CatalogSnapshot, { engine }: StatementContext): OperatorState[] {
  const running = engine.cluster.monitor.operatorStates().filter(({ jobId }) => jobId === relationId(relation));
  const states = new Map<string, OperatorState>();
  for (const { node, kept } of judgeState(plannedView(relation, snapshot, engine))) {
    const id = planOperatorId(node, relationId(relation));
    const tables = running.filter(({ operator }) => operator === id);
    const entries = tables.length === 0 ? null : tables.reduce((sum, { keys }) => sum + keys, 0);
    const keeps = [states.get(id)?.keeps, kept.what].filter((part) => part !== undefined).join(', ');
    states.set(id, { id, operator: node.operator.label, keeps, entries });
  }
  return [...states.values()];
}

interface Handed {
  /** What operators of the changed view are handed. */
  readonly taken: ReadonlyMap<string, string>;
  /** Why others are not. */
  readonly lost: ReadonlyMap<string, string>;
}

/** By the ids that state is found by, which is how a restore decides, too. */
function compared(before: readonly OperatorState[], after: readonly OperatorState[], { taken, lost }: Handed): OperatorFate[] {
  const states = new Map(before.map((state) => [state.id, state]));
  const known = new Map(after.map(({ id }) => [id, states.get(taken.get(id) ?? id)]));
  const wanted = new Set([...known.values()]);
  const fate =
    (fate: OperatorFate['fate']) =>
    ({ operator, keeps, entries }: Omit<OperatorFate, 'fate'>): OperatorFate => ({ fate, operator, keeps, entries });
  return [
    ...after.filter(({ id }) => known.get(id) !== undefined).map((state) => fate('restored')({ ...state, entries: known.get(state.id)!.entries })),
    ...after.filter(({ id }) => known.get(id) === undefined).map(fate('new')),
    ...before.filter((state) => !wanted.has(state)).map((state) => ({ ...fate('dropped')(state), reason: lost.get(state.id) })),
  ];
}

function linesOf({ relation, from, operators }: RelationFate): string[] {
  const { kind, name } = relation;
  const title =
    from === null ? `${kind} ${name} goes on as it is` : `${kind} ${name} is built anew from ${from.length === 0 ? 'its query' : from.join(', ')}`;
  return [
    title,
    ...operators.map(
      (one) => `  ${one.fate}: ${one.operator} · ${one.keeps}${entriesText(one.entries)}${one.reason === undefined ? '' : `: ${one.reason}`}`,
    ),
  ];
}

function entriesText(entries: number | null): string {
  return entries === null ? '' : ` · ${entries} ${entries === 1 ? 'entry' : 'entries'}`;
}

function jsonOf({ relation, from, operators }: RelationFate): Json {
  return {
    Relation: relation.name,
    'Built Anew': from !== null,
    From: from === null ? [] : [...from],
    Operators: operators.map(({ fate, operator, keeps, entries, reason }) => ({
      State: fate,
      Operator: operator,
      Keeps: keeps,
      Entries: entries,
      ...(reason !== undefined && { Reason: reason }),
    })),
  };
}
