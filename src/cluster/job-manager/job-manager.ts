import { SqlError, SqlState, type Timer, toSqlError } from '../../base/index.ts';
import type { Batch } from '../../batch/index.ts';
import type { JobGraph, RelationId } from '../../jobgraph/index.ts';
import type { ChangesFrom, TaskId } from '../../runtime/index.ts';
import type { RelationScan } from '../../spi/index.ts';
import type { Cluster, DeployWanted, JobDefinition, JobStatus, PinnedEpoch, SourcePartitionStatus, SubscriptionEvent, Takeover } from '../cluster.ts';
import type { ExecutionCommand, ExecutionEvent } from '../execution/index.ts';
import type { FromSlot } from '../transport/index.ts';
import { CheckpointCoordinator } from './checkpoint-coordinator.ts';
import { Conditions } from './conditions.ts';
import { EmbeddedPumps } from './embedded-pumps.ts';
import { EpochCoordinator } from './epoch-coordinator.ts';
import { EpochRequests } from './epoch-requests.ts';
import { Exclusive } from './exclusive.ts';
import { HistoryCuts } from './history-cuts.ts';
import { type JobChanges, jobChanges } from './job-changes.ts';
import type { JobManagerOptions, JobRequest } from './job-manager-options.ts';
import { JobRegistry } from './job-registry.ts';
import { JobStarter } from './job-starter.ts';
import { jobStatus } from './job-status.ts';
import { hasFailed, leaveDataflow, startingWith, wasDropped } from './leave-dataflow.ts';
import { ManagedJob, taskName } from './managed-job.ts';
import { Monitor } from './monitor.ts';
import { News } from './news.ts';
import { RelationReads } from './relation-reads.ts';
import { RelationScans } from './relation-scans.ts';
import { requireSlots, taskNames } from './rescaling.ts';
import { Retention } from './retention.ts';
import { SinkDeliveries } from './sink-deliveries.ts';
import { emptySlot, SlotFleet } from './slot-fleet.ts';
import type { SourceProgress } from './source-progress.ts';
import { Subscriptions } from './subscriptions.ts';
import { TaskManagerPool } from './task-manager-pool.ts';
import { whenFinished } from './when-finished.ts';
import { whileWanted } from './while-wanted.ts';
import { Writes } from './writes.ts';

/** The control process: owns jobs, epochs and checkpoints, and answers sessions. */
export class JobManager implements Cluster {
  readonly #options: JobManagerOptions;
  readonly #registry = new JobRegistry();
  readonly #conditions = new Conditions();
  readonly #exclusive = new Exclusive();
  readonly #deploys = new Exclusive();
  readonly #scans: RelationScans;
  readonly #subscriptions: Subscriptions;
  readonly #pumps: EmbeddedPumps;
  readonly #checkpoints: CheckpointCoordinator;
  readonly #histories: HistoryCuts;
  readonly #fleet: SlotFleet;
  readonly #epochs: EpochCoordinator;
  readonly #starter: JobStarter;
  readonly #retention: Retention;
  readonly #reads: RelationReads;
  readonly #changes: JobChanges;
  readonly #requests: EpochRequests;
  readonly #writes: Writes;
  readonly monitor: Monitor;
  readonly tableDeliveries: SinkDeliveries;
  /** What TaskManagers of other processes come to. */
  readonly taskManagers: TaskManagerPool;
  #checkpointTimer: Timer | null = null;
  #fatal: SqlError | null = null;
  #staleSlotMessages = 0;

