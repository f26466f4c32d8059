import { assert, SqlError, SqlState } from '../../base/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import {
  type ExecutionCommand,
  type ExecutionEvent,
  type ExecutionState,
  initialExecution,
  type JobExecution,
  reduceExecution,
} from '../execution/index.ts';
import type { ComingJob } from './backfill.ts';
import type { ManagedJob } from './managed-job.ts';

/** How the jobs there are hang together: asked for each of them at every epoch, so it is found out once. */
interface Links {
  readonly all: readonly ManagedJob[];
  /** By the relation whose changelog they emit. */
  readonly emitters: ReadonlyMap<RelationId, ManagedJob>;
  /** By the relation whose changelog they read. */
  readonly readers: ReadonlyMap<RelationId, readonly ManagedJob[]>;
}

/** The jobs there are, their execution states, and how relations join them. */
export class JobRegistry {
  readonly #jobs = new Map<string, ManagedJob>();
  /** New jobs that wait for their turn or are being made, by id. */
  readonly coming = new Map<string, ComingJob>();
  #execution: ExecutionState = initialExecution;
  /** Null since a job has come or gone. */
  #known: Links | null = null;

  add(job: ManagedJob): void {
    assert(!this.#jobs.has(job.id), `job ${job.id} exists already`);
    this.#jobs.set(job.id, job);
    this.#known = null;
  }

  remove(job: ManagedJob): void {
    this.#jobs.delete(job.id);
    this.#known = null;
  }

  /** Jobs may read and emit other relations than before. */
  relinked(): void {
    this.#known = null;
  }

  job(id: string): ManagedJob | undefined {
    return this.#jobs.get(id);
  }

  all(): readonly ManagedJob[] {
    return this.#links.all;
  }

  execution(job: ManagedJob): JobExecution {
    return this.#execution.jobs[job.id]!;
  }

  get staleMessages(): number {
    return this.#execution.stale;
  }

  /** Reduces one event; the caller carries the commands out. */
  reduce(event: ExecutionEvent): readonly ExecutionCommand[] {
    const [next, commands] = reduceExecution(this.#execution, event);
    this.#execution = next;
    return commands;
  }

  /** The job that emits the relation's changelog, or publishes it otherwise. */
  producerOf(relation: RelationId): ManagedJob | undefined {
    return this.#links.emitters.get(relation) ?? this.all().find((job) => job.relations.has(relation));
  }

  requireProducer(relation: RelationId): ManagedJob {
    const job = this.producerOf(relation);
    if (job === undefined) throw new SqlError({ code: SqlState.objectNotInPrerequisiteState, message: `no job maintains relation ${relation}` });
    return job;
  }

  /** Jobs that read the job's changelog. */
  consumersOf(job: ManagedJob): readonly ManagedJob[] {
    const relation = job.graph.output?.relation;
    return relation === undefined ? [] : (this.#links.readers.get(relation) ?? []);
  }

  /** Jobs connected with this one through relations, itself included: they fail and restart together. Jobs that have failed for good or are paused connect nothing. */
  region(start: ManagedJob): ManagedJob[] {
    const region = new Set<ManagedJob>([start]);
    const open = start.standsStill ? [] : [start];
    for (let job = open.pop(); job !== undefined; job = open.pop()) {
      const producers = job.graph.inputs.map((input) => this.producerOf(input.relation));
      for (const neighbour of [...producers, ...this.consumersOf(job)]) {
        if (neighbour === undefined || region.has(neighbour) || neighbour.standsStill || this.execution(neighbour).state === 'FAILED') continue;
        region.add(neighbour);
        open.push(neighbour);
      }
    }
    return [...region];
  }

  /** All of them, each with those it is connected with. */
  regions(): ManagedJob[][] {
    const left = new Set(this.all());
    return this.all().flatMap((job) => {
      if (!left.has(job)) return [];
      const region = this.region(job).filter((member) => left.delete(member));
      return [region];
    });
  }

  get #links(): Links {
    this.#known ??= linksOf([...this.#jobs.values()]);
    return this.#known;
  }
}

function linksOf(all: readonly ManagedJob[]): Links {
  const emitters = new Map<RelationId, ManagedJob>();
  const readers = new Map<RelationId, ManagedJob[]>();
  for (const job of all) {
    const { output, inputs } = job.graph;
    if (output !== null && output !== undefined && !emitters.has(output.relation)) emitters.set(output.relation, job);
    for (const relation of new Set(inputs.map((input) => input.relation))) readers.set(relation, [...(readers.get(relation) ?? []), job]);
  }
  return { all, emitters, readers };
}
