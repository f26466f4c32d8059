import { type Clock, type Logger, SqlError, SqlState, type Timer } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { EpochRelease, TaskId } from '../../runtime/index.ts';
import type { EpochRecord, SourceRecord, StateStore } from '../../state/index.ts';
import type { CheckpointTrigger } from '../cluster-monitor.ts';
import type { CheckpointCoordinator, JobInCheckpoint } from './checkpoint-coordinator.ts';
import type { Conditions } from './conditions.ts';
import { CutCollector, sourceKey } from './cut-collector.ts';
import { EpochPace } from './epoch-pace.ts';
import { EpochsInFlight } from './epochs-in-flight.ts';
import type { Exclusive } from './exclusive.ts';
import type { HistoryCuts } from './history-cuts.ts';
import type { JobRegistry } from './job-registry.ts';
import type { ManagedJob } from './managed-job.ts';
import type { Monitor } from './monitor.ts';
import type { News } from './news.ts';
import { planText } from './recorded-plans.ts';
import { statefulOperators } from './saved-jobs.ts';
import type { SlotFleet } from './slot-fleet.ts';
import { releaseOf, type SourceProgress } from './source-progress.ts';

/** While a job depends on the time of epochs, one is made at least this often. */
const TIMED_EPOCH_MS = 1_000;

const MICROS_PER_MS = 1000n;

/** Epochs one region may have in flight; a slower region is left out of new ones until it has caught up. */
const EPOCHS_IN_FLIGHT_MAX = 4;

/** The same of a new job that reads what its inputs hold. */
const LAGGING_EPOCHS_MAX = 10_000;

export interface EpochCoordinatorParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: StateStore;
  readonly fleet: SlotFleet;
  readonly registry: JobRegistry;
  readonly checkpoints: CheckpointCoordinator;
  readonly conditions: Conditions;
  readonly exclusive: Exclusive;
  readonly news: News;
  readonly histories: HistoryCuts;
  readonly monitor: Monitor;
  /** Null: epochs are made only when asked for. */
  readonly epochIntervalMs: number | null;
  /** The log or the disk has failed: nothing may be published any more. */
  readonly fatal: (error: unknown) => void;
  /** Relations may have become complete. */
  readonly advanced: () => void;
}

interface Cut {
  readonly epoch: Epoch;
  readonly timestampMicros: bigint;
  readonly checkpoint: boolean;
  readonly jobs: readonly ManagedJob[];
  /** Position behind the last record of the embedded log that belongs to the epoch; null: embedded sources stay where they are. */
  readonly embeddedEnd: number | null;
}

/**
 * Decides epochs: asks every source where it stands, decides watermarks and idleness, records the epoch, lets the sources go on at once, and follows the
 * barriers until each relation is complete. A record is durable before anything of its epoch is shown.
 */
export class EpochCoordinator {
  readonly inFlight = new EpochsInFlight();
  readonly cuts = new CutCollector();
  readonly pace: EpochPace;
  readonly #parts: EpochCoordinatorParts;
  /** Records since the newest committed checkpoint, to replay a region from. */
  #records: EpochRecord[] = [];
  #base: EpochRecord | null = null;
  #lastEpoch: Epoch;
  /** The newest epoch whose sources have been let go; one that is still being cut is complete nowhere. */
  #released: Epoch;
  #lastTimestamp = 0n;
  #lastCutMs = Number.NEGATIVE_INFINITY;
  #embeddedEnd = 0;
  #lastCheckpointCut: Epoch = 0;
  #checkpointWanted: CheckpointTrigger | null = null;
  /** Before it none is made that nobody waits for: regions rest. */
  #checkpointFromMs = Number.NEGATIVE_INFINITY;
  /** When the first of the jobs that have news and rest may take part in an epoch; infinite: there are none. */
  #restsUntilMs = Number.POSITIVE_INFINITY;
  /** Epochs that were made checkpoints and are neither committed nor given up. */
  readonly checkpointsUnderWay = new Set<Epoch>();
  /** Somebody waits for the next epoch. */
  #urgent = false;
  #timer: Timer | null = null;
  #idleTimer: Timer | null = null;
  #restTimer: Timer | null = null;
  #requested = false;
  #closed = false;
  readonly embeddedJobs = new Set<string>();

