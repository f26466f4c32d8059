import { assert } from '../../base/index.ts';
import type { EdgeColumn, JobGraph, JobVertex, PartitionerSpec, RelationInput, SetAside } from '../../jobgraph/index.ts';
import {
  type ChannelDescription,
  connectedSubtasks,
  type EdgeDescription,
  type InputDescription,
  type TaskDescription,
} from '../../runtime/index.ts';

/** Prefix of the vertex ids of private readers; the rest is `<input index>`. */
const PRIVATE_PREFIX = 'private reader ';

export interface EdgeWiring {
  /** Begins with the job's prefix, so that a slot can forget the job's queues. */
  readonly id: string;
  readonly partitioner: PartitionerSpec;
  readonly setAside?: SetAside | undefined;
  readonly senders: number;
  readonly receivers: number;
  readonly ringBytes: number;
  /** The TaskManager of each slot. */
  readonly hosts: readonly string[];
  /** The slots of the sending and of the receiving subtasks. */
  readonly senderSlots: readonly number[];
  readonly receiverSlots: readonly number[];
}

/** The channels of an edge: one for each connected pair of subtasks. */
class Edge {
  readonly id: string;
  readonly #wiring: EdgeWiring;
  readonly #channels: ChannelDescription[][] = [];
  /** Receiving subtasks of these channels. */
  readonly #receivers: (readonly number[])[] = [];

