import type { RelationId } from '../../jobgraph/index.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';

/**
 * In which jobs the next epoch may change something. The others take no part in it: they are complete in it without a barrier, as they are, so views that nothing
 * comes to cost nothing.
 */
export class News {
  readonly #registry: JobRegistry;
  /** Writes on their way into the log, by the relation they are for. */
  readonly #writes = new Map<RelationId, number>();

  constructor(registry: JobRegistry) {
    this.#registry = registry;
  }

  /**
   * Rows for these relations are on their way into the log of stored tables: an epoch may find them there before anybody is told. What is returned is to be called when they
   * are there, or will not be.
   */
  writing(relations: ReadonlySet<RelationId>): () => void {
    for (const relation of relations) this.#writes.set(relation, (this.#writes.get(relation) ?? 0) + 1);
    return () => {
      for (const relation of relations) {
        const others = this.#writes.get(relation)! - 1;
        if (others === 0) this.#writes.delete(relation);
        else this.#writes.set(relation, others);
      }
      for (const job of this.#registry.all()) for (const source of job.sources) if (relations.has(source.key)) source.hasMoved();
    };
  }

  /** Of `able`, those with news and those `required`, with what relations connect with them: they wait for each other's barriers. */
  among(able: readonly ManagedJob[], required: readonly ManagedJob[], nowMs: number): readonly ManagedJob[] {
    const chosen = new Set<ManagedJob>();
    const choose = (job: ManagedJob): void => {
      if (!chosen.has(job)) for (const member of this.#registry.region(job)) chosen.add(member);
    };
    for (const job of required) choose(job);
    for (const job of able) if (!chosen.has(job) && this.#has(job, nowMs)) choose(job);
    return chosen.size === 0 ? [] : able.filter((job) => chosen.has(job));
  }

  #has(job: ManagedJob, nowMs: number): boolean {
    const { kind, timed, expires } = job.graph;
    if (timed === true || expires === true || job.heldForMicros !== null) return true;
    // A sink hands on rows under the number that follows the last barrier's.
    if (kind === 'sink' || !job.published) return true;
    for (const source of job.sources) {
      if (source.hasNews(nowMs) || this.#writes.has(source.key)) return true;
      if (source.finished && !job.endedSources.has(source.vertex.id)) return true;
    }
    return false;
  }
}
