/**
 * JobGraph: chained operators before parallelism, plain serialisable data. The one place where plan and runtime meet.
 *
 * No behaviour beyond looking things up; what an operator does is its factory's (spi), how it was chosen is plan's.
 */
export { type ArrivalName, type ImpliedColumn, impliedColumnAt, impliedColumns } from './implied-column.ts';
export type {
  EdgeColumn,
  JobEdge,
  JobGraph,
  JobVertex,
  Json,
  OperatorSpec,
  PartitionerSpec,
  RelationId,
  RelationInput,
  SetAside,
  VertexId,
} from './job-graph.ts';
export { DEFAULT_SLOT_SHARING_GROUP } from './job-graph.ts';