  constructor(options: JobManagerOptions) {
    this.#options = options;
    const { stateStore: store, clock, logger, channelBytes, settings, epochIntervalMs } = options;
    const fatal = (error: unknown): void => this.#fail(error);
    this.#subscriptions = new Subscriptions(options.subscriptionBytesMax);
    this.#pumps = new EmbeddedPumps(store.embeddedLog, fatal);
    this.#checkpoints = new CheckpointCoordinator(store, logger, options.plans);
    const lost = (slot: number, error: SqlError): void => this.#slotLost(slot, error);
    this.#fleet = new SlotFleet({
      ...options,
      incarnation: store.incarnation,
      grows: options.slotTimeoutMs !== null,
      lost,
      message: (slot, received) => this.#receive(slot, received),
      changed: () => this.#conditions.changed(),
      slotOf: (task) => this.#registry.job(task.jobId)?.slotOf(task),
    });
    this.#fleet.join(options.local);
    this.taskManagers = new TaskManagerPool({
      fleet: this.#fleet,
      registry: this.#registry,
      logger,
      failed: (task, error) => this.#taskFailed(task, error, 'a channel'),
    });
    this.#scans = new RelationScans({
      more: (slot, scan) => this.#fleet.send(slot, { kind: 'scanMore', scan }),
      close: (scan) => this.#fleet.broadcast({ kind: 'scanClose', scan }),
    });
    const monotonicMs = (): number => clock.monotonicMs();
    const jobs = { registry: this.#registry, conditions: this.#conditions, exclusive: this.#exclusive, news: new News(this.#registry) };
    const core = { ...jobs, store, checkpoints: this.#checkpoints, fleet: this.#fleet };
    const shared = { ...core, histories: new HistoryCuts(core), clock, logger, monotonicMs };
    this.#histories = shared.histories;
    this.monitor = new Monitor({ ...options, ...shared, ...settings, eager: epochIntervalMs === null });
    this.#epochs = new EpochCoordinator({ ...shared, monitor: this.monitor, epochIntervalMs, fatal, advanced: () => this.#advance() });
    this.tableDeliveries = new SinkDeliveries({ ...shared, epochs: this.#epochs, isCurrent: (task) => this.#current(task) !== undefined });
    this.#retention = new Retention({ ...shared, epochs: this.#epochs, subscriptions: this.#subscriptions });
    const assertUsable = (): void => this.#assertUsable();
    const reading = { scans: this.#scans, subscriptions: this.#subscriptions, retention: this.#retention };
    this.#reads = new RelationReads({ ...shared, ...reading, epochs: this.#epochs, assertUsable });
    const dispatch = (event: ExecutionEvent): void => this.#dispatch(event);
    const around = { monitor: this.monitor, slotEmpty: (slot: number): void => lost(slot, emptySlot(slot)) };
    this.#starter = new JobStarter({ ...shared, ...around, epochs: this.#epochs, ringBytes: channelBytes, dispatch });
    this.#changes = jobChanges({
      ...shared,
      random: options.random,
      reactive: options.reactive,
      epochs: this.#epochs,
      starter: this.#starter,
      retention: this.#retention,
      timeoutMs: options.slotTimeoutMs,
      deploys: this.#deploys,
      stopped: () => this.#fatal,
      failed: fatal,
      dispatch,
      assertUsable,
      checkpoint: () => this.attemptCheckpoint(),
      suspend: (job) => this.#suspend(job),
      startTogether: (jobs) => this.#startTogether(jobs),
    });
    this.#writes = new Writes({ ...shared, epochs: this.#epochs, pumps: this.#pumps, assertUsable });
    const settled = async (): Promise<void> => (epochIntervalMs === null ? options.settled?.() : undefined);
    const own = { settled, assertUsable, waitsForSlots: (): SqlError | null => this.#changes.waits.problem() };
    this.#requests = new EpochRequests({ ...shared, ...own, epochs: this.#epochs });
    if (options.checkpointIntervalMs !== null) this.#checkpointTimer = clock.every(options.checkpointIntervalMs, () => this.#epochs.checkpointDue());
  }

  /** Starts the jobs of a catalog: from the newest checkpoint, with the recorded epochs since replayed. */
  async recover(requests: readonly JobRequest[]): Promise<void> {
    const newest = this.#epochs.lastEpoch;
    // TaskManagers may be on their way: until that is over all are to be as wide as they can.
    const jobs = requests.map((request) => this.#submit(request, this.#options.slots));
    for (const job of jobs) {
      job.inCheckpoint = this.#checkpoints.committedJobs.has(job.id);
      // What begins anew has its content from the first epoch behind the checkpoint on.
      job.shownFrom = job.inCheckpoint ? newest : Math.max(newest, (this.#epochs.base?.epoch ?? 0) + 1);
      job.published = true;
      job.awaited = true;
      const { paused, heldForMs } = requests.find(({ graph }) => graph.jobId === job.id)!;
      job.wantsPause = paused ?? false;
      job.holdFor(heldForMs ?? null);
    }
    this.monitor.restored.expect(jobs);
    await this.#changes.waits.startAll(jobs);
    this.#assertUsable();
  }

  async deploy(graph: JobGraph, source: JobDefinition['source'], { signal, beforeRows, resumes = false }: DeployWanted = {}): Promise<void> {
    const begin = async () => {
      const job = this.#submit({ graph, source }, this.#changes.shares.widthOf(graph));
      job.resumes = resumes;
      return { job, join: await this.#orDiscarded(job, () => this.#starter.startNew(job, beforeRows), signal) };
    };
    const { job, join } = await this.#changes.graph.whenInputsUp([graph], begin, { graph, signal });
    await this.#orDiscarded(job, join, signal);
  }

  readonly interrupted: Cluster['interrupted'] = () => this.#histories.interrupted();
  readonly forgetInterrupted: Cluster['forgetInterrupted'] = (jobId) => this.#histories.forget(jobId);

  /** What `work` gives, unless it fails or is aborted: nothing is left of the job then. */
  async #orDiscarded<Result>(job: ManagedJob, work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    try {
      return await whileWanted(signal, { work, abandon: (error) => this.#abandon(job, error) });
    } catch (error) {
      throw await this.#discard(job).then(() => toSqlError(error));
    }
  }

  /** One that was never published has nobody who depends on it: whoever deploys it learns why, and nothing is left of it. */
  #abandon(job: ManagedJob, error: SqlError): void {
    if (job.published) return;
    job.failure = error;
    this.#leave(job);
    this.#conditions.changed();
  }

  async takeOver(graph: JobGraph, takeover: Takeover): Promise<boolean> {
    const take = async (): Promise<boolean | null> => {
      // One in front, so that the one which all wait for is small.
      if ((await this.attemptCheckpoint()) === null) return null;
      const job = this.#submit({ graph, source: null }, this.#changes.shares.widthOf(graph));
      const taken = await this.#starter.takeOver(job, takeover);
      if (!taken) await this.#discard(job);
      return taken;
    };
    return this.#changes.graph.whenAllUp(take, { graph });
  }

  async drop(jobId: string): Promise<void> {
    const job = this.#registry.job(jobId);
    if (job === undefined) return;
    // Of what the catalog names nobody reads it any more; a subscription's own view may.
    for (const consumer of this.#registry.consumersOf(job)) this.#dispatch({ kind: 'abandoned', job: consumer.id, error: wasDropped(job) });
    await this.#discard(job);
  }

  async rescale(change: JobDefinition): Promise<void> {
    await this.#changes.graph.whenAllUp(() => this.#changes.rescaling.apply([change]), change);
  }

  async pause(jobIds: readonly string[]): Promise<void> {
    if (jobIds.length === 0) return;
    const left = await this.#changes.graph.whenAllUp(() => this.#changes.pausing.leave(jobIds));
    await this.#changes.pausing.stay(left);
  }

  async drain(jobIds: readonly string[]): Promise<void> {
    await this.flush();
    await this.#changes.graph.whenAllUp(() => this.#changes.draining.drain(jobIds));
    for (const id of jobIds) await this.jobFinished(id);
  }

  async resume(jobIds: readonly string[]): Promise<void> {
    await this.#changes.graph.whenSlotsAreBack(jobIds, () => this.#changes.pausing.resume(jobIds));
  }

  async holdChanges(jobId: string, forMs: number | null): Promise<bigint> {
    const job = this.#registry.job(jobId);
    if (job === undefined) throw new SqlError({ code: SqlState.undefinedObject, message: `job "${jobId}" does not exist` });
    job.holdFor(forMs);
    this.#retention.forget();
    await this.flush();
    return this.#epochs.lastTimestampMicros;
  }

  jobs(): readonly JobStatus[] {
    const parts = { registry: this.#registry, waits: this.#changes.waits, pace: this.#epochs.pace };
    return this.#registry.all().map((job) => jobStatus(job, parts));
  }

  jobFinished(jobId: string): Promise<void> {
    return whenFinished(jobId, { registry: this.#registry, conditions: this.#conditions, epochs: this.#epochs });
  }

  sourcePartitions(): readonly SourcePartitionStatus[] {
    const asOf = this.#epochs.lastTimestampMicros;
    return this.#registry.all().flatMap((job) => (job.source === null ? [] : job.sources.flatMap((source) => source.statuses(asOf))));
  }

  readonly pin: Cluster['pin'] = (relations, atLeast) => this.#reads.pin(relations, atLeast);
  readonly pinAt: Cluster['pinAt'] = (relations, epoch) => this.#reads.pinAt(relations, epoch);

  scan(relation: RelationId, pinned: PinnedEpoch, request: RelationScan): AsyncIterable<Batch> {
    return this.#reads.scan(relation, pinned, request);
  }

  dropIndex(relation: RelationId, columns: readonly number[]): void {
    this.#fleet.broadcast({ kind: 'dropIndex', relation, columns });
  }

  subscribe(relation: RelationId, from: ChangesFrom, signal: AbortSignal): AsyncIterable<SubscriptionEvent> {
    return this.#reads.subscribe(relation, from, signal);
  }

  readonly write: Cluster['write'] = (writes) => this.#writes.write(writes);
  readonly newestEpochMicros: Cluster['newestEpochMicros'] = () => this.#epochs.lastTimestampMicros;
  readonly flush: Cluster['flush'] = () => this.#requests.flush();
  readonly advanceWatermark: Cluster['advanceWatermark'] = (relation, micros) => this.#requests.advanceWatermark(relation, micros);
  readonly commitSinks: Cluster['commitSinks'] = (jobIds) => this.#requests.commitSinks(jobIds);
  readonly checkpoint: Cluster['checkpoint'] = () => this.#requests.checkpoint();
  readonly attemptCheckpoint: Cluster['attemptCheckpoint'] = () => this.#requests.attemptCheckpoint();
  readonly savepoint: Cluster['savepoint'] = (jobIds, write) => this.#requests.savepoint(jobIds, write);

  readonly checkState: Cluster['checkState'] = () => this.#options.stateStore.check();

  /** Ends everything at once, without a checkpoint. */
  async close(): Promise<void> {
    this.#fatal ??= new SqlError({ code: SqlState.adminShutdown, message: 'the server is shutting down' });
    this.#epochs.close();
    this.#checkpointTimer?.cancel();
    this.#changes.restarts.close();
    this.#changes.reactive.close();
    this.#conditions.changed();
    await this.#fleet.close();
    await this.#options.closed();
  }

  /** Messages of attempts that are gone, dropped on either side. */
  get staleMessages(): number {
    return this.#registry.staleMessages + this.#staleSlotMessages;
  }

  #submit({ graph, source }: JobRequest, width: number): ManagedJob {
    const { slots, clock } = this.#options;
    requireSlots(graph, slots);
    const monotonicMs = clock.monotonicMs();
    const job = new ManagedJob(graph, source, { micros: clock.nowMicros(), monotonicMs });
    job.startAt(width, monotonicMs);
    this.#registry.add(job);
    this.#fleet.claim(job.demand);
    this.#dispatch({ kind: 'submitted', job: job.id, tasks: taskNames(job.graph) });
    return job;
  }

  /** Stops a job and takes it out of the graph. */
  async #discard(job: ManagedJob): Promise<void> {
    const waiting = startingWith(job, this.#registry);
    this.#leave(job);
    job.failure ??= new SqlError(wasDropped(job));
    this.#dispatch({ kind: 'dropped', job: job.id });
    for (const other of waiting) this.#interrupt(other);
    await this.#conditions.until(() => this.#registry.execution(job).state === 'CANCELED' || this.#fatal !== null);
    this.#registry.remove(job);
    this.#fleet.release(job.id);
    this.#epochs.embeddedJobs.delete(job.id);
    this.monitor.forget(job.id);
    this.#changes.restarts.restartAll();
    this.#conditions.changed();
  }

  #leave(job: ManagedJob): void {
    const parts = { registry: this.#registry, fleet: this.#fleet, scans: this.#scans, subscriptions: this.#subscriptions };
    leaveDataflow(job, { ...parts, epochs: this.#epochs, checkpoints: this.#checkpoints, histories: this.#histories });
  }

  async #startTogether(jobs: readonly ManagedJob[]): Promise<void> {
    if (this.#changes.waits.shortageOf(jobs) !== null) {
      this.#changes.waits.startWhenThere(jobs);
      return;
    }
    try {
      await this.#starter.startTogether(jobs);
      const failed = (error: unknown): void => this.#options.logger.log('error', 'jobs could not be paused or resumed after a start', { error });
      if (this.#changes.pausing.isBehind()) this.#deploys.run(() => this.#changes.pausing.reconcile()).catch(failed);
    } catch (error) {
      // A task that failed has said so itself, and its region restarts; anything else is a defect of the control plane.
      if (jobs.every((job) => job.failure === null)) this.#fail(error);
    }
  }

  #dispatch(event: ExecutionEvent): void {
    for (const command of this.#registry.reduce(event)) this.#execute(command);
    this.#conditions.changed();
  }

  #execute(command: ExecutionCommand): void {
    const job = this.#registry.job(command.job)!;
    switch (command.kind) {
      case 'cancelTasks':
        this.#leave(job);
        this.#fleet.broadcast({ kind: 'cancel', jobId: job.id, attempt: command.attempt });
        break;
      case 'interruptRegion':
        for (const other of this.#registry.region(job)) if (other !== job) this.#interrupt(other);
        break;
      case 'restart':
        this.#changes.restarts.restart(job);
        break;
      case 'jobRunning':
        job.startedAtMicros ??= this.#options.clock.nowMicros();
        break;
      case 'jobFinished':
        job.finishedAtMicros = this.#options.clock.nowMicros();
        break;
      case 'jobFailed':
        this.#jobFailed(job);
        break;
      default:
        break;
    }
  }

  #interrupt(job: ManagedJob): void {
    this.#stopAttempt(job, 'restarts with its region');
    this.#dispatch({ kind: 'interrupted', job: job.id });
  }

  #suspend(job: ManagedJob): void {
    this.#stopAttempt(job, 'is being rescaled');
    this.#dispatch({ kind: 'suspended', job: job.id });
  }

  #stopAttempt(job: ManagedJob, reason: string): void {
    job.shownFrom = Math.max(job.shownFrom, this.#epochs.completeAt(job));
    job.failure = new SqlError({ code: SqlState.systemError, message: `job "${job.graph.name}" ${reason}`, class: 'external' });
  }

  #jobFailed(job: ManagedJob): void {
    const error = this.#registry.execution(job).error!;
    for (const consumer of this.#registry.consumersOf(job)) this.#dispatch({ kind: 'abandoned', job: consumer.id, error: hasFailed(job, error) });
    const relation = job.graph.output?.relation;
    if (relation !== undefined) this.#subscriptions.fail(relation, new SqlError(error));
    // It is over, and others may have its slots before anybody drops it.
    this.#fleet.release(job.id);
    this.#changes.restarts.restartAll();
  }

  #slotLost(slot: number, error: SqlError): void {
    this.#pumps.closeAll(`${slot}:`);
    for (const job of this.#registry.all()) {
      const own = job.tasks.filter((task) => job.slotOf(task) === slot);
      if (own.length === 0) continue;
      this.#taskFailed(job.taskId(own[0]!), error, `slot ${slot}`);
      this.#dispatch({ kind: 'canceled', job: job.id, attempt: job.attempt, tasks: own.map(taskName) });
    }
  }

  #taskFailed(task: TaskId, error: SqlError, position: string): void {
    const job = this.#registry.job(task.jobId);
    if (job === undefined || job.attempt !== task.attempt) {
      this.#staleSlotMessages++;
      return;
    }
    this.#abandon(job, error);
    if (!job.published) return;
    job.failure = error;
    job.shownFrom = Math.max(job.shownFrom, this.#epochs.completeAt(job));
    this.#dispatch({ kind: 'failed', job: job.id, attempt: task.attempt, task: taskName(task), error: error.fields(), position });
  }

  #receive(slot: number, message: FromSlot): void {
    if (this.#receiveLifecycle(slot, message) || this.#receiveReading(slot, message)) return;
    switch (message.kind) {
      case 'cut': {
        if (this.#histories.answered(message.task, message.epoch, message.cuts)) this.#epochs.historyCut();
        const source = this.#sourceOf(message.task);
        if (source === undefined) return;
        source.observe(message.status);
        this.#epochs.cuts.answer(message.task, message.epoch, message.cuts);
        break;
      }
      case 'problem':
        this.#sourceOf(message.task)?.noteProblem(message.task.subtask, message.problem === null ? null : new SqlError(message.problem));
        break;
      case 'progressed':
        this.#progressed(message.task);
        break;
      case 'limitReached':
        this.#current(message.task)?.atLimit.add(taskName(message.task));
        this.#conditions.changed();
        break;
      case 'enough':
        this.#hasEnough(this.#current(message.task));
        break;
      case 'read':
        this.#current(message.task)?.metrics.set(taskName(message.task), message.metrics);
        break;
      case 'passed':
        this.#passed(message);
        break;
      case 'spilled':
        this.#current(message.task)?.noteSpilled(message.task, message.ms);
        break;
      case 'snapshot':
        this.#handedIn(slot, message);
        break;
      case 'report':
        this.monitor.reported(slot, message);
        break;
      case 'sinkProgress':
        this.#current(message.task)?.sinkProgress.set(taskName(message.task), message.progress);
        if (message.progress.wantsCheckpoint) this.#epochs.outboxFull();
        this.#conditions.changed();
        break;
      case 'tableRows':
        this.tableDeliveries.arrived(message);
    }
  }

  #receiveLifecycle(slot: number, message: FromSlot): boolean {
    switch (message.kind) {
      case 'deployed':
        this.#deployed(message);
        return true;
      case 'running':
      case 'canceled': {
        const job = this.#registry.job(message.jobId);
        const tasks = job?.tasks.filter((task) => job.slotOf(task) === slot).map(taskName) ?? [];
        if (message.kind === 'running' && job?.attempt === message.attempt) this.monitor.restored.loaded(job, slot, message.tasks);
        this.#dispatch({ kind: message.kind, job: message.jobId, attempt: message.attempt, tasks });
        return true;
      }
      case 'failed':
        this.#taskFailed(message.task, new SqlError(message.error), message.position);
        return true;
      case 'attached':
        this.#starter.attached(message.request);
        this.#conditions.changed();
        return true;
      case 'stale':
        this.#staleSlotMessages++;
        return true;
      default:
        return false;
    }
  }

  #receiveReading(slot: number, message: FromSlot): boolean {
    switch (message.kind) {
      case 'scanned':
        this.#scans.answered(slot, message);
        return true;
      case 'changed':
        this.#subscriptions.changed(message.subscription, message);
        return true;
      case 'subscribed':
        this.#subscriptions.subscribed(message.subscription, message.subtasks);
        this.#advance();
        return true;
      default:
        if (message.kind === 'embeddedOpen' && this.#sourceOf(message.task) !== undefined) this.#epochs.embeddedJobs.add(message.task.jobId);
        return this.#pumps.receive(message, (rows) => this.#fleet.send(slot, rows));
    }
  }

  #deployed(message: Extract<FromSlot, { kind: 'deployed' }>): void {
    const job = this.#registry.job(message.jobId);
    if (job?.attempt === message.attempt) job.deployed(message.tasks);
    this.#dispatch({ kind: 'deployed', job: message.jobId, attempt: message.attempt, tasks: message.tasks.map(({ task }) => taskName(task)) });
  }

  #handedIn(slot: number, { task, epoch, blocks }: Extract<FromSlot, { kind: 'snapshot' }>): void {
    const job = this.#current(task);
    if (job === undefined) return;
    if (this.#histories.concerns(task, epoch)) {
      if (this.#histories.handedIn(task, epoch, blocks)) this.#epochs.historyCut();
      return;
    }
    this.#checkpoints.arrived({ job: job.id, task: taskName(task), slot, epoch, blocks });
    if (job.handedIn(taskName(task), epoch)) this.#epochs.stopped();
  }

  #passed(message: Extract<FromSlot, { kind: 'passed' }>): void {
    const job = this.#current(message.task);
    if (job === undefined) return;
    const task = taskName(message.task);
    job.metrics.set(task, message.metrics);
    this.#epochs.inFlight.passed(job.id, task, message.epoch, message.last);
    if (message.last) {
      job.ended.add(task);
      if (job.outputEnded) {
        const tasks = this.#registry.execution(job).taskNames;
        this.#dispatch({ kind: 'finished', job: job.id, attempt: job.attempt, tasks });
        // What its sinks have prepared is committed by a checkpoint only, and nothing else may ever ask for one.
        if (job.committing) this.#requests.checkpointSoon(() => this.#fatal === null && job.committing).catch((error: unknown) => this.#fail(error));
      }
    }
    this.#advance(job);
  }

  /** Something may have become complete: in all jobs, or, as is said for each of them at every epoch, in one. */
  #advance(only?: ManagedJob): void {
    this.monitor.epochHistory.completeThrough(this.#epochs.inFlight.completeThrough(this.#epochs.lastEpoch));
    this.#conditions.changed();
    this.#writes.askAgain();
    for (const relation of this.#subscriptions.followed()) {
      const job = this.#registry.producerOf(relation);
      if (job === undefined || job !== (only ?? job)) continue;
      if (job.live || job.standsStill) this.#subscriptions.complete(relation, this.#epochs.completeAt(job));
    }
    // What is complete everywhere only moves with the last job; while one lags behind, the next record does it.
    if (only === undefined || this.#epochs.inFlight.isEmpty) this.#retention.forget();
  }

  #current(task: TaskId): ManagedJob | undefined {
    const job = this.#registry.job(task.jobId);
    if (job !== undefined && job.attempt === task.attempt && !job.left) return job;
    this.#staleSlotMessages++;
    return undefined;
  }

  #hasEnough(job: ManagedJob | undefined): void {
    if (job !== undefined) job.hasEnough = true;
    if (job?.joining) this.#starter.limitPrivateReaders(job, null);
  }

  #progressed(task: TaskId): void {
    if (this.#current(task) === undefined) return;
    this.#sourceOf(task)?.hasMoved();
    this.#epochs.request(false);
  }

  #sourceOf(task: TaskId): SourceProgress | undefined {
    return this.#current(task)?.sources.find(({ vertex }) => vertex.id === task.vertex);
  }

  #assertUsable(): void {
    if (this.#fatal !== null) throw this.#fatal;
  }

  /** Nothing may be shown or acknowledged after this. */
  #fail(error: unknown): void {
    if (this.#fatal !== null) return;
    this.#fatal = toSqlError(error);
    this.#options.logger.log('error', 'the cluster has stopped', { error: this.#fatal.message, cause: error });
    this.#epochs.close();
    this.#conditions.changed();
    this.#options.onFatal?.(this.#fatal);
  }
}
