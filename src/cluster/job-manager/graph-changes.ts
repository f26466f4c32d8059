import type { SqlError } from '../../base/index.ts';
import type { JobGraph } from '../../jobgraph/index.ts';
import type { Conditions } from './conditions.ts';
import type { Exclusive } from './exclusive.ts';
import type { JobRegistry } from './job-registry.ts';
import { jobsUp } from './jobs-up.ts';
import type { ManagedJob } from './managed-job.ts';
import type { SlotWaits } from './slot-waits.ts';
import { whileWanted } from './while-wanted.ts';

export interface GraphChangesParts {
  /** Jobs start, and are changed, one group after the other. */
  readonly deploys: Exclusive;
  readonly conditions: Conditions;
  readonly registry: JobRegistry;
  /** What a job that is to be started waits for, if it is slots. */
  readonly waitsForSlots: () => SqlError | null;
  readonly waits: Pick<SlotWaits, 'inTime' | 'againInTime' | 'areThere' | 'shortageFor' | 'shortageOf'>;
  /** Throws when nothing may be changed any more. */
  readonly assertUsable: () => void;
}

/** A job that a change starts. */
export interface Started {
  readonly graph: JobGraph;
  /** Aborted, it is not waited for any more. */
  readonly signal?: AbortSignal | undefined;
}

/** Changes that statements make to the running graph, one after the other. Slots for a job they start are waited for before it is their turn: nobody else does. */
export class GraphChanges {
  readonly #parts: GraphChangesParts;

  constructor(parts: GraphChangesParts) {
    this.#parts = parts;
  }

  /** A change that needs every job up, and slots for `started`. Errors: 53000 when one waits for slots, 55000 when one fails again and again. */
  whenAllUp<Result>(change: () => Promise<Result | null>, started: Started | null = null): Promise<Result> {
    const { registry, waitsForSlots } = this.#parts;
    const up = jobsUp(registry, () => registry.all());
    return this.#whenReady(
      () => {
        const shortage = waitsForSlots();
        if (shortage !== null) throw shortage;
        return up();
      },
      change,
      started,
    );
  }

  /**
   * A change that needs what these jobs read up, and slots for `started`. Errors: 53000 when there are too few, 55000 when one fails again and again, the reason of
   * the signal when that is aborted before the change has begun.
   */
  whenInputsUp<Result>(graphs: readonly JobGraph[], change: () => Promise<Result | null>, started: Started | null = null): Promise<Result> {
    const { registry } = this.#parts;
    const up = jobsUp(registry, () => graphs.flatMap(({ inputs }) => inputs.flatMap(({ relation }) => registry.producerOf(relation) ?? [])));
    return this.#whenReady(up, change, started);
  }

  /** A change by which jobs go on that stand still: it needs what they read up, and their slots. Errors: 53000 when there are too few, 55000 when one fails again and again. */
  async whenSlotsAreBack<Result>(jobIds: readonly string[], change: () => Promise<Result | null>): Promise<Result> {
    const { registry, waits } = this.#parts;
    const known = jobIds.flatMap((id) => registry.job(id) ?? []);
    const still = (): ManagedJob[] => known.filter((job) => registry.job(job.id) === job && job.standsStill);
    const graphs = known.map(({ graph }) => graph);
    for (;;) {
      await waits.againInTime(still);
      const result = await this.whenInputsUp(graphs, async () => (waits.shortageOf(still()) === null ? { made: await change() } : { made: null }));
      if (result.made !== null) return result.made;
    }
  }

  /**
   * A restart has to wait for its turn as well, so nothing that may take one is waited for inside: a change that has come upon it returns null, having changed
   * nothing, and is made again once `ready`.
   */
  async #whenReady<Result>(ready: () => boolean, change: () => Promise<Result | null>, started: Started | null): Promise<Result> {
    if (started === null) return this.#repeated(ready, change, null);
    const { registry, conditions, waits } = this.#parts;
    const { graph, signal } = started;
    registry.coming.set(graph.jobId, { graph, shortage: () => waits.shortageFor(graph)?.message ?? null });
    try {
      return await whileWanted(signal, { work: () => this.#repeated(ready, change, started), abandon: () => conditions.changed() });
    } finally {
      registry.coming.delete(graph.jobId);
    }
  }

  async #repeated<Result>(ready: () => boolean, change: () => Promise<Result | null>, started: Started | null): Promise<Result> {
    const { deploys, conditions, waits, assertUsable } = this.#parts;
    const usable = (): boolean => {
      assertUsable();
      started?.signal?.throwIfAborted();
      return ready();
    };
    for (;;) {
      if (started !== null) await waits.inTime(started.graph, started.signal);
      await conditions.until(usable);
      const result = await deploys.run(async () => (usable() && (started === null || waits.areThere(started.graph)) ? change() : null));
      if (result !== null) return result;
    }
  }
}
