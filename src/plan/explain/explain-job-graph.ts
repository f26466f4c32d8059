import type { JobGraph, JobVertex, PartitionerSpec } from '../../jobgraph/index.ts';

/** Chains with their parallelism, and the edges between them, in the order of the data. */
export function explainJobGraph(graph: JobGraph): string[] {
  const lines = [`Job ${graph.name} (${graph.kind}) · max parallelism ${graph.maxParallelism}`];
  for (const vertex of graph.vertices) {
    lines.push(`  ${vertex.id} x ${vertex.parallelism} · slot group ${vertex.slotSharingGroup}`);
    for (const text of inputsOf(graph, vertex)) lines.push(`    <- ${text}`);
    for (const operator of vertex.operators) lines.push(`    ${operator.label} [${operator.operatorId}]`);
  }
  if (graph.output !== null) lines.push(`  -> relation ${graph.output.relation}${graph.output.appendOnly ? ' · append' : ' · retract'}`);
  return lines;
}

function inputsOf(graph: JobGraph, vertex: JobVertex): string[] {
  const edges = graph.edges
    .filter((edge) => edge.to === vertex.id)
    .map((edge) => ({ at: edge.toInput, text: `${edge.from} ${partitioner(edge.partitioner)}` }));
  const relations = graph.inputs
    .filter((input) => input.to === vertex.id)
    .map((input) => ({
      at: input.toInput,
      text: `relation ${input.relation} (${input.columns.map((column) => column.name).join(', ')}) ${partitioner(input.partitioner)}`,
    }));
  return [...edges, ...relations].sort((left, right) => left.at - right.at).map((input) => input.text);
}

function partitioner(spec: PartitionerSpec): string {
  return spec.kind === 'hash' ? `hash ${spec.keys.join(', ')}` : spec.kind;
}
