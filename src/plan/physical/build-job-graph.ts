import { assert } from '../../base/index.ts';
import { storageNumber } from '../../catalog/index.ts';
import {
  DEFAULT_SLOT_SHARING_GROUP,
  type JobEdge,
  type JobGraph,
  type JobVertex,
  type OperatorSpec,
  type PartitionerSpec,
  type RelationInput,
} from '../../jobgraph/index.ts';
import { isChainable } from './chaining.ts';
import { routingOf } from './distribution.ts';
import { planOperatorId } from './operator-id.ts';
import type { OperatorNode, PhysicalPlan } from './physical-plan.ts';
import { subplansReadTwice } from './share-subplans.ts';

export interface JobGraphOptions {
  readonly jobId: string;
  readonly name: string;
  readonly kind: JobGraph['kind'];
  readonly parallelism: number;
  readonly maxParallelism: number;
  /** Relation id whose changelog the root emits; null for a sink. */
  readonly outputRelation: string | null;
  /** From the catalog: keeps equal queries of two objects apart. */
  readonly disambiguator: string;
  /** Default: `default`. */
  readonly slotSharingGroup?: string | undefined;
}

/** A chain under construction: the operators so far and the subtasks they will have. */
interface OpenVertex {
  readonly id: string;
  readonly operators: OperatorSpec[];
  readonly inputCount: number;
  readonly parallelism: number;
}

/** Cuts a physical plan into chains and edges. Children come before parents in `vertices`, so the last vertex is the root's. */
export function buildJobGraph(root: OperatorNode, options: JobGraphOptions): JobGraph {
  const builder = new JobGraphBuilder(options, subplansReadTwice(root));
  const vertex = builder.place(root);
  return builder.finish(vertex, root);
}

class JobGraphBuilder {
  readonly #options: JobGraphOptions;
  readonly #vertices: OpenVertex[] = [];
  readonly #edges: JobEdge[] = [];
  readonly #inputs: RelationInput[] = [];
  /** Nodes with several readers end their chain, so that each reader has an edge of its own. */
  readonly #readTwice: ReadonlySet<OperatorNode>;
  readonly #placed = new Map<OperatorNode, OpenVertex>();
  readonly #operatorIds = new Map<PhysicalPlan, string>();
  #timed = false;
  #expires = false;

  constructor(options: JobGraphOptions, readTwice: ReadonlySet<OperatorNode>) {
    this.#options = options;
    this.#readTwice = readTwice;
  }

  place(node: OperatorNode): OpenVertex {
    let vertex = this.#placed.get(node);
    if (vertex === undefined) {
      vertex = this.#placeNew(node);
      this.#placed.set(node, vertex);
    }
    return vertex;
  }

  #placeNew(node: OperatorNode): OpenVertex {
    this.#timed ||= node.timed === true;
    this.#expires ||= node.expires === true;
    const inputs = node.inputs.map((input) => ({ ...input, vertex: input.plan.kind === 'operator' ? this.place(input.plan) : null }));
    const parallelism = node.parallelism === 'one' ? 1 : this.#options.parallelism;
    const spec = this.#spec(node);
    const only = inputs.length === 1 ? inputs[0]! : null;
    const readTwice = only !== null && this.#readTwice.has(only.plan as OperatorNode);
    if (only !== null && only.vertex !== null && !readTwice && this.#chains(only.vertex, parallelism, only.partitioner)) {
      only.vertex.operators.push(spec);
      return only.vertex;
    }
    const vertex: OpenVertex = { id: `v${this.#vertices.length}`, operators: [spec], inputCount: inputs.length, parallelism };
    this.#vertices.push(vertex);
    inputs.forEach((input, toInput) => {
      const partitioner = this.#partitioner(routingOf(input), input.vertex?.parallelism ?? this.#options.parallelism, parallelism);
      if (input.vertex !== null) this.#edges.push({ from: input.vertex.id, to: vertex.id, toInput, partitioner });
      else this.#addRelationInput(input.plan, vertex.id, { toInput, partitioner });
    });
    return vertex;
  }

  finish(rootVertex: OpenVertex, root: OperatorNode): JobGraph {
    const { jobId, name, kind, maxParallelism, outputRelation, slotSharingGroup } = this.#options;
    const vertices = this.#vertices.map((vertex): JobVertex => ({ ...vertex, slotSharingGroup: slotSharingGroup ?? DEFAULT_SLOT_SHARING_GROUP }));
    const output =
      outputRelation === null ? null : { relation: outputRelation, vertex: rootVertex.id, columns: root.columns, appendOnly: root.appendOnly };
    const graph: JobGraph = { jobId, name, kind, maxParallelism, vertices, edges: this.#edges, inputs: this.#inputs, output };
    return { ...graph, ...(this.#timed && { timed: true }), ...(this.#expires && { expires: true }) };
  }

  #spec(node: OperatorNode): OperatorSpec {
    return {
      operatorId: planOperatorId(node, this.#options.disambiguator, this.#operatorIds),
      kind: node.operator.kind,
      version: node.operator.version,
      parameters: node.operator.parameters,
      outputColumns: node.columns,
      outputAppendOnly: node.appendOnly,
      label: node.operator.label,
    };
  }

  /** A chain is only extended at its end and only while nobody else reads that end. */
  #chains(producer: OpenVertex, parallelism: number, partitioner: PartitionerSpec): boolean {
    const shared = {
      slotSharingGroup: this.#options.slotSharingGroup ?? DEFAULT_SLOT_SHARING_GROUP,
      maxParallelism: this.#options.maxParallelism,
      optsOut: false,
    };
    const effective = this.#partitioner(partitioner, producer.parallelism, parallelism);
    const branches = this.#edges.some((edge) => edge.from === producer.id);
    return (
      !branches &&
      isChainable({
        producer: { ...shared, parallelism: producer.parallelism },
        consumer: { ...shared, parallelism },
        consumerInputCount: 1,
        partitioner: effective,
      })
    );
  }

  /** Between two single subtasks every exchange is forward. */
  #partitioner(partitioner: PartitionerSpec, from: number, to: number): PartitionerSpec {
    if (from === 1 && to === 1) return { kind: 'forward' };
    if (to === 1) return { kind: 'global' };
    if (from === 1 && partitioner.kind === 'forward') return { kind: 'rebalance' };
    return partitioner;
  }

  #addRelationInput(plan: PhysicalPlan, to: string, edge: { readonly toInput: number; readonly partitioner: PartitionerSpec }): void {
    assert(plan.kind === 'relation', 'an input without a vertex is a relation');
    const { distribution } = plan;
    const hashed = edge.partitioner.kind === 'forward' && distribution.kind === 'hash' ? { hashedBy: distribution.keys } : {};
    const aside = plan.setAside === undefined ? {} : { setAside: plan.setAside };
    this.#inputs.push({
      relation: String(storageNumber(plan.relation)),
      ...aside,
      fields: plan.paths,
      columns: plan.columns,
      to,
      ...edge,
      ...hashed,
    });
  }
}
