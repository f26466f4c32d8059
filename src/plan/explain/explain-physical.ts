import type { PartitionerSpec } from '../../jobgraph/index.ts';
import { type PhysicalInput, type PhysicalPlan, planWarnings } from '../physical/index.ts';
import { printTree, type TreeNode } from './print-tree.ts';

/** The chosen operators, exchanges between them, what is known of each one's output, and what should be known of their work. */
export function explainPhysical(plan: PhysicalPlan): string[] {
  return [...printTree(nodeOf(plan, new Set())), ...planWarnings(plan).map(({ message }) => `Warning: ${message}`)];
}

/** `printed`: nodes that stand further up already; one that is read twice is spelled out once. */
function nodeOf(plan: PhysicalPlan, printed: Set<PhysicalPlan>): TreeNode {
  if (plan.kind === 'relation') {
    const columns = plan.columns.map((column) => column.name).join(', ');
    return { text: `Scan ${plan.relation.name} (${columns})${traits(plan)}`, children: [] };
  }
  const text = `${plan.operator.label}${traits(plan)}`;
  if (printed.has(plan)) return { text: `${text} · shared, see above`, children: [] };
  printed.add(plan);
  return { text, children: plan.inputs.map((input) => inputNode(input, printed)) };
}

function inputNode(input: PhysicalInput, printed: Set<PhysicalPlan>): TreeNode {
  const child = nodeOf(input.plan, printed);
  return input.partitioner.kind === 'forward' ? child : { text: `Exchange ${partitionerText(input.partitioner, input.plan)}`, children: [child] };
}

function partitionerText(partitioner: PartitionerSpec, plan: PhysicalPlan): string {
  return partitioner.kind === 'hash' ? `hash by ${partitioner.keys.map((key) => plan.columns[key]!.name).join(', ')}` : partitioner.kind;
}

function traits(plan: PhysicalPlan): string {
  return plan.appendOnly ? ' · append' : ' · retract';
}
