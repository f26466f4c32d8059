import { assert, type Clock, type Logger, type SqlError, toSqlError } from '../../base/index.ts';
import { encodeBatch } from '../../batch/index.ts';
import {
  buildTask,
  encodeSnapshot,
  type JobDeployment,
  RelationCatchUp,
  SlotBudget,
  SlotChannels,
  type SlotRegistries,
  SourceTask,
  type StepResult,
  SubscriptionTap,
  type Task,
  type TaskEvents,
  type TaskId,
  type TaskSurroundings,
} from '../../runtime/index.ts';
import type { StateTableDeclaration } from '../../spi/index.ts';
import type { ScratchPlace } from '../../state/index.ts';
import type { Attachment, DeployedTable, FromSlot, SlotLaunch, ToSlot } from '../transport/index.ts';
import { EmbeddedLogReader } from './embedded-log-reader.ts';
import { limitPinned } from './pinned-memory.ts';
import { SlotScan } from './relation-scan.ts';
import { SlotJob, type SlotTask, tableKey, taskKey } from './slot-job.ts';

export interface SlotParts {
  readonly launch: SlotLaunch;
  readonly registries: SlotRegistries;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where state goes that does not fit. */
  readonly scratch: ScratchPlace;
  readonly send: (message: FromSlot) => void;
  /** Asks the host to step this slot. */
  readonly wake: () => void;
}

/** Something the host can step. */
export interface Runnable {
  step(): StepResult;
}

/**
 * One slot of a TaskManager: the tasks that live in it, the readers of relations in it, and what the JobManager tells it. It owns no thread;
 * a host delivers messages and steps it.
 */
