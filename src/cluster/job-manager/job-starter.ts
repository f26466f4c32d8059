import { type Logger, toSqlError } from '../../base/index.ts';
import { type Closing, type Epoch, subtaskOfKeyGroup } from '../../batch/index.ts';
import type { RelationInput } from '../../jobgraph/index.ts';
import { type Replay, ROW_ERRORS, type TaskDescription, type TaskId } from '../../runtime/index.ts';
import type { EpochRecord, StateBlock, StateStore } from '../../state/index.ts';
import type { DeployWanted, Takeover } from '../cluster.ts';
import type { ExecutionEvent } from '../execution/index.ts';
import type { Attachment, DeployedTable } from '../transport/index.ts';
import { Backfill } from './backfill.ts';
import type { CheckpointCoordinator } from './checkpoint-coordinator.ts';
import type { Conditions } from './conditions.ts';
import { drainedAt, endInputsAgain } from './draining.ts';
import type { EpochCoordinator } from './epoch-coordinator.ts';
import type { Exclusive } from './exclusive.ts';
import { heldBehind } from './held-behind.ts';
import type { HistoryCuts } from './history-cuts.ts';
import type { JobRegistry } from './job-registry.ts';
import { expandJob, privateReaderInput, privateReaderTasks } from './job-topology.ts';
import { concerns, type ManagedJob, slotsWith, subtasksOf, taskName } from './managed-job.ts';
import type { Monitor } from './monitor.ts';
import { requireReadable } from './readable-state.ts';
import type { SlotFleet } from './slot-fleet.ts';
import { type FieldPath, positionsOf, readsFieldsOnDemand, unionOfFields } from './source-fields.ts';
import { positionsOfRecord, releaseOf, verdictsOfSource } from './source-progress.ts';
import { assertLive, assertRunning, assertUsable } from './start-checks.ts';

/** Times a private reader is sent after the shared one before the shared one is made to wait for it. */
const CATCH_UP_ROUNDS = 3;

export interface JobStarterParts {
  readonly store: StateStore;
  readonly logger: Logger;
  readonly checkpoints: CheckpointCoordinator;
  readonly fleet: SlotFleet;
  readonly registry: JobRegistry;
  readonly epochs: EpochCoordinator;
  readonly histories: HistoryCuts;
  readonly monitor: Pick<Monitor, 'ask'>;
  readonly conditions: Conditions;
  readonly exclusive: Exclusive;
  readonly ringBytes: number;
  readonly monotonicMs: () => number;
  readonly dispatch: (event: ExecutionEvent) => void;
  /** A task was to go to a slot that is empty: it has failed. */
  readonly slotEmpty: (slot: number) => void;
}

/** How one input of a job starts. */
interface InputStart {
  readonly input: RelationInput;
  readonly producer: ManagedJob;
  /** The producer's changelog; not when that has ended. */
  readonly shared: boolean;
  /** A reader of the producer's source for what lies before the start. */
  readonly private: boolean;
  /** The producer's content at the start, from its readable relation. */
  readonly catchUp: boolean;
}

/** Brings jobs into the running graph: alone behind an epoch boundary, or a whole region from a checkpoint with the epochs since replayed. */
export class JobStarter {
  readonly #parts: JobStarterParts;
  #lastRequest = 0;
  readonly #attached = new Set<number>();

  constructor(parts: JobStarterParts) {
    this.#parts = parts;
  }

  attached(request: number): void {
    this.#attached.add(request);
  }

