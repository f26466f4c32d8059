import { unreachable } from '../../base/index.ts';
import type { Relation } from '../../catalog/index.ts';
import type { KeptState } from './operator-state.ts';
import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';

/** Whether what an operator keeps stops to grow, and why. `remedy`: the clause that would bound it. */
export type StateVerdict =
  | { readonly kind: 'bounded'; readonly why: string }
  | { readonly kind: 'keys'; readonly why: string }
  | { readonly kind: 'relation'; readonly why: string; readonly remedy?: string }
  | { readonly kind: 'unbounded'; readonly why: string; readonly remedy: string };

/** What the verdict is about. `shared`: another reader of the operator has brought it up already. */
export interface JudgedState {
  readonly node: OperatorNode;
  readonly kept: KeptState;
  readonly verdict: StateVerdict;
}

/** A verdict for everything any operator of the plan keeps, inputs first. */
export function judgeState(root: PhysicalPlan): readonly JudgedState[] {
  const found: JudgedState[] = [];
  const seen = new Set<PhysicalPlan>();
  const visit = (plan: PhysicalPlan): void => {
    if (plan.kind === 'relation' || seen.has(plan)) return;
    seen.add(plan);
    for (const input of plan.inputs) visit(input.plan);
    for (const kept of plan.state.kept) found.push({ node: plan, kept, verdict: verdictOf(plan, kept) });
  };
  visit(root);
  return found;
}

function verdictOf(node: OperatorNode, { bound, key }: KeptState): StateVerdict {
  switch (bound.kind) {
    case 'fixed':
      return { kind: 'bounded', why: bound.by };
    case 'time':
      return { kind: 'bounded', why: `by ${bound.by}: ${bound.until}` };
    case 'keys':
      return { kind: 'keys', why: key.length === 0 ? 'one entry for each different row' : `one entry for each ${names(key)}` };
    case 'content':
      return verdictOfContent(node.inputs[bound.input]!.plan, bound.remedy);
    case 'result':
      return verdictOfResult(node.inputs[0]!.plan);
    default:
      return unreachable(bound);
  }
}

function verdictOfContent(input: PhysicalPlan, remedy: string): StateVerdict {
  const content = contentOf(input);
  switch (content.kind) {
    case 'fixed':
      return { kind: 'bounded', why: 'the input has a constant number of rows' };
    case 'time':
      return { kind: 'bounded', why: 'the input lets its rows go as time passes' };
    case 'keys':
      return { kind: 'keys', why: 'as many rows as the input has keys' };
    case 'relation':
      return { kind: 'relation', why: `as many rows as ${content.relations.join(', ')}` };
    case 'endless':
      return {
        kind: 'unbounded',
        why: content.relations.length === 0 ? 'every row stays' : `every row of ${content.relations.join(', ')} stays`,
        remedy,
      };
    default:
      return unreachable(content.kind);
  }
}

/** What a relation keeps is what was asked for, however much that is. */
function verdictOfResult(input: PhysicalPlan): StateVerdict {
  const content = contentOf(input);
  const why = 'the rows the relation shows';
  if (content.kind !== 'endless') return { kind: 'relation', why };
  const remedy = "let rows go with WHERE time > now() - INTERVAL '…', keep the first of them with LIMIT, or write them to a sink";
  return { kind: 'relation', why: `${why}, whose number only grows`, remedy };
}

interface Content {
  readonly kind: 'fixed' | 'time' | 'keys' | 'relation' | 'endless';
  /** What makes it grow. */
  readonly relations: readonly string[];
}

const RANKS: readonly Content['kind'][] = ['fixed', 'time', 'keys', 'relation', 'endless'];

/** How a plan's output grows, taken as a relation. */
function contentOf(plan: PhysicalPlan): Content {
  if (plan.kind === 'relation' && plan.setAside === undefined) return contentOfRelation(plan.relation);
  if (plan.kind === 'relation') return { kind: 'endless', relations: [plan.relation.name] };
  const { content } = plan.state;
  if (content !== 'input') return { kind: content, relations: content === 'endless' ? relationsBelow(plan) : [] };
  const inputs = plan.inputs.map((input) => contentOf(input.plan));
  const rank = Math.max(0, ...inputs.map(({ kind }) => RANKS.indexOf(kind)));
  const worst = inputs.filter(({ kind }) => RANKS.indexOf(kind) === rank);
  return { kind: RANKS[rank]!, relations: [...new Set(worst.flatMap(({ relations }) => relations))] };
}

/** Rows of a table are there because somebody wrote them, rows of an updating view because its query says so; each is looked at by itself. */
function contentOfRelation({ name, appendOnly, kind }: Relation): Content {
  return { kind: appendOnly && kind !== 'table' ? 'endless' : 'relation', relations: [name] };
}

function relationsBelow(plan: PhysicalPlan): readonly string[] {
  if (plan.kind === 'relation') return [plan.relation.name];
  return [...new Set(plan.inputs.flatMap((input) => relationsBelow(input.plan)))];
}

function names(columns: KeptState['key']): string {
  return columns.map((column) => column.name).join(', ');
}