  constructor(wiring: EdgeWiring) {
    this.id = wiring.id;
    this.#wiring = wiring;
    for (let sender = 0; sender < wiring.senders; sender++) {
      const receivers = connectedSubtasks(wiring.partitioner, sender, wiring);
      const senderSlot = wiring.senderSlots[sender]!;
      this.#receivers.push(receivers);
      this.#channels.push(
        receivers.map((receiver) => {
          const receiverSlot = wiring.receiverSlots[receiver]!;
          return {
            id: `${wiring.id}:${sender}>${receiver}`,
            senderSlot,
            receiverSlot,
            senderHost: wiring.hosts[senderSlot]!,
            receiverHost: wiring.hosts[receiverSlot]!,
            ringBytes: wiring.ringBytes,
            ring: null,
          };
        }),
      );
    }
  }

  sender(subtask: number, columns: readonly number[] | null): EdgeDescription {
    const { partitioner, setAside } = this.#wiring;
    return { id: this.id, ...(setAside !== undefined && { setAside }), partitioner, columns, channels: this.#channels[subtask]! };
  }

  receiver(subtask: number, input: number, ofHistory: boolean): InputDescription[] {
    return this.#channels
      .flatMap((channels, sender) => channels.filter((_, at) => this.#receivers[sender]![at] === subtask))
      .map((channel) => ({ input, ofHistory, channel }));
  }
}

/** How an input of a job gets its rows: from the producer's changelog, from a private reader of the producer's source, or from both. */
export interface InputWiring {
  readonly shared: Edge | null;
  readonly private: Edge | null;
}

export interface TopologyOptions {
  readonly graph: JobGraph;
  readonly attempt: number;
  readonly ringBytes: number;
  readonly hosts: readonly string[];
  /** By subtask, those of private readers included. */
  readonly slots: readonly number[];
  /** Parallelism and slots of the output vertex of each input's producer; by input index. */
  readonly producers: readonly {
    readonly parallelism: number;
    readonly slots: readonly number[];
    readonly shared: boolean;
    readonly private: boolean;
    readonly appendOnly: boolean;
  }[];
}

export interface Topology {
  /** Without sources' splits and without private readers. */
  readonly tasks: readonly TaskDescription[];
  readonly inputs: readonly InputWiring[];
}

/** A JobGraph times its parallelism: descriptions of all subtasks, joined by channels. */
export function expandJob(options: TopologyOptions): Topology {
  const { graph, attempt, ringBytes, hosts, slots } = options;
  const within = { ringBytes, hosts, senderSlots: slots, receiverSlots: slots };
  const prefix = `${graph.jobId}#${attempt}/`;
  const vertices = new Map(graph.vertices.map((vertex) => [vertex.id, vertex]));
  const edges = graph.edges.map((edge, index) => {
    const senders = vertices.get(edge.from)!.parallelism;
    const receivers = vertices.get(edge.to)!.parallelism;
    return { edge, wired: new Edge({ id: `${prefix}edge ${index}`, partitioner: edge.partitioner, senders, receivers, ...within }) };
  });
  const inputs = graph.inputs.map((input, index): InputWiring => {
    const producer = options.producers[index]!;
    const receivers = vertices.get(input.to)!.parallelism;
    const partitioner = partitionerOf(input, producer.parallelism, receivers);
    const wiring = { partitioner, setAside: input.setAside, senders: producer.parallelism, receivers, ...within };
    return {
      shared: producer.shared ? new Edge({ ...wiring, senderSlots: producer.slots, id: `${prefix}input ${index}` }) : null,
      private: producer.private ? new Edge({ ...wiring, id: `${prefix}private ${index}` }) : null,
    };
  });
  const fed = fedByHistory(graph, inputs);
  const tasks: TaskDescription[] = [];
  for (const vertex of graph.vertices) {
    const facts = inputFacts(graph, vertex, options);
    for (let subtask = 0; subtask < vertex.parallelism; subtask++) {
      const received = edges
        .filter(({ edge }) => edge.to === vertex.id)
        .flatMap(({ edge, wired }) => wired.receiver(subtask, edge.toInput, fed.has(edge.from)));
      graph.inputs.forEach((input, index) => {
        if (input.to !== vertex.id) return;
        received.push(...(inputs[index]!.shared?.receiver(subtask, input.toInput, false) ?? []));
        received.push(...(inputs[index]!.private?.receiver(subtask, input.toInput, true) ?? []));
      });
      const outputs = edges.filter(({ edge }) => edge.from === vertex.id).map(({ wired }) => wired.sender(subtask, null));
      const isOutput = graph.output?.vertex === vertex.id;
      tasks.push({
        vertex: vertex.id,
        subtask,
        parallelism: vertex.parallelism,
        operators: vertex.operators,
        inputs: received,
        inputColumns: facts.map((fact) => fact.columns),
        inputAppendOnly: facts.map((fact) => fact.appendOnly),
        inputRelation: facts.map((fact) => fact.relation),
        outputs,
        source: null,
        relation: isOutput ? graph.output!.relation : null,
        terminal: isOutput || outputs.length === 0,
      });
    }
  }
  return { tasks, inputs };
}

/** Vertices that rows of private readers may come to. */
function fedByHistory(graph: JobGraph, inputs: readonly InputWiring[]): ReadonlySet<string> {
  const fed = new Set(graph.inputs.flatMap(({ to }, index) => (inputs[index]!.private === null ? [] : [to])));
  for (let size = -1; size < fed.size; ) {
    size = fed.size;
    for (const { from, to } of graph.edges) if (fed.has(from)) fed.add(to);
  }
  return fed;
}

/** Each job has a parallelism of its own, so whether rows lie where they are wanted is known only when two jobs are wired. */
function partitionerOf({ partitioner, hashedBy }: RelationInput, senders: number, receivers: number): PartitionerSpec {
  if (partitioner.kind !== 'forward' || senders === receivers || receivers === 1) return partitioner;
  return hashedBy === undefined ? { kind: 'rescale' } : { kind: 'hash', keys: hashedBy };
}

/** Private readers of input `index`: the producer's source vertex once more, sending to this job alone. */
export function privateReaderTasks(producer: JobVertex, index: number, edge: Edge): Omit<TaskDescription, 'source'>[] {
  return Array.from({ length: producer.parallelism }, (_, subtask) => ({
    vertex: `${PRIVATE_PREFIX}${index}`,
    subtask,
    parallelism: producer.parallelism,
    operators: producer.operators,
    inputs: [],
    inputColumns: [],
    inputAppendOnly: [],
    inputRelation: [],
    outputs: [edge.sender(subtask, null)],
    relation: null,
    terminal: false,
  }));
}

export function isPrivateReader(vertex: string): boolean {
  return vertex.startsWith(PRIVATE_PREFIX);
}

export function privateReaderInput(vertex: string): number {
  return Number(vertex.slice(PRIVATE_PREFIX.length));
}

interface InputFacts {
  readonly columns: readonly EdgeColumn[];
  readonly appendOnly: boolean;
  /** It reads a relation, not another vertex of the job. */
  readonly relation: boolean;
}

function inputFacts(graph: JobGraph, vertex: JobVertex, options: TopologyOptions): InputFacts[] {
  return Array.from({ length: vertex.inputCount }, (_, input) => {
    const facts: InputFacts[] = [];
    for (const edge of graph.edges) {
      if (edge.to !== vertex.id || edge.toInput !== input) continue;
      const last = graph.vertices.find((candidate) => candidate.id === edge.from)!.operators.at(-1)!;
      facts.push({ columns: last.outputColumns, appendOnly: last.outputAppendOnly, relation: false });
    }
    graph.inputs.forEach((relation, index) => {
      if (relation.to === vertex.id && relation.toInput === input)
        facts.push({
          columns: relation.columns,
          appendOnly: relation.setAside !== undefined || options.producers[index]!.appendOnly,
          relation: true,
        });
    });
    assert(facts.length > 0, `input ${input} of vertex ${vertex.id} of job ${graph.jobId} is connected to nothing`);
    return { columns: facts[0]!.columns, appendOnly: facts.every((fact) => fact.appendOnly), relation: facts.every((fact) => fact.relation) };
  });
}
