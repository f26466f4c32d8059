import type { PhysicalPlan } from '../physical/index.ts';
import { physicalTree } from './explain-physical.ts';
import type { TreeNode } from './print-tree.ts';

/** The changelog mode of every edge, and what a sink at the root needs. */
export interface ExplainedChangelog {
  readonly tree: TreeNode;
  /** One sentence a line. */
  readonly needs: readonly string[];
}

/**
 * Of each operator: whether it only adds rows (append), has one row a key that changes (upsert), or takes rows back (retract); and, where rows are first
 * taken back, that it is there.
 */
export function explainChangelog(plan: PhysicalPlan): ExplainedChangelog {
  const tree = physicalTree(plan, (node) => {
    const mode = modeOf(node);
    const reason = reasonOf(node);
    return {
      text: ` · ${mode}${reason === null ? '' : ` (${reason})`}`,
      facts: { 'Changelog Mode': mode, ...(reason === null ? {} : { Reason: reason }) },
    };
  });
  return { tree, needs: needsOf(plan) };
}

function modeOf(plan: PhysicalPlan): string {
  if (plan.appendOnly) return 'append';
  const key = shortestKey(plan);
  if (key === null) return 'retract';
  return key.length === 0 ? 'upsert of one row' : `upsert by ${namesOf(plan, key)}`;
}

/** Null where the mode follows from the inputs'. */
function reasonOf(plan: PhysicalPlan): string | null {
  if (plan.kind === 'relation') return plan.appendOnly ? null : `rows of ${plan.relation.name} change`;
  const takesBack = plan.inputs.some((input) => !input.plan.appendOnly);
  if (takesBack && plan.appendOnly) return 'shows a row once nothing can change it any more';
  if (takesBack || plan.appendOnly) return null;
  return 'updates begin here: what it has shown changes when more rows arrive';
}

function needsOf(plan: PhysicalPlan): readonly string[] {
  if (plan.appendOnly) return ['A sink needs nothing more: rows are only added.'];
  const key = shortestKey(plan);
  const changes = "or a format that writes changes, such as format = 'debezium-json'";
  const keyed = key === null || key.length === 0 ? [] : [`A sink needs primary_key = '${namesOf(plan, key)}', ${changes}.`];
  const windowed = plan.window !== null && plan.latenessMicros !== null;
  return [
    ...(keyed.length > 0 ? keyed : [`A sink needs a primary_key of its own, ${changes}.`]),
    ...(windowed ? ['EMIT ON WINDOW CLOSE makes the result append.'] : []),
  ];
}

function shortestKey(plan: PhysicalPlan): readonly number[] | null {
  return [...plan.uniqueKeys].sort((left, right) => left.length - right.length)[0] ?? null;
}

function namesOf(plan: PhysicalPlan, key: readonly number[]): string {
  return key.map((column) => plan.columns[column]!.name).join(', ');
}
