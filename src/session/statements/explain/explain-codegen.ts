import { compileCalc } from '../../../expr/index.ts';
import type { EdgeColumn, JobGraph } from '../../../jobgraph/index.ts';
import { relationsOf } from '../../engine/index.ts';
import type { StatementContext } from '../../statement-context.ts';
import type { ExplainedQuery } from './explain-target.ts';

/** The generated loops of every calc of the plan. */
export function explainCodegen({ bound, runsOnce, job }: ExplainedQuery, { engine }: StatementContext): readonly string[] {
  if (runsOnce && relationsOf(bound.plan).length === 0) return ['nothing is compiled: the statement reads no relation'];
  const { graph } = job();
  const { registries } = engine;
  const lines: string[] = [];
  for (const vertex of graph.vertices) {
    for (const operator of vertex.operators) {
      const calc = registries.roots.calcOf(operator);
      if (calc === null) continue;
      const inputColumns = inputColumnsOf(graph, vertex, vertex.operators.indexOf(operator));
      const compiled = compileCalc({ ...calc, inputColumns, functions: registries.lookup, interpreted: false });
      lines.push(`-- ${vertex.id}: ${operator.label}`, ...compiled.text().split('\n'));
    }
  }
  return lines.length === 0 ? ['no expression of this query is compiled'] : lines;
}

/** Columns an operator of a chain receives: the one before it, or what the edge or relation into the chain carries. */
function inputColumnsOf(graph: JobGraph, vertex: JobGraph['vertices'][number], position: number): readonly EdgeColumn[] {
  if (position > 0) return vertex.operators[position - 1]!.outputColumns;
  const relation = graph.inputs.find((input) => input.to === vertex.id);
  if (relation !== undefined) return relation.columns;
  const edge = graph.edges.find((one) => one.to === vertex.id);
  return graph.vertices.find((one) => one.id === edge?.from)?.operators.at(-1)?.outputColumns ?? [];
}