export class Slot {
  readonly #parts: SlotParts;
  readonly #surroundings: TaskSurroundings;
  readonly #channels: SlotChannels;
  readonly #jobs = new Map<string, SlotJob>();
  readonly #scans = new Map<number, SlotScan>();
  readonly #taps = new Map<number, SubscriptionTap[]>();
  readonly #readers = new Map<string, EmbeddedLogReader>();
  /** Work put off, oldest first, each done in parts. */
  readonly #deferred: Iterator<void, void>[] = [];
  #runnables: Runnable[] | null = null;
  #checkpointEpoch = 0;
  /** Resolves when nothing of a closed slot is open any more. */
  closed: Promise<void> = Promise.resolve();

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.#channels = new SlotChannels({ bytesMax: parts.launch.channelBytes });
    this.#surroundings = this.#makeSurroundings();
  }

  /** What can be stepped now: tasks of running jobs, consumers that catch up, scans, work put off. */
  runnables(): readonly Runnable[] {
    if (this.#runnables !== null) return this.#runnables;
    const runnables: Runnable[] = [{ step: () => this.#runDeferred() }];
    for (const job of this.#jobs.values()) {
      if (!job.running) continue;
      for (const task of job.tasks.values()) {
        runnables.push(this.#guarded(job, task));
        for (const { catchUp } of task.catchUps) runnables.push(this.#guardedCatchUp(job, task, catchUp));
      }
    }
    for (const scan of this.#scans.values()) runnables.push(scan);
    this.#runnables = runnables;
    return runnables;
  }

  receive(message: ToSlot): void {
    switch (message.kind) {
      case 'deploy':
        this.#deploy(message.deployment);
        break;
      case 'restore': {
        const task = this.#task(message.task);
        const key = tableKey(message.operatorId, message.table);
        task?.restored.set(key, [...(task.restored.get(key) ?? []), ...message.blocks]);
        break;
      }
      case 'run':
        this.#run(message.jobId, message.attempt);
        break;
      case 'cancel':
        this.#cancel(message.jobId, message.attempt);
        break;
      case 'attach':
        this.#attach(message.attachment);
        this.#parts.send({ kind: 'attached', request: message.request });
        break;
      case 'detach':
        this.#detach(message.task, message.edgeId, message.afterEpoch);
        break;
      case 'embeddedRows':
        this.#readers.get(message.reader)?.receive(message.records, message.through);
        break;
      case 'checkpoint':
        this.#checkpointFinished(message.epoch);
        break;
      case 'checkpointCommitted':
        for (const job of this.#jobs.values()) for (const task of job.tasks.values()) task.built.task.checkpointCommitted(message.epoch);
        break;
      case 'report':
        this.#parts.send({ kind: 'report', tasks: [...this.#jobs.values()].flatMap((job) => job.reports()) });
        break;
      case 'close':
        this.#close();
        break;
      default:
        this.#receiveReading(message) || this.#receiveEpoch(message);
    }
    this.#parts.wake();
  }

  #receiveReading(message: ToSlot): boolean {
    switch (message.kind) {
      case 'forget':
        this.#forget(message);
        return true;
      case 'hold':
        for (const { relation, readable } of this.#readables()) if (relation === message.relation) readable.hold?.(message.hold);
        return true;
      case 'scan':
        this.#openScan(message);
        return true;
      case 'dropIndex':
        for (const { relation, readable } of this.#readables()) if (relation === message.relation) readable.dropIndex?.(message.columns);
        return true;
      case 'scanMore':
        this.#scans.get(message.scan)?.more();
        return true;
      case 'scanClose':
        this.#scans.get(message.scan)?.close();
        this.#scans.delete(message.scan);
        this.#runnables = null;
        return true;
      case 'subscribe':
        this.#subscribe(message);
        return true;
      case 'unsubscribe':
        for (const tap of this.#taps.get(message.subscription) ?? []) tap.close();
        this.#taps.delete(message.subscription);
        return true;
      default:
        return false;
    }
  }

  #receiveEpoch(message: ToSlot): void {
    switch (message.kind) {
      case 'cut':
        for (const { task, positions } of message.tasks) this.#withSource(task, (source) => source.cut(message.epoch, positions));
        break;
      case 'release':
        for (const { task, release } of message.tasks) this.#withSource(task, (source) => source.release(release));
        break;
      case 'replay':
        for (const { task, ...replay } of message.tasks) this.#withSource(task, (source) => source.replay(replay));
        break;
      case 'start':
        for (const task of message.tasks) this.#withSource(task, (source) => source.start());
        break;
      case 'limit':
        this.#withSource(message.task, (source) => source.setLimit(message));
        break;
      default:
        break;
    }
  }

  #deploy(deployment: JobDeployment): void {
    const previous = this.#jobs.get(deployment.jobId);
    if (previous !== undefined && previous.attempt >= deployment.attempt) {
      this.#stale(`deploy of ${deployment.jobId}`);
      return;
    }
    if (previous !== undefined) this.#remove(previous);
    const job = new SlotJob(deployment);
    this.#jobs.set(job.jobId, job);
    for (const description of deployment.tasks) {
      const id: TaskId = { jobId: job.jobId, attempt: job.attempt, vertex: description.vertex, subtask: description.subtask };
      try {
        const built = buildTask(deployment, description, this.#surroundings);
        job.tasks.set(taskKey(id), { description, built, restored: new Map(), catchUps: [], lastEpoch: deployment.startEpoch, finished: false });
      } catch (error) {
        this.#fail(id, deployment.startEpoch, error);
        return;
      }
    }
    const tasks = [...job.tasks.values()].map(({ built }) => ({
      task: built.task.id,
      relations: job.readables.filter(({ task }) => taskKey(task) === taskKey(built.task.id)).map(({ relation }) => relation),
      tables: built.state.tables().map(({ operatorId, table }) => deployedTable(operatorId, table.declaration)),
    }));
    this.#parts.send({ kind: 'deployed', jobId: job.jobId, attempt: job.attempt, tasks });
  }

  #run(jobId: string, attempt: number): void {
    const job = this.#jobs.get(jobId);
    if (job === undefined || job.attempt !== attempt) {
      this.#stale(`run of ${jobId}`);
      return;
    }
    job.loadState();
    job.running = true;
    this.#runnables = null;
    this.#parts.send({ kind: 'running', jobId, attempt });
  }

  #cancel(jobId: string, attempt: number): void {
    const job = this.#jobs.get(jobId);
    if (job !== undefined && job.attempt <= attempt) this.#remove(job);
    this.#parts.send({ kind: 'canceled', jobId, attempt });
  }

  #remove(job: SlotJob): void {
    this.#jobs.delete(job.jobId);
    this.#runnables = null;
    for (const task of job.tasks.values()) {
      task.built.state.release();
      for (const { catchUp } of task.catchUps) catchUp.close();
      task.built.task
        .close()
        .catch((error: unknown) => this.#parts.logger.log('warn', 'closing a task failed', { task: task.description.vertex, error }));
    }
    this.#channels.forget(`${job.jobId}#${job.attempt}/`);
  }

  #attach(attachment: Attachment): void {
    const task = this.#task(attachment.task);
    if (task === undefined) return;
    const { output } = task.built.task;
    output.atEpoch(attachment.afterEpoch, () => {
      const source = task.built.task;
      if (source instanceof SourceTask) {
        if (attachment.fields !== null) source.source.setFields(attachment.fields);
        if (attachment.start) source.start();
      }
      for (const { edgeId, columns } of attachment.columns) output.edge(edgeId)?.setColumns(columns);
      if (attachment.edge !== null) this.#addEdge(task, attachment);
    });
  }

  #addEdge(task: SlotTask, attachment: Attachment): void {
    const { output, id } = task.built.task;
    const job = this.#jobs.get(id.jobId)!;
    const edge = this.#channels.edge(attachment.edge!, { senderSubtask: id.subtask, maxParallelism: job.maxParallelism });
    const readable = attachment.catchUp === null ? null : job.readable(attachment.catchUp.relation, id);
    assert(attachment.catchUp === null || readable !== null, `relation ${attachment.catchUp?.relation} keeps no content to start from`);
    if (readable === null) {
      output.addEdge(edge);
      if (output.finished) output.closeEdge(edge, attachment.closingEpoch);
      else output.tellWatermark(edge);
    } else {
      const { columnCount, since } = attachment.catchUp!;
      const catchUp = new RelationCatchUp({ output, edge, readable, columnCount, since, closingEpoch: attachment.closingEpoch });
      task.catchUps.push({ edgeId: edge.id, catchUp });
    }
    this.#runnables = null;
  }

  #detach(id: TaskId, edgeId: string, afterEpoch: number | null): void {
    const task = this.#task(id);
    if (task === undefined) return;
    const { output } = task.built.task;
    const index = task.catchUps.findIndex((entry) => entry.edgeId === edgeId);
    if (afterEpoch !== null) {
      task.catchUps[index]?.catchUp.closeAfter(afterEpoch);
      output.atEpoch(afterEpoch, () => output.retireEdge(edgeId));
      return;
    }
    output.removeEdge(edgeId);
    if (index < 0) return;
    task.catchUps[index]!.catchUp.close();
    task.catchUps.splice(index, 1);
    this.#runnables = null;
  }

  /** Tasks that will see no barrier of the checkpoint hand in what they have; one that finishes in an epoch before it does so then. */
  #checkpointFinished(epoch: number): void {
    this.#checkpointEpoch = epoch;
    for (const job of this.#jobs.values()) {
      if (!job.running) continue;
      for (const task of job.tasks.values()) if (task.finished) this.#snapshot(task, epoch);
    }
  }

  #snapshot(task: SlotTask, epoch: number): void {
    if (task.description.source?.private !== true) this.#surroundings.events.snapshotTaken(task.built.task, task.built.state.snapshot(epoch));
  }

  #openScan(message: Extract<ToSlot, { kind: 'scan' }>): void {
    const readables = this.#readables().filter((entry) => entry.relation === message.relation);
    const answer = (batches: readonly Uint8Array[], done: boolean, error: ReturnType<SqlError['fields']> | null): void => {
      if (done) {
        this.#scans.delete(message.scan);
        this.#runnables = null;
      }
      this.#parts.send({ kind: 'scanned', scan: message.scan, batches, done, error });
    };
    try {
      const contents = readables.map(({ readable }) => readable.scan(message.epoch, message.request));
      this.#scans.set(message.scan, new SlotScan(contents, answer));
      this.#runnables = null;
    } catch (error) {
      answer([], true, toSqlError(error).fields());
    }
  }

  #forget({ relations }: Extract<ToSlot, { kind: 'forget' }>): void {
    const entries = this.#readables();
    for (const { relation, readable } of entries) {
      const needed = relations.get(relation);
      if (needed === undefined) continue;
      readable.release(needed.through);
      readable.pinnedThrough(needed.pinnedThrough);
    }
    const readables = entries.map(({ readable }) => readable);
    limitPinned(readables, this.#parts.launch.settings.pinnedBytesMax);
  }

  #readables(): SlotJob['readables'] {
    return [...this.#jobs.values()].flatMap((job) => job.readables);
  }

  #subscribe(message: Extract<ToSlot, { kind: 'subscribe' }>): void {
    const taps: SubscriptionTap[] = [];
    for (const job of this.#jobs.values()) {
      for (const { description, built } of job.tasks.values()) {
        if (description.relation !== message.relation) continue;
        const { subtask } = description;
        const readable = job.readable(message.relation, built.task.id);
        taps.push(
          new SubscriptionTap({
            output: built.task.output,
            readable,
            from: message.from,
            sink: (epoch, timestampMicros, batches) => {
              const encoded = batches === null ? null : batches.filter((batch) => batch.rowCount > 0).map(encodeBatch);
              this.#parts.send({ kind: 'changed', subscription: message.subscription, subtask, epoch, timestampMicros, batches: encoded });
            },
          }),
        );
      }
    }
    this.#taps.set(message.subscription, taps);
    this.#parts.send({ kind: 'subscribed', subscription: message.subscription, subtasks: taps.length });
  }

  #guarded(job: SlotJob, task: SlotTask): Runnable {
    const { task: running } = task.built;
    const { clock } = this.#parts;
    const { metrics } = running;
    let before = clock.monotonicMs();
    return {
      step: () => {
        if (!job.running) return 'idle';
        const started = clock.monotonicMs();
        try {
          const result = running.step();
          const ended = clock.monotonicMs();
          if (result === 'progress') {
            metrics.idleMs += started - before;
            metrics.busyMs += ended - started;
          } else if (result === 'blocked') metrics.backpressuredMs += ended - before;
          else metrics.idleMs += ended - before;
          before = ended;
          return result;
        } catch (error) {
          job.running = false;
          this.#runnables = null;
          this.#fail(running.id, task.lastEpoch, error);
          return 'progress';
        }
      },
    };
  }

  #guardedCatchUp(job: SlotJob, task: SlotTask, catchUp: RelationCatchUp): Runnable {
    return {
      step: () => {
        if (!job.running) return 'idle';
        try {
          return catchUp.step();
        } catch (error) {
          job.running = false;
          this.#fail(task.built.task.id, task.lastEpoch, error);
          return 'progress';
        }
      },
    };
  }

  #runDeferred(): StepResult {
    const [work] = this.#deferred;
    if (work === undefined) return 'idle';
    if (work.next().done === true) this.#deferred.shift();
    return 'progress';
  }

  #fail(task: TaskId, epoch: number, error: unknown): void {
    const failure = toSqlError(error);
    this.#parts.logger.log('error', 'a task failed', {
      job: task.jobId,
      vertex: task.vertex,
      subtask: task.subtask,
      error: failure.message,
      cause: error,
    });
    this.#parts.send({ kind: 'failed', task, error: plainFields(failure), position: `${taskKey(task)} after epoch ${epoch}` });
  }

  #task(id: TaskId): SlotTask | undefined {
    const task = this.#jobs.get(id.jobId)?.task(id);
    if (task === undefined) this.#stale(`message for ${id.jobId} attempt ${id.attempt}`);
    return task;
  }

  #withSource(id: TaskId, use: (source: SourceTask) => void): void {
    const task = this.#task(id);
    if (task === undefined) return;
    assert(task.built.task instanceof SourceTask, `${taskKey(id)} is no source`);
    try {
      use(task.built.task);
    } catch (error) {
      const job = this.#jobs.get(id.jobId)!;
      job.running = false;
      this.#fail(id, task.lastEpoch, error);
    }
  }

  #stale(message: string): void {
    this.#parts.send({ kind: 'stale', message });
  }

  #close(): void {
    for (const job of [...this.#jobs.values()]) this.#remove(job);
    this.closed = this.#closeScratch();
  }

  /** LevelDB must be closed before its thread ends. */
  async #closeScratch(): Promise<void> {
    const { scratch, logger, send } = this.#parts;
    try {
      await scratch.close();
    } catch (error) {
      logger.log('warn', 'removing spilled state failed', { error });
    }
    send({ kind: 'closed' });
  }

  #makeSurroundings(): TaskSurroundings {
    const { registries, clock, logger, launch, send, wake } = this.#parts;
    return {
      registries,
      settings: launch.settings,
      clock,
      logger,
      budget: new SlotBudget({ bytesMax: launch.settings.stateBytesMax, spillBytesMax: launch.settings.spillBytesMax }),
      scratch: this.#parts.scratch,
      channels: this.#channels,
      events: this.#events(),
      wake,
      embeddedReader: (id, relation) => {
        const reader = `${launch.slot}:${id.jobId}#${id.attempt}/${taskKey(id)}/${relation}`;
        const open = (position: number): void => send({ kind: 'embeddedOpen', reader, task: id, relation, position });
        const created = new EmbeddedLogReader({ id: reader, open, send, wake });
        this.#readers.set(reader, created);
        return created;
      },
      reportSink: (task, progress) => send({ kind: 'sinkProgress', task, progress }),
      publishRelation: (task, relation, readable) => this.#jobs.get(task.jobId)!.readables.push({ relation, task, readable }),
    };
  }

  #events(): TaskEvents {
    const { send, launch } = this.#parts;
    const found = (task: Task): SlotTask | undefined => this.#jobs.get(task.id.jobId)?.task(task.id);
    return {
      barrierPassed: (task, { epoch, last }) => {
        const own = found(task);
        if (own === undefined) return;
        own.lastEpoch = epoch;
        own.finished = last;
        if (last && epoch < this.#checkpointEpoch) this.#snapshot(own, this.#checkpointEpoch);
        if (own.description.terminal) send({ kind: 'passed', task: task.id, epoch, last, metrics: { ...task.metrics } });
      },
      snapshotTaken: (task, snapshot) => {
        assert(launch.incarnation > 0, 'a slot without incarnation');
        const { maxParallelism } = this.#jobs.get(task.id.jobId)!;
        this.#deferred.push(
          (function* () {
            const blocks = yield* encodeSnapshot(snapshot, maxParallelism);
            send({ kind: 'snapshot', task: task.id, epoch: snapshot.epoch, blocks });
          })(),
        );
      },
      cutReached: (task, epoch, cuts) => {
        assert(task instanceof SourceTask, 'only sources have cuts');
        send({ kind: 'cut', task: task.id, epoch, cuts, status: task.source.status() });
      },
      sourceProgressed: (task) => send({ kind: 'progressed', task: task.id }),
      problemChanged: (task, problem) => send({ kind: 'problem', task: task.id, problem: problem === null ? null : plainFields(problem) }),
      limitReached: (task) => send({ kind: 'limitReached', task: task.id }),
    };
  }
}

/** Fields that survive a structured clone: a cause may be anything, so only its message goes along. */
function plainFields(error: SqlError): ReturnType<SqlError['fields']> {
  const fields = error.fields();
  if (fields.cause === undefined) return fields;
  return { ...fields, cause: fields.cause instanceof Error ? (fields.cause.stack ?? fields.cause.message) : String(fields.cause) };
}

function deployedTable(operatorId: string, { name, columns, keyCount, tieBreakers }: StateTableDeclaration): DeployedTable {
  return { operatorId, table: name, columns, keyCount, tieBreakers: tieBreakers ?? null };
}
