import type { PartitionerSpec } from '../../jobgraph/index.ts';
import { type PhysicalInput, type PhysicalPlan, planWarnings, routingOf } from '../physical/index.ts';
import { printTree, type TreeNode } from './print-tree.ts';

/** What is said of a node behind its name. */
type NodeRemarks = (plan: PhysicalPlan) => Pick<TreeNode, 'text' | 'facts'>;

/** The chosen operators, exchanges between them, what is known of each one's output, and what should be known of their work. */
export function explainPhysical(plan: PhysicalPlan): string[] {
  return [...printTree(physicalTree(plan)), ...planWarnings(plan).map(({ message }) => `Warning: ${message}`)];
}

/** `remarks`: what stands behind the name of each node; absent: whether it takes rows back. */
export function physicalTree(plan: PhysicalPlan, remarks: NodeRemarks = traits): TreeNode {
  return nodeOf(plan, { remarks, printed: new Set() });
}

interface Printing {
  readonly remarks: NodeRemarks;
  /** Nodes that stand further up already; one that is read twice is spelled out once. */
  readonly printed: Set<PhysicalPlan>;
}

function nodeOf(plan: PhysicalPlan, printing: Printing): TreeNode {
  const { text: remark, facts } = printing.remarks(plan);
  const node = { ...(facts === undefined ? {} : { facts }) };
  if (plan.kind === 'relation') {
    const columns = plan.columns.map((column) => column.name).join(', ');
    const name = plan.setAside === undefined ? plan.relation.name : `${plan.setAside}_rows('${plan.relation.name}')`;
    return { ...node, text: `Scan ${name} (${columns})${remark}`, children: [] };
  }
  const text = `${plan.operator.label}${remark}`;
  if (printing.printed.has(plan)) return { ...node, text: `${text} · shared, see above`, children: [] };
  printing.printed.add(plan);
  return { ...node, text, children: plan.inputs.map((input) => inputNode(input, printing)) };
}

function inputNode(input: PhysicalInput, printing: Printing): TreeNode {
  const child = nodeOf(input.plan, printing);
  const routing = routingOf(input);
  return routing.kind === 'forward' ? child : { text: `Exchange ${partitionerText(routing, input.plan)}`, children: [child] };
}

function partitionerText(partitioner: PartitionerSpec, plan: PhysicalPlan): string {
  return partitioner.kind === 'hash' ? `hash by ${partitioner.keys.map((key) => plan.columns[key]!.name).join(', ')}` : partitioner.kind;
}

function traits(plan: PhysicalPlan): Pick<TreeNode, 'text' | 'facts'> {
  const mode = plan.appendOnly ? 'append' : 'retract';
  return { text: ` · ${mode}`, facts: { 'Changelog Mode': mode } };
}