  constructor(parts: EpochCoordinatorParts) {
    this.#parts = parts;
    this.pace = new EpochPace(parts.registry, parts.epochIntervalMs ?? 0);
    this.#base = parts.store.restoredRecord();
    this.#records = [...parts.store.recordsToReplay()];
    const newest = this.#records.at(-1) ?? this.#base;
    this.#lastEpoch = newest?.epoch ?? 0;
    this.#released = this.#lastEpoch;
    this.#lastTimestamp = BigInt(newest?.timestampMicros ?? 0);
  }

  get lastEpoch(): Epoch {
    return this.#lastEpoch;
  }

  /** Epoch time of lastEpoch. */
  get lastTimestampMicros(): bigint {
    return this.#lastTimestamp;
  }

  /** Records of embedded writes below this position belong to an epoch. */
  get embeddedEnd(): number {
    return this.#embeddedEnd;
  }

  /** The newest epoch that was made a checkpoint, committed or not. */
  get lastCheckpointCut(): Epoch {
    return this.#lastCheckpointCut;
  }

  /** The newest committed checkpoint, and the epochs since. */
  get base(): EpochRecord | null {
    return this.#base;
  }

  recordsSinceBase(): readonly EpochRecord[] {
    return this.#records;
  }

  /** The newest epoch at which the job's relations may be read. */
  completeAt(job: ManagedJob): Epoch {
    if (!job.live && !job.standsStill) return job.joinedAfter;
    return this.inFlight.completeIn(job.id, this.#released);
  }

  /** Asks for an epoch: at the pace of the interval, or at once. */
  request(urgent: boolean): void {
    const { clock, epochIntervalMs } = this.#parts;
    if (this.#closed || (epochIntervalMs === null && !urgent)) return;
    if (urgent) {
      this.#urgent = true;
      this.#run();
    } else if (this.#timer === null && !this.#requested) {
      const dueMs = this.#lastCutMs + (epochIntervalMs ?? 0) - clock.monotonicMs();
      this.#timer = clock.after(Math.max(0, dueMs), () => this.#run());
    }
  }

  /** Makes an epoch in which all of `jobs` take part, whether they have news or not. To be called with the graph held still (Exclusive). */
  async make(jobs: readonly ManagedJob[] = []): Promise<Epoch> {
    await this.#parts.conditions.until(() => {
      const able = new Set(this.#able());
      return jobs.every((job) => !job.live || able.has(job));
    });
    this.#urgent = true;
    return this.#make(jobs);
  }

  /** One is due as soon as it can be made. */
  get checkpointWanted(): boolean {
    return this.#checkpointWanted !== null;
  }

  requestCheckpoint(trigger: CheckpointTrigger): void {
    this.#checkpointWanted = trigger;
    this.#checkpointFromMs = Number.NEGATIVE_INFINITY;
  }

  /** A sink holds so much back that it does not wait for the interval. */
  outboxFull(): void {
    if (this.checkpointWanted) return;
    this.requestCheckpoint('size');
    this.request(false);
  }

  /** A new job has something that is worth a checkpoint. */
  historyCut(): void {
    this.requestCheckpoint('interval');
    this.request(true);
  }

  /** The interval of checkpoints has passed. One takes in all regions, so it comes when the one that rests longest just now is through with that. */
  checkpointDue(): void {
    const { histories } = this.#parts;
    if (!histories.begin({ epoch: this.#lastEpoch, timestampMicros: this.#lastTimestamp })) this.request(true);
    if (this.#records.length === 0) return;
    if (this.#checkpointWanted === null && this.canCheckpoint()) {
      this.requestCheckpoint('interval');
      this.#checkpointFromMs = Math.max(...this.pace.resting(this.#parts.clock.monotonicMs()).values());
    }
    this.request(false);
  }

  canCheckpoint(): boolean {
    // One that joins counts from its first epoch on: its region takes part in those that it keeps up with, and no checkpoint is made without a region.
    const jobs = this.#parts.registry.all().filter((job) => (job.live || !job.joining) && this.#parts.registry.execution(job).state !== 'FAILED');
    const takesPart = (job: ManagedJob): boolean => job.live && (job.published || job.joining) && !this.#isSaturated(job);
    const ready = (job: ManagedJob): boolean => this.#hasStopped(job) || takesPart(job);
    return !this.#parts.checkpoints.pending && jobs.length > 0 && jobs.every(ready);
  }

  /** A checkpoint has the job standing still where it does. Before, it may have read what is in no state yet. */
  isPausedInBase(job: ManagedJob): boolean {
    const paused = this.#base?.paused?.[job.id];
    return paused !== undefined && paused.epoch === job.pausedAt?.epoch;
  }

  /** All the state of a job that stands still is there: a checkpoint may have waited for it. */
  stopped(): void {
    if (this.#checkpointWanted !== null) this.request(true);
    this.#parts.conditions.changed();
  }

  /** It stands still, and its state there is in a checkpoint, or has come to go into the next one. */
  #hasStopped(job: ManagedJob): boolean {
    return job.standsStill && (this.isPausedInBase(job) || (!job.left && job.toHandIn.size === 0));
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#idleTimer?.cancel();
    this.#restTimer?.cancel();
    this.#parts.monitor.close();
  }

  #run(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#requested) return;
    this.#requested = true;
    this.#parts.exclusive
      .run(async () => {
        // When all have failed meanwhile they come back only once the graph is let go.
        const someLive = (): boolean => this.#parts.registry.all().some((job) => job.live);
        await this.#parts.conditions.until(() => this.#closed || this.#able().length > 0 || !someLive());
        this.#requested = false;
        if (this.#closed) return;
        if (this.#onlyRests()) this.#watchRests();
        else await this.#make([]);
      })
      .catch((error: unknown) => this.#parts.fatal(error));
  }

  /** An epoch made now would take in what is in the log of stored tables. */
  canTakeWrites(): boolean {
    return this.#takesWrites(this.#able());
  }

  #takesWrites(able: readonly ManagedJob[]): boolean {
    const ids = new Set(able.map((job) => job.id));
    return [...this.embeddedJobs].every((job) => ids.has(job)) && !this.#awaitsTables();
  }

  /** Live jobs whose region keeps up. A region takes part as a whole, since its jobs wait for each other's barriers. */
  #able(): readonly ManagedJob[] {
    const live = this.#parts.registry.all().filter((job) => job.live);
    const behind = live.filter((job) => this.#isSaturated(job));
    if (behind.length === 0) return live;
    const left = new Set(behind.flatMap((job) => this.#parts.registry.region(job)));
    return live.filter((job) => !left.has(job));
  }

  #isSaturated(job: ManagedJob): boolean {
    const oldest = this.inFlight.oldest(job.id);
    if (oldest !== null && oldest <= job.replayThrough) return true;
    const count = this.inFlight.count(job.id);
    return count >= EPOCHS_IN_FLIGHT_MAX && !(oldest !== null && isReadingContent(job, oldest) && this.#mayLag(job, count));
  }

  /** What changes while a new job reads is kept for it beside the channels, so nobody has to wait. */
  #mayLag(job: ManagedJob, count: number): boolean {
    const { registry, monitor } = this.#parts;
    const producers = job.graph.inputs.map(({ relation }) => registry.requireProducer(relation));
    return count < LAGGING_EPOCHS_MAX && !producers.some((producer) => monitor.keepsTooMuch(producer));
  }

  /** Nobody waits for an epoch, and all it would be made for rests. */
  #onlyRests(): boolean {
    const { news, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (this.#urgent || (this.#checkpointWanted !== null && nowMs >= this.#checkpointFromMs)) return false;
    const able = this.#able();
    const chosen = news.among(able, [], nowMs);
    return chosen.length > 0 && this.#withoutResting(chosen, { required: [], embedded: this.#takesWrites(able), nowMs }).length === 0;
  }

  /** What of an epoch's jobs does not have to rest first. Nobody who waits for an epoch waits for that. */
  #withoutResting(
    jobs: readonly ManagedJob[],
    { required, embedded, nowMs }: { readonly required: readonly ManagedJob[]; readonly embedded: boolean; readonly nowMs: number },
  ): readonly ManagedJob[] {
    const { registry, store } = this.#parts;
    const resting = this.pace.resting(nowMs);
    const written = embedded && store.embeddedLog.lastPosition() + 1 > this.#embeddedEnd;
    if (resting.size > 0)
      for (const job of written ? [...required, ...this.#embedded()] : required) for (const member of registry.region(job)) resting.delete(member);
    this.#restsUntilMs = Math.min(...jobs.map((job) => resting.get(job) ?? Number.POSITIVE_INFINITY));
    return jobs.filter((job) => !resting.has(job));
  }

  async #make(required: readonly ManagedJob[]): Promise<Epoch> {
    const { clock, fleet, monitor } = this.#parts;
    const cut = this.#decideCut(required);
    monitor.epochHistory.begin(cut.epoch, this.#urgent ? 'statement' : 'interval');
    this.#urgent = false;
    const tasks = cut.jobs.flatMap((job) => this.#sourceTasks(job).map(({ source, id }) => ({ job, source, task: id })));
    const byJob = new Map(cut.jobs.map((job) => [job.id, this.#sourceTasks(job).map(({ id }) => `${id.vertex}/${id.subtask}`)]));
    const answers = this.cuts.collect(cut.epoch, byJob);
    const entries = tasks.map(({ job, source, task }) => ({ task, positions: this.#cutPositions(cut, job, source) }));
    fleet.sendGrouped(entries, (own) => ({ kind: 'cut', epoch: cut.epoch, tasks: own }));
    const cuts = await answers;
    this.#lastCutMs = clock.monotonicMs();
    for (const job of cut.jobs) job.lastCutMs = this.#lastCutMs;
    const jobs = cut.jobs.filter((job) => job.live);
    const now = { monotonicMs: this.#lastCutMs, micros: cut.timestampMicros };
    const sources: SourceRecord[] = [];
    for (const job of jobs) for (const source of job.sources) sources.push(source.advance(cuts.get(sourceKey(job.id, source.vertex.id)) ?? [], now));
    sources.push(...this.#leftBehind(cut));
    if (cut.embeddedEnd !== null) this.#embeddedEnd = cut.embeddedEnd;
    // A checkpoint names every job there is: without one that has failed since, it would let go of its state.
    this.#publish({ ...cut, jobs, checkpoint: cut.checkpoint && jobs.length === cut.jobs.length }, sources);
    this.#watchTime();
    this.#watchRests();
    monitor.ask();
    this.#parts.conditions.changed();
    return cut.epoch;
  }

  #decideCut(required: readonly ManagedJob[]): Cut {
    const { clock, store, news } = this.#parts;
    const now = clock.nowMicros();
    // Where a subscription is read from a time on, no two epochs have the same millisecond.
    const told = this.#parts.registry.all().some((job) => job.heldForMicros !== null);
    const earliest = told ? this.#lastTimestamp + MICROS_PER_MS : this.#lastTimestamp;
    // The wall clock may have been set back; an epoch's time may not.
    this.#lastTimestamp = now > earliest ? now : earliest;
    const nowMs = clock.monotonicMs();
    this.#restsUntilMs = Number.POSITIVE_INFINITY;
    const checkpoint = this.#checkpointWanted !== null && nowMs >= this.#checkpointFromMs && this.canCheckpoint();
    const able = this.#able();
    const embedded = this.#takesWrites(able);
    const jobs = checkpoint ? able : this.#withoutResting(news.among(able, required, nowMs), { required, embedded, nowMs });
    // Where those of stored tables stay where they are, rows that have come are in the log, and in no epoch yet.
    for (const job of jobs) if (embedded || !this.embeddedJobs.has(job.id)) for (const source of job.sources) source.cutBegins();
    return {
      epoch: ++this.#lastEpoch,
      timestampMicros: this.#lastTimestamp,
      checkpoint,
      jobs,
      embeddedEnd: embedded ? store.embeddedLog.lastPosition() + 1 : null,
    };
  }

  /** A table that has not started yet, for want of slots, cannot take in what is in its log. */
  #awaitsTables(): boolean {
    const { registry } = this.#parts;
    return registry.all().some((job) => job.awaited && job.graph.kind === 'table' && registry.execution(job).state !== 'FAILED');
  }

  /** One COMMIT may touch several relations, so all of them read up to the same record. */
  #cutPositions(cut: Cut, job: ManagedJob, source: SourceProgress): ReadonlyMap<string, number> | null {
    if (!this.embeddedJobs.has(job.id) || !source.started) return null;
    return cut.embeddedEnd === null ? source.positions() : source.positionsAt(cut.embeddedEnd);
  }

  /** Tables that have failed since the cut was decided: a COMMIT that the others show in this epoch is in it for them, too, when they replay it. */
  #leftBehind({ jobs, embeddedEnd }: Cut): SourceRecord[] {
    if (embeddedEnd === null) return [];
    const failed = jobs.filter((job) => !job.live && this.embeddedJobs.has(job.id));
    return failed.flatMap((job) => job.sources.filter(({ started }) => started).map((source) => source.recordAt(embeddedEnd)));
  }

  #publish(cut: Cut, sources: readonly SourceRecord[]): void {
    const { store, fleet, fatal, advanced } = this.#parts;
    const { epoch, timestampMicros, checkpoint } = cut;
    const drained = cut.jobs.filter((job) => job.drainedAt === epoch).map(({ id }) => id);
    const decided = { epoch, timestampMicros: String(timestampMicros), incarnation: store.incarnation, sources };
    const record: EpochRecord = drained.length === 0 ? decided : { ...decided, drained };
    const markDurable = this.inFlight.add(epoch, new Map(cut.jobs.map((job) => [job.id, job.terminalTasks()])));
    for (const job of cut.jobs) job.newestEpoch = epoch;
    this.#released = epoch;
    this.#records.push(record);
    const durable = store.appendEpochRecord(record);
    durable.then(
      () => {
        markDurable();
        advanced();
      },
      (error: unknown) => fatal(error),
    );
    if (checkpoint) {
      this.#lastCheckpointCut = epoch;
      this.#beginCheckpoint(this.#checkpointRecord(record, cut.jobs), cut.jobs, durable);
    }
    const releases: { task: TaskId; release: EpochRelease }[] = [];
    for (const job of cut.jobs) {
      for (const { source, id } of this.#sourceTasks(job)) {
        const own = sources.find((candidate) => candidate.relation === source.key)!;
        releases.push({ task: id, release: releaseOf(own, { epoch, timestampMicros, checkpoint, last: source.finished }) });
      }
      for (const source of job.sources) if (source.finished) job.endedSources.add(source.vertex.id);
    }
    fleet.sendGrouped(releases, (tasks) => ({ kind: 'release', tasks }));
  }

  /** Where all sources stand, those of paused jobs too, and where these have stopped. */
  #checkpointRecord(record: EpochRecord, jobs: readonly ManagedJob[]): EpochRecord {
    const { registry } = this.#parts;
    const still = registry.all().filter((job) => job.standsStill);
    for (const job of jobs) {
      if (job.pausedAt === null) continue;
      const producers = job.graph.inputs.map((input) => registry.requireProducer(input.relation)).filter(({ graph }) => graph.kind === 'source');
      job.pausedAt = { epoch: record.epoch, sources: producers.flatMap((producer) => producer.sources.map((source) => source.wholeRecord())) };
    }
    const paused = registry.all().flatMap((job) => (job.pausedAt === null ? [] : [[job.id, job.pausedAt] as const]));
    const sources = [...jobs, ...still].flatMap((job) => job.sources.map((source) => source.wholeRecord()));
    const drained = registry.all().flatMap((job) => (job.drainedAt === null ? [] : [job.id]));
    const joining = this.#parts.histories.hand();
    return {
      ...record,
      sources,
      ...(paused.length > 0 && { paused: Object.fromEntries(paused) }),
      ...(drained.length > 0 && { drained }),
      ...(Object.keys(joining).length > 0 && { joining }),
    };
  }

  #beginCheckpoint(record: EpochRecord, jobs: readonly ManagedJob[], durable: Promise<void>): void {
    const { checkpoints, fleet, registry, conditions, fatal, histories, monitor } = this.#parts;
    const trigger = this.#checkpointWanted ?? 'statement';
    this.#checkpointWanted = null;
    monitor.checkpointHistory.begin(record.epoch, trigger);
    this.checkpointsUnderWay.add(record.epoch);
    fleet.broadcast({ kind: 'checkpoint', epoch: record.epoch });
    const partOf = (job: ManagedJob, tasks: readonly string[]): [string, JobInCheckpoint] => {
      const operators = job.graph.vertices.flatMap((vertex) => vertex.operators.map((operator) => operator.operatorId));
      return [job.id, { tasks, operators, plan: planText({ name: job.graph.name, operators: statefulOperators(job) }) }];
    };
    const still = registry.all().filter((job) => job.standsStill);
    const whole = [...jobs.map((job) => partOf(job, job.statefulTasks())), ...still.map((job) => partOf(job, []))];
    const expected = new Map([...whole, ...histories.parts()]);
    const forgotten = registry.all().find((job) => job.inCheckpoint && registry.execution(job).state !== 'FAILED' && !expected.has(job.id));
    if (forgotten !== undefined) {
      fatal(wouldBeForgotten(forgotten, record.epoch));
      return;
    }
    checkpoints.make(record, expected, durable).then(
      (summary) => {
        this.checkpointsUnderWay.delete(record.epoch);
        if (summary === null) {
          monitor.checkpointHistory.end(record.epoch, { state: 'failed', bytes: null, rows: null, failure: 'a job has stopped meanwhile' });
          this.#checkpointWanted = trigger;
          this.request(true);
        } else {
          monitor.checkpointHistory.end(record.epoch, { state: 'complete', bytes: summary.bytes, rows: summary.rows, failure: null });
          this.#committed(record);
        }
        conditions.changed();
      },
      (error: unknown) => {
        this.checkpointsUnderWay.delete(record.epoch);
        fatal(error);
      },
    );
  }

  #committed(record: EpochRecord): void {
    const { fleet, registry, checkpoints, store, logger } = this.#parts;
    this.#base = record;
    this.#records = this.#records.filter((later) => later.epoch > record.epoch);
    for (const job of registry.all()) {
      job.inCheckpoint = checkpoints.committedJobs.has(job.id);
      if (job.backfill !== null) job.backfill.kept = record.joining?.[job.id] ?? null;
    }
    fleet.broadcast({ kind: 'checkpointCommitted', epoch: record.epoch });
    // An embedded stream keeps no content of its own: its part of the log is all there is of it.
    const embedded = this.#embedded();
    const through = this.embeddedThrough(record);
    if (through === null || embedded.some((job) => job.graph.kind !== 'table')) return;
    store.embeddedLog.release(through).catch((error: unknown) => logger.log('error', 'trimming the log of stored tables failed', { error }));
  }

  /** Of the log of stored tables: the last record that the checkpoint has of all of them; null where none is read. */
  embeddedThrough(record: EpochRecord): number | null {
    const keys = new Set(this.#embedded().flatMap((job) => job.sources.map(({ key }) => key)));
    const own = record.sources.filter(({ relation }) => keys.has(relation));
    const positions = own.flatMap((source) => source.splits.map((split) => split.position));
    return positions.length === 0 ? null : Math.min(...positions) - 1;
  }

  #embedded(): ManagedJob[] {
    return [...this.embeddedJobs].map((id) => this.#parts.registry.job(id)).filter((job) => job !== undefined);
  }

  #sourceTasks(job: ManagedJob): { source: SourceProgress; id: TaskId }[] {
    const tasks: { source: SourceProgress; id: TaskId }[] = [];
    for (const source of job.sources) {
      if (job.endedSources.has(source.vertex.id)) continue;
      for (let subtask = 0; subtask < source.vertex.parallelism; subtask++)
        tasks.push({ source, id: job.taskId({ vertex: source.vertex.id, subtask }) });
    }
    return tasks;
  }

  /** An idle split holds the watermark back until an epoch says that it is idle, and what depends on time waits for one: it is made when the time comes. */
  #watchTime(): void {
    const { clock, registry, epochIntervalMs } = this.#parts;
    this.#idleTimer?.cancel();
    this.#idleTimer = null;
    if (epochIntervalMs === null) return;
    const due = registry.all().flatMap((job) => job.sources.map((source) => source.nextIdleMs()).filter((at) => at !== null));
    if (registry.all().some((job) => job.live && job.graph.timed === true)) due.push(this.#lastCutMs + TIMED_EPOCH_MS);
    if (due.length === 0) return;
    this.#idleTimer = clock.after(Math.max(1, Math.min(...due) - clock.monotonicMs()), () => this.request(false));
  }

  /** Who rests, and a checkpoint that waits for them, come in time though no more news does. */
  #watchRests(): void {
    const { clock } = this.#parts;
    this.#restTimer?.cancel();
    const checkpointMs = this.#checkpointWanted === null ? Number.NEGATIVE_INFINITY : this.#checkpointFromMs;
    const dueMs = Math.min(this.#restsUntilMs, checkpointMs > this.#lastCutMs ? checkpointMs : Number.POSITIVE_INFINITY);
    this.#restTimer = dueMs === Number.POSITIVE_INFINITY ? null : clock.after(Math.max(1, dueMs - clock.monotonicMs()), () => this.request(false));
  }
}

/** Invariant: what a checkpoint does not name begins anew, so one names every job of the last that is still there. */
function wouldBeForgotten({ graph: { name } }: ManagedJob, epoch: Epoch): SqlError {
  return new SqlError({ code: SqlState.internalError, message: `the checkpoint of epoch ${epoch} would let go of the state of job "${name}"` });
}

/** It has still to work through what its inputs held when it began, and gets all of them from what their jobs keep. `oldest`: the epoch it has to complete next. */
function isReadingContent(job: ManagedJob, oldest: Epoch): boolean {
  return !job.published && oldest === job.joinedAfter + 1 && job.catchingUp.size === job.graph.inputs.length;
}
