import type { PartitionerSpec } from '../../jobgraph/index.ts';
import type { PhysicalInput, PhysicalPlan } from '../physical/index.ts';
import { printTree, type TreeNode } from './print-tree.ts';

/** The chosen operators, exchanges between them, and what is known of each one's output. */
export function explainPhysical(plan: PhysicalPlan): string[] {
  return printTree(nodeOf(plan));
}

function nodeOf(plan: PhysicalPlan): TreeNode {
  if (plan.kind === 'relation') {
    const columns = plan.columns.map((column) => column.name).join(', ');
    return { text: `Scan ${plan.relation.name} (${columns})${traits(plan)}`, children: [] };
  }
  return { text: `${plan.operator.label}${traits(plan)}`, children: plan.inputs.map(inputNode) };
}

function inputNode(input: PhysicalInput): TreeNode {
  const child = nodeOf(input.plan);
  return input.partitioner.kind === 'forward' ? child : { text: `Exchange ${partitionerText(input.partitioner, input.plan)}`, children: [child] };
}

function partitionerText(partitioner: PartitionerSpec, plan: PhysicalPlan): string {
  return partitioner.kind === 'hash' ? `hash by ${partitioner.keys.map((key) => plan.columns[key]!.name).join(', ')}` : partitioner.kind;
}

function traits(plan: PhysicalPlan): string {
  return plan.appendOnly ? ' · append' : ' · retract';
}