  /**
   * A job that did not exist before reads what lies before its start. Resolves to the rest, which may take as long as its inputs are old: to join the running
   * graph, and to wait until it is published. Nothing else has to stand still for that; what stops an input meanwhile makes the rest reject.
   */
  async startNew(job: ManagedJob, beforeRows: DeployWanted['beforeRows']): Promise<() => Promise<void>> {
    const { registry } = this.#parts;
    if (job.resumes) await this.#findProgress(job);
    const producers = job.graph.inputs.map((input) => registry.requireProducer(input.relation));
    for (const producer of producers) assertUsable(producer, registry);
    const inputs = job.graph.inputs.map((input, index) => this.#newInput(input, producers[index]!, job.historyAt?.sources[index] !== undefined));
    job.backfill = new Backfill(
      inputs.map(({ input: { relation }, producer, ...start }) => ({
        relation,
        from: start.private ? 'history' : start.catchUp ? 'content' : 'nothing',
        starts: producer.sources[0]?.starts() ?? new Map(),
      })),
      job.historyAt,
    );
    this.#parts.monitor.ask();
    job.joining = true;
    await this.#begin(job, inputs);
    return async () => {
      await beforeRows?.();
      await this.#joinRunning(job, inputs);
    };
  }

  /** State that the newest checkpoint has of an earlier attempt to make the job; one that is under way may still become the newest. */
  async #findProgress(job: ManagedJob): Promise<void> {
    const { conditions, epochs, histories, logger } = this.#parts;
    await conditions.until(() => assertRunning(job) && epochs.checkpointsUnderWay.size === 0);
    job.historyAt = histories.progressOf(job, epochs.base);
    job.inCheckpoint = job.historyAt !== null;
    if (job.historyAt !== null) logger.log('info', 'a history is read on', { job: job.graph.name });
  }

  /** A paused job goes on where it stands: what its inputs have changed since comes in its first epoch. Its last attempt is gone. */
  async resume(job: ManagedJob): Promise<void> {
    const { epochs, registry } = this.#parts;
    this.#rewind(job, epochs.base);
    const inputs = job.graph.inputs.map((input) => this.#newInput(input, registry.requireProducer(input.relation)));
    await this.#begin(job, inputs);
    await this.#joinRunning(job, inputs);
  }

  /** `goesOn`: with a part of its history. */
  #newInput(input: RelationInput, producer: ManagedJob, goesOn = false): InputStart {
    const isSource = producer.graph.kind === 'source';
    // Once started, a source may have sent rows since the last cut, whatever that cut says.
    const history = isSource && producer.sources.some((source) => source.started || !source.atStart);
    return { input, producer, shared: !(isSource && producer.outputEnded), private: history || goesOn, catchUp: !isSource };
  }

