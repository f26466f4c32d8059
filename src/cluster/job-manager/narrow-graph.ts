import type { JobGraph } from '../../jobgraph/index.ts';

/** The same job with at most so many subtasks a vertex. Chains and edges stay those of the plan, so its operators find their state at any width. */
export function narrowGraph(graph: JobGraph, parallelism: number): JobGraph {
  if (graph.vertices.every((vertex) => vertex.parallelism <= parallelism)) return graph;
  return { ...graph, vertices: graph.vertices.map((vertex) => ({ ...vertex, parallelism: Math.min(vertex.parallelism, parallelism) })) };
}