  /** Its tasks run; none of them is connected with other jobs. */
  async #begin(job: ManagedJob, inputs: readonly InputStart[]): Promise<void> {
    this.#giveSlots(job, inputs);
    this.#expand(job, inputs);
    job.markedAt = this.#parts.epochs.lastEpoch;
    await this.#deploy(job, job.tasks, this.#parts.epochs.lastEpoch);
  }

  async #joinRunning(job: ManagedJob, inputs: readonly InputStart[]): Promise<void> {
    const { conditions, exclusive, histories } = this.#parts;
    for (let round = 0; round < CATCH_UP_ROUNDS && job.privateReaders().length > 0; round++) await this.#approach(job);
    job.resumes = false;
    await conditions.until(() => assertRunning(job) && !histories.isUnderWay(job));
    const joined = await exclusive.run(() => this.#join(job, inputs));
    await conditions.until(() => assertRunning(job) && this.#isThere(job, joined + 1));
    job.published = true;
    conditions.changed();
  }

  /**
   * Starts jobs together at the end of the newest checkpoint (or from nothing), and replays the recorded epochs since. Jobs that are part of the
   * checkpoint go on from their state; others read what lies before it as new consumers do, so that they too are right at every replayed epoch.
   */
  async startTogether(wanted: readonly ManagedJob[]): Promise<void> {
    const { epochs, registry, exclusive, conditions } = this.#parts;
    // One that all of them had handed their state in for may still become the newest.
    await conditions.until(() => epochs.checkpointsUnderWay.size === 0);
    const { base } = epochs;
    // Some may be dropped while this waits.
    const there = (job: ManagedJob): boolean => registry.job(job.id) === job && registry.execution(job).state !== 'CANCELED';
    const all = wanted.filter(there);
    for (const job of all) {
      job.pausedAt = base?.paused?.[job.id] ?? null;
      job.historyAt = base?.joining?.[job.id] ?? null;
      job.drainedAt = drainedAt(job, epochs);
      this.#rewind(job, base);
    }
    await Promise.all(all.filter((job) => job.pausedAt !== null).map((job) => this.#startPaused(job)));
    const jobs = all.filter((job) => job.pausedAt === null && there(job));
    const together = new Set(jobs);
    const inputsOf = new Map<ManagedJob, InputStart[]>();
    for (const job of jobs) {
      const inputs = job.graph.inputs.map((input): InputStart => {
        const producer = registry.requireProducer(input.relation);
        const isSource = producer.graph.kind === 'source';
        // What the checkpoint has of it may be a part of a history only.
        const fresh = (!job.inCheckpoint || job.historyAt !== null) && together.has(producer);
        const history = isSource && producer.sources.some((source) => !source.atStart);
        return { input, producer, shared: true, private: fresh && history, catchUp: fresh && !isSource && producer.inCheckpoint };
      });
      inputsOf.set(job, inputs);
      this.#giveSlots(job, inputs);
    }
    for (const job of jobs) this.#expand(job, inputsOf.get(job)!);
    for (const job of jobs) this.#wireConsumers(job, jobs, inputsOf);
    const startEpoch = base?.epoch ?? 0;
    await Promise.all(jobs.map((job) => this.#deploy(job, job.tasks, startEpoch)));
    const attachments = jobs.flatMap((job) =>
      this.#attachments(job, inputsOf.get(job)!, { afterEpoch: startEpoch, closing: this.#closing(0) }, true),
    );
    await this.#attach(attachments);
    await exclusive.run(async () => {
      const later = epochs.recordsSinceBase().filter((record) => concerns(record, jobs));
      const first = later[0]?.epoch ?? epochs.lastEpoch + 1;
      for (const job of jobs) {
        assertRunning(job);
        this.limitPrivateReaders(job, this.#closing(first));
        job.joinedAfter = startEpoch;
        job.live = true;
        job.awaited = false;
      }
      for (const job of jobs) endInputsAgain(job, startEpoch, this.#parts);
      for (const record of later) this.#replay(record, jobs);
      for (const job of jobs) {
        job.replayThrough = later.at(-1)?.epoch ?? 0;
        this.#startSources(job);
      }
      for (const job of jobs) job.published = true;
      if (later.length === 0) await epochs.make(jobs);
    });
    conditions.changed();
    epochs.request(false);
  }

  /** Its tasks with their state, connected with nothing: they are there to be read. */
  async #startPaused(job: ManagedJob): Promise<void> {
    const { registry, conditions } = this.#parts;
    const inputs = job.graph.inputs.map((input): InputStart => {
      return { input, producer: registry.requireProducer(input.relation), shared: false, private: false, catchUp: false };
    });
    this.#giveSlots(job, inputs);
    this.#expand(job, inputs);
    job.joinedAfter = job.pausedAt!.epoch;
    await this.#deploy(job, job.tasks, job.joinedAfter);
    job.awaited = false;
    job.published = true;
    conditions.changed();
  }

  /**
   * A job that did not exist before goes on with another one's state. Its inputs are wired behind a barrier that ends with a checkpoint; nothing else begins until it
   * has that checkpoint's state, so all of them reach it in the same epoch. False: it cannot be, and what has been begun is to be discarded.
   */
  async takeOver(job: ManagedJob, takeover: Takeover): Promise<boolean> {
    const { exclusive, conditions } = this.#parts;
    job.joining = true;
    try {
      const boundary = await exclusive.run(() => this.#takeOverAt(job, takeover));
      if (boundary === null) return false;
      await conditions.until(() => assertRunning(job) && this.#isThere(job, boundary + 1));
    } catch (error) {
      const { message } = toSqlError(error);
      this.#parts.logger.log('warn', 'a job could not go on with the state of another one', { job: job.graph.name, error: message });
      return false;
    } finally {
      job.joining = false;
    }
    job.published = true;
    conditions.changed();
    return true;
  }

  /** The boundary behind which the job takes part. */
  async #takeOverAt(job: ManagedJob, takeover: Takeover): Promise<Epoch | null> {
    const { registry, epochs, conditions } = this.#parts;
    const producers = job.graph.inputs.map((input) => registry.requireProducer(input.relation));
    const whole = [registry.job(takeover.from), ...producers];
    const attempts = whole.map((one) => one?.attempt);
    const running = (): boolean => whole.every((one, index) => one?.live === true && !one.outputEnded && one.attempt === attempts[index]);
    if (!running() || !epochs.canCheckpoint()) return null;
    const boundary = epochs.lastEpoch + 1;
    const inputs = job.graph.inputs.map((input, index): InputStart => {
      return { input, producer: producers[index]!, shared: true, private: false, catchUp: false };
    });
    this.#giveSlots(job, inputs);
    this.#expand(job, inputs);
    job.tasks = job.tasks.map((task) => ({ ...task, shown: [...takeover.shown] }));
    job.joinedAfter = boundary;
    await this.#place(job, job.tasks, boundary);
    await this.#attach(this.#attachments(job, inputs, { afterEpoch: boundary, closing: this.#closing(boundary + 1) }, false));
    epochs.requestCheckpoint('statement');
    await epochs.make(producers);
    await conditions.until(() => !epochs.checkpointsUnderWay.has(boundary));
    if (epochs.base?.epoch !== boundary || !running()) return null;
    await this.#hand(job, takeover);
    await this.#run(job, job.tasks);
    if (!running()) return null;
    job.live = true;
    await epochs.make(producers);
    return boundary;
  }

  /** Gives the job's operators the state of those they take over from; the next checkpoint has it under their own names. */
  async #hand(job: ManagedJob, { operators, shown }: Takeover): Promise<void> {
    const { checkpoints } = this.#parts;
    await this.#sendState(
      job,
      ({ operatorId, table }) => {
        const from = operators.get(operatorId);
        // What it shows again it reports again.
        return from === undefined || (shown.has(operatorId) && table === ROW_ERRORS) ? null : from;
      },
      (blocks) => checkpoints.keep(job.id, blocks),
    );
  }

  /** Sends the private readers on to where the shared ones stood at the last cut, and waits until they are there. */
  async #approach(job: ManagedJob): Promise<void> {
    job.atLimit.clear();
    this.#readsAt(job, this.#parts.epochs.lastEpoch);
    this.limitPrivateReaders(job, null);
    await this.#parts.conditions.until(() => assertRunning(job) && job.privateReaders().every((task) => job.atLimit.has(taskName(task))));
  }

  #readsAt(job: ManagedJob, epoch: Epoch): void {
    if (job.backfill !== null) job.backfill.epoch = epoch;
  }

  /** At the boundary behind epoch N everything changes at once: new edges, columns of sources, the job's part in epochs. Returns N. */
  async #join(job: ManagedJob, inputs: readonly InputStart[]): Promise<Epoch> {
    const { epochs } = this.#parts;
    assertRunning(job);
    const producers = inputs.map(({ producer }) => producer);
    const boundary = epochs.lastEpoch + 1;
    inputs.forEach((input, index) => {
      if (input.catchUp) job.catchingUp.add(index);
    });
    job.joinedAfter = boundary;
    this.#readsAt(job, boundary);
    await this.#attach(this.#attachments(job, inputs, { afterEpoch: boundary, closing: this.#closing(boundary + 1) }, false));
    await epochs.make(producers);
    for (const producer of producers) for (const source of producer.sources) source.started = true;
    this.limitPrivateReaders(job, this.#closing(boundary + 1));
    assertRunning(job);
    for (const producer of producers) assertLive(producer);
    job.pausedAt = null;
    job.historyAt = null;
    job.joining = false;
    job.live = true;
    this.#startSources(job);
    await epochs.make(producers);
    return boundary;
  }

  /** The epoch is complete in it, or the last one there is: where everything has ended no other is made. */
  #isThere(job: ManagedJob, epoch: Epoch): boolean {
    const { epochs } = this.#parts;
    const complete = epochs.completeAt(job);
    return complete >= epoch || (job.outputEnded && complete >= epochs.lastEpoch);
  }

  /** Not before the epochs to replay are known: a source that reads freely would run past their cuts. */
  #startSources(job: ManagedJob): void {
    const tasks = job.sources.filter((source) => source.started).flatMap((source) => subtasksOf(job, source.vertex));
    this.#parts.fleet.sendGrouped(
      tasks.map((task) => ({ task })),
      (own) => ({ kind: 'start', tasks: own.map(({ task }) => task) }),
    );
  }

  #closing(epoch: Epoch): Closing {
    return { epoch, timestampMicros: this.#parts.epochs.lastTimestampMicros };
  }

  limitPrivateReaders(job: ManagedJob, closing: Closing | null): void {
    for (const task of job.privateReaders()) {
      const producer = this.#parts.registry.requireProducer(job.graph.inputs[privateReaderInput(task.vertex)]!.relation);
      const source = producer.sources[0]!;
      const limit = { positions: source.positions(), verdicts: source.verdicts(), closing, enough: job.hasEnough };
      job.backfill?.limits.set(privateReaderInput(task.vertex), limit.positions);
      this.#parts.fleet.send(job.slotOf(task), { kind: 'limit', task: job.taskId(task), ...limit });
    }
  }

  /** A new attempt; sources go back to the checkpoint. */
  #rewind(job: ManagedJob, base: EpochRecord | null): void {
    const { registry } = this.#parts;
    const consumed = registry.consumersOf(job).length > 0;
    for (const source of job.sources) {
      const record = job.inCheckpoint && base !== null ? source.recordIn(base) : undefined;
      source.restore(record, this.#parts.monotonicMs());
      source.started = job.graph.kind !== 'source' || consumed;
    }
  }

  /** Before anything of the attempt is wired: edges lead to slots. */
  #giveSlots(job: ManagedJob, inputs: readonly InputStart[]): void {
    const sources = inputs.flatMap(({ producer }) => producer.sources.map(({ vertex }) => vertex.parallelism));
    job.slots = this.#parts.fleet.slotsOf(job.demand, Math.max(job.width, ...sources));
  }

  #expand(job: ManagedJob, inputs: readonly InputStart[]): void {
    const { dispatch, registry, ringBytes } = this.#parts;
    dispatch({ kind: 'scheduled', job: job.id });
    job.reset(registry.execution(job).attempt);
    const topology = expandJob({
      graph: job.graph,
      attempt: job.attempt,
      ringBytes,
      hosts: this.#parts.fleet.hostsOfSlots(),
      slots: job.slots,
      producers: inputs.map((start) => ({
        parallelism: start.producer.outputParallelism(),
        slots: start.producer.slots,
        shared: start.shared,
        private: start.private,
        appendOnly: start.producer.graph.output?.appendOnly ?? false,
      })),
    });
    job.inputs = topology.inputs;
    const tasks = topology.tasks.map((task) => this.#withSource(job, task));
    inputs.forEach((start, index) => {
      const edge = topology.inputs[index]!.private;
      if (edge === null) return;
      const source = start.producer.sources[0]!;
      const fields = readsFieldsOnDemand(start.producer.graph) && start.input.setAside === undefined ? start.input.fields : null;
      for (const task of privateReaderTasks(source.vertex, index, edge)) {
        const outputs = fields === null ? [edge.sender(task.subtask, positionsOf(start.input, null))] : task.outputs;
        const record = job.pausedAt?.sources.find((one) => one.relation === source.key) ?? job.historyAt?.sources[index];
        tasks.push({ ...task, outputs, source: { splits: source.resumptions(task.subtask, record), fields, private: true } });
      }
    });
    job.tasks = tasks;
  }

  #withSource(job: ManagedJob, task: TaskDescription): TaskDescription {
    const source = job.sources.find((candidate) => candidate.vertex.id === task.vertex);
    if (source === undefined) return task;
    if (job.graph.kind !== 'source') source.started = true;
    const fields = readsFieldsOnDemand(job.graph) ? this.#union(job) : null;
    return {
      ...task,
      source: { splits: source.assignment(task.subtask), fields: fields?.length === 0 ? null : fields, private: false },
    };
  }

  #union(producer: ManagedJob): FieldPath[] | null {
    if (!readsFieldsOnDemand(producer.graph)) return null;
    const inputs = this.#parts.registry.consumersOf(producer).flatMap((consumer) => consumer.graph.inputs);
    return unionOfFields(inputs.filter((input) => input.relation === producer.graph.output!.relation));
  }

  /** In a common start, consumers that need no content in front are wired into the producer's description itself. */
  #wireConsumers(producer: ManagedJob, jobs: readonly ManagedJob[], inputsOf: ReadonlyMap<ManagedJob, InputStart[]>): void {
    const union = this.#union(producer);
    job: for (const consumer of jobs) {
      const inputs = inputsOf.get(consumer)!;
      for (let index = 0; index < inputs.length; index++) {
        const start = inputs[index]!;
        if (start.producer !== producer || start.catchUp) continue;
        const edge = consumer.inputs[index]!.shared;
        if (edge === null) continue job;
        const columns = positionsOf(start.input, union);
        producer.tasks = producer.tasks.map((task) =>
          task.relation === null ? task : { ...task, outputs: [...task.outputs, edge.sender(task.subtask, columns)] },
        );
      }
    }
  }

  /** What producers have to do for a new consumer. In a common start only the inputs with content in front are left. */
  #attachments(job: ManagedJob, inputs: readonly InputStart[], at: { afterEpoch: Epoch; closing: Closing }, together: boolean): Attachment[] {
    return inputs.flatMap((start, index) => {
      const { producer, input, catchUp } = start;
      const edge = job.inputs[index]!.shared;
      if (edge === null || (together && !catchUp)) return [];
      const union = this.#union(producer);
      const columns = union === null || together ? [] : this.#columnsOfConsumers(producer, union);
      const output = producer.graph.output!;
      return producer.tasks
        .filter((task) => task.relation === output.relation)
        .map(
          (task): Attachment => ({
            task: producer.taskId(task),
            afterEpoch: at.afterEpoch,
            edge: edge.sender(task.subtask, positionsOf(input, union)),
            closing: at.closing,
            catchUp: catchUp ? { relation: output.relation, columnCount: output.columns.length, since: job.pausedAt?.epoch ?? null } : null,
            fields: union,
            columns,
            start: producer.graph.kind === 'source',
          }),
        );
    });
  }

  #columnsOfConsumers(producer: ManagedJob, union: readonly FieldPath[]): Attachment['columns'] {
    return this.#parts.registry.consumersOf(producer).flatMap((consumer) =>
      consumer.graph.inputs.flatMap((input, index) => {
        const edge = consumer.inputs[index]?.shared;
        if (input.relation !== producer.graph.output!.relation || edge === null || edge === undefined) return [];
        return [{ edgeId: edge.id, columns: positionsOf(input, union) }];
      }),
    );
  }

  async #attach(attachments: readonly Attachment[]): Promise<void> {
    const requests = attachments.map((attachment) => {
      const request = ++this.#lastRequest;
      this.#parts.fleet.sendTo(attachment.task, { kind: 'attach', request, attachment });
      return { request, attachment };
    });
    const { conditions, registry } = this.#parts;
    const gone = (task: TaskId): boolean => {
      const job = registry.job(task.jobId);
      return job?.attempt !== task.attempt || job.failure !== null;
    };
    await conditions.until(() => requests.every(({ request, attachment }) => this.#attached.has(request) || gone(attachment.task)));
    for (const { request } of requests) this.#attached.delete(request);
  }

  async #deploy(job: ManagedJob, tasks: readonly TaskDescription[], startEpoch: Epoch): Promise<void> {
    const { store, checkpoints } = this.#parts;
    await this.#place(job, tasks, startEpoch);
    if (job.inCheckpoint) {
      await requireReadable(job, checkpoints.recordedPlan(job.id), store);
      await this.#sendState(job, ({ operatorId }) => operatorId);
    }
    await this.#run(job, tasks);
  }

  /** The slots make the tasks, which wait for their state. */
  async #place(job: ManagedJob, tasks: readonly TaskDescription[], startEpoch: Epoch): Promise<void> {
    const { dispatch, fleet, conditions, registry } = this.#parts;
    const { attempt } = job;
    const { maxParallelism, failOnRowError = false } = job.graph;
    const startMicros = BigInt(this.#parts.epochs.base?.timestampMicros ?? 0);
    dispatch({ kind: 'deploying', job: job.id, attempt });
    for (const slot of slotsWith(tasks, job)) {
      const own = tasks.filter((task) => job.slotOf(task) === slot);
      if (fleet.isEmpty(slot)) this.#parts.slotEmpty(slot);
      const deployment = { jobId: job.id, attempt, maxParallelism, failOnRowError, startEpoch, startMicros, tasks: own };
      fleet.send(slot, { kind: 'deploy', deployment });
    }
    const names = registry.execution(job).taskNames;
    await conditions.until(() => assertRunning(job) && names.every((name) => registry.execution(job).tasks[name] === 'INITIALIZING'));
    const held = heldBehind(job, registry, this.#parts.epochs.base);
    const hold = { after: held, forMicros: job.heldForMicros };
    if (held !== null || hold.forMicros !== null) fleet.broadcast({ kind: 'hold', relation: job.graph.output!.relation, hold });
  }

  /** They have their state. */
  async #run(job: ManagedJob, tasks: readonly TaskDescription[]): Promise<void> {
    const { fleet, conditions, registry } = this.#parts;
    for (const slot of slotsWith(tasks, job)) fleet.send(slot, { kind: 'run', jobId: job.id, attempt: job.attempt });
    await conditions.until(() => assertRunning(job) && registry.execution(job).state === 'RUNNING');
  }

  /**
   * Each block of the newest checkpoint goes to the one subtask that owns its key group at the present parallelism, those of a replicated table to all. `from`: the operator whose state a table gets, or null;
   * `sent` is told of what another operator's has become.
   */
  async #sendState(
    job: ManagedJob,
    from: (table: { readonly operatorId: string; readonly table: string }) => string | null,
    sent?: (blocks: readonly StateBlock[]) => void,
  ): Promise<void> {
    const { store, fleet } = this.#parts;
    for (const vertex of job.graph.vertices) {
      const declared = new Map<string, Pick<DeployedTable, 'operatorId' | 'table' | 'replicated'>>();
      for (let subtask = 0; subtask < vertex.parallelism; subtask++) {
        for (const table of job.tables.get(`${vertex.id}/${subtask}`) ?? []) declared.set(`${table.operatorId}/${table.table}`, table);
      }
      for (const { operatorId, table, replicated } of declared.values()) {
        const bySubtask = new Map<number, StateBlock[]>();
        const origin = from({ operatorId, table });
        if (origin === null) continue;
        for await (const block of store.load(origin, table)) {
          const owner = subtaskOfKeyGroup(block.keyGroup, vertex.parallelism, job.graph.maxParallelism);
          bySubtask.set(owner, [...(bySubtask.get(owner) ?? []), { ...block, operatorId }]);
        }
        const all = [...bySubtask.values()].flat();
        sent?.(all);
        for (let subtask = 0; subtask < vertex.parallelism; subtask++) {
          const blocks = replicated ? all : (bySubtask.get(subtask) ?? []);
          if (blocks.length === 0) continue;
          fleet.send(job.slotOf({ subtask }), { kind: 'restore', task: job.taskId({ vertex: vertex.id, subtask }), operatorId, table, blocks });
        }
      }
    }
  }

  #replay(record: EpochRecord, jobs: readonly ManagedJob[]): void {
    const { epochs, fleet } = this.#parts;
    const { epoch } = record;
    const timestampMicros = BigInt(record.timestampMicros);
    const entries: ({ task: TaskId } & Replay)[] = [];
    for (const job of jobs) {
      for (const source of job.sources) {
        if (job.endedSources.has(source.vertex.id)) continue;
        // A source younger than the epoch stays where it begins, and its barrier goes out all the same: others may be aligned with it.
        const recorded = source.recordIn(record);
        if (recorded !== undefined) source.replayed(recorded, this.#parts.monotonicMs());
        const own = recorded ?? source.record();
        const release = releaseOf(own, { epoch, timestampMicros, checkpoint: false, last: source.finished });
        if (release.last) job.endedSources.add(source.vertex.id);
        for (let subtask = 0; subtask < source.vertex.parallelism; subtask++) {
          entries.push({
            task: job.taskId({ vertex: source.vertex.id, subtask }),
            positions: positionsOfRecord(own),
            verdicts: verdictsOfSource(own),
            release,
          });
        }
      }
    }
    for (const job of jobs) job.newestEpoch = Math.max(job.newestEpoch, epoch);
    epochs.inFlight.add(epoch, new Map(jobs.map((job) => [job.id, job.terminalTasks()])))();
    fleet.sendGrouped(entries, (tasks) => ({ kind: 'replay', tasks }));
  }
}
