import { assert, type Clock, type Logger, SqlError, toSqlError } from '../../base/index.ts';
import { encodeBatch, keyGroupRange } from '../../batch/index.ts';
import {
  type BuiltTask,
  buildTask,
  Doorbell,
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
import type { ScratchPlace } from '../../state/index.ts';
import type { Attachment, FromSlot, SlotLaunch, ToSlot } from '../transport/index.ts';
import { EmbeddedLogReader } from './embedded-log-reader.ts';
import { ReadableRelations } from './readable-relations.ts';
import { SlotScan } from './relation-scan.ts';
import { Rota, type Turn } from './rota.ts';
import { deployedTable, SlotJob, type SlotTask, tableKey, taskKey } from './slot-job.ts';
import { TaskTime } from './task-time.ts';

export interface SlotParts {
  readonly launch: SlotLaunch;
  readonly registries: SlotRegistries;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where state goes that does not fit. */
  readonly scratch: ScratchPlace;
  readonly send: (message: FromSlot) => void;
  /** Asks the host for turns: somebody has woken. */
  readonly wake: () => void;
}

/**
 * One slot of a TaskManager: the tasks that live in it, the readers of relations in it, and what the JobManager tells it. It owns no thread;
 * a host delivers messages and gives those who are awake their turns.
 */
export class Slot {
  readonly #parts: SlotParts;
  readonly #surroundings: Omit<TaskSurroundings, 'wake' | 'embeddedReader'>;
  readonly #rota: Rota;
  readonly #bell: Doorbell;
  readonly #rung = (line: number): void => this.#channels.rung(line);
  readonly #channels: SlotChannels;
  readonly #jobs = new Map<string, SlotJob>();
  readonly #relations = new ReadableRelations();
  readonly #scans = new Map<number, { readonly scan: SlotScan; readonly turn: Turn }>();
  readonly #taps = new Map<number, SubscriptionTap[]>();
  readonly #readers = new Map<string, EmbeddedLogReader>();
  /** Work put off, oldest first, each done in parts. */
  readonly #deferred: Iterator<void, void>[] = [];
  readonly #deferredTurn: Turn;
  #checkpointEpoch = 0;
  /** Resolves when nothing of a closed slot is open any more. */
  closed: Promise<void> = Promise.resolve();

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.#channels = new SlotChannels({ bytesMax: parts.launch.channelBytes });
    this.#rota = new Rota(parts.wake);
    this.#bell = new Doorbell(parts.launch.doorbell);
    this.#deferredTurn = this.#rota.join('deferred', () => this.#runDeferred());
    this.#surroundings = this.#makeSurroundings();
  }

  /** Those who may have something to do now: tasks of running jobs, consumers that catch up, scans, work put off. */
  turns(): readonly Turn[] {
    this.#hearBell();
    return this.#rota.awake();
  }

  get someoneAwake(): boolean {
    this.#hearBell();
    return this.#rota.someoneAwake;
  }

  wakeAll(): void {
    this.#rota.wakeAll();
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
      case 'endEdge':
        this.#endEdge(message);
        break;
      case 'embeddedRows':
        this.#readers.get(message.reader)?.receive(message.records, message.through);
        break;
      case 'tableRowsTaken': {
        const { task, through, problem } = message;
        if (this.#task(task) !== undefined)
          this.#jobs.get(task.jobId)!.tableRowsTaken.get(taskKey(task))?.(through, problem === null ? null : new SqlError(problem));
        break;
      }
      case 'checkpoint':
        this.#checkpointFinished(message.epoch);
        break;
      case 'checkpointCommitted':
        for (const job of this.#jobs.values()) for (const task of job.tasks.values()) task.built.task.checkpointCommitted(message.epoch);
        this.#rota.wakeAll();
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
  }

  #receiveReading(message: ToSlot): boolean {
    switch (message.kind) {
      case 'forget':
        this.#relations.forget(message.relations, this.#parts.launch.settings.pinnedBytesMax);
        return true;
      case 'hold':
        for (const readable of this.#relations.of(message.relation)) readable.hold?.(message.hold);
        return true;
      case 'scan':
        this.#openScan(message);
        return true;
      case 'dropIndex':
        for (const readable of this.#relations.of(message.relation)) readable.dropIndex?.(message.columns);
        return true;
      case 'scanMore':
        this.#scans.get(message.scan)?.scan.more();
        this.#scans.get(message.scan)?.turn.wake();
        return true;
      case 'scanClose':
        this.#closeScan(message.scan);
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
      case 'mark':
        for (const task of message.tasks) this.#withSource(task, (source) => source.mark(message.at));
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
        job.tasks.set(taskKey(id), this.#build(job, deployment, description));
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
    job.wakeAll();
    this.#parts.send({ kind: 'running', jobId, attempt, tasks: job.reports() });
  }

  #cancel(jobId: string, attempt: number): void {
    const job = this.#jobs.get(jobId);
    if (job !== undefined && job.attempt <= attempt) this.#remove(job);
    // Tasks of others that stay send to it no more.
    this.#channels.forget(`${jobId}#${attempt}/`);
    this.#parts.send({ kind: 'canceled', jobId, attempt });
  }

  #remove(job: SlotJob): void {
    this.#jobs.delete(job.jobId);
    for (const { relation, readable } of job.readables) this.#relations.remove(relation, readable);
    for (const task of job.tasks.values()) {
      task.turn.leave();
      task.built.state.release();
      for (const { catchUp, turn } of task.catchUps) {
        catchUp.close();
        turn.leave();
      }
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
      task.turn.wake();
    });
  }

  #addEdge(task: SlotTask, attachment: Attachment): void {
    const { output, id } = task.built.task;
    const job = this.#jobs.get(id.jobId)!;
    let wakeSender = task.turn.wake;
    const edge = this.#channels.edge(attachment.edge!, { senderSubtask: id.subtask, maxParallelism: job.maxParallelism, wake: () => wakeSender() });
    const readable = attachment.catchUp === null ? null : job.readable(attachment.catchUp.relation, id);
    assert(attachment.catchUp === null || readable !== null, `relation ${attachment.catchUp?.relation} keeps no content to start from`);
    if (readable === null) {
      output.addEdge(edge);
      if (output.finished) output.closeEdge(edge, attachment.closing);
      else output.tellWatermark(edge);
    } else {
      const { columnCount, since } = attachment.catchUp!;
      const catchUp = new RelationCatchUp({ output, edge, readable, columnCount, since, closing: attachment.closing });
      const turn = this.#rota.join(`${job.jobId} ${taskKey(id)} catching up ${edge.id}`, () => this.#stepCatchUp(job, task, catchUp));
      // What waits in an edge that has gone live is moved on by the task.
      wakeSender = (): void => {
        turn.wake();
        task.turn.wake();
      };
      task.catchUps.push({ edgeId: edge.id, catchUp, turn });
      turn.wake();
    }
  }

  #detach(id: TaskId, edgeId: string, afterEpoch: number | null): void {
    const task = this.#task(id);
    if (task === undefined) return;
    const { output } = task.built.task;
    const index = task.catchUps.findIndex((entry) => entry.edgeId === edgeId);
    if (afterEpoch !== null) {
      task.catchUps[index]?.catchUp.closeAfter(afterEpoch);
      task.catchUps[index]?.turn.wake();
      output.atEpoch(afterEpoch, () => output.retireEdge(edgeId));
      task.turn.wake();
      return;
    }
    output.removeEdge(edgeId);
    if (index < 0) return;
    task.catchUps[index]!.catchUp.close();
    task.catchUps[index]!.turn.leave();
    task.catchUps.splice(index, 1);
  }

  #endEdge({ task: id, edgeId, closing, atOnce }: Extract<ToSlot, { kind: 'endEdge' }>): void {
    const task = this.#task(id);
    if (task === undefined) return;
    const catchingUp = task.catchUps.find((entry) => entry.edgeId === edgeId);
    if (catchingUp !== undefined) catchingUp.catchUp.endWith(closing.epoch);
    task.built.task.output.endEdge(edgeId, closing, atOnce);
    task.turn.wake();
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
    const answer = (batches: readonly Uint8Array[], done: boolean, error: ReturnType<SqlError['fields']> | null): void => {
      if (done) this.#closeScan(message.scan);
      this.#parts.send({ kind: 'scanned', scan: message.scan, batches, done, error });
    };
    try {
      const contents = this.#relations.of(message.relation).map((readable) => readable.scan(message.epoch, message.request));
      const scan = new SlotScan(contents, answer);
      const turn = this.#rota.join(`scan of ${message.relation}`, () => scan.step());
      this.#scans.set(message.scan, { scan, turn });
      turn.wake();
    } catch (error) {
      answer([], true, toSqlError(error).fields());
    }
  }

  #closeScan(number: number): void {
    const open = this.#scans.get(number);
    open?.scan.close();
    open?.turn.leave();
    this.#scans.delete(number);
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

  /** Whoever has something to do for the task may say so while it is being made; where that fails nobody is left to be woken. */
  #build(job: SlotJob, deployment: JobDeployment, description: JobDeployment['tasks'][number]): SlotTask {
    const turn: Turn = this.#rota.join(`${job.jobId} ${taskKey(description)}`, () => this.#stepTask(job, task));
    let built: BuiltTask;
    try {
      built = buildTask(deployment, description, this.#surroundingsOf(turn));
    } catch (error) {
      turn.leave();
      throw error;
    }
    const time = new TaskTime(this.#parts.clock, built.task.metrics);
    const { startEpoch } = deployment;
    const spilled = { totalMs: 0, newestMs: 0 };
    const task: SlotTask = {
      description,
      built,
      turn,
      time,
      restored: new Map(),
      catchUps: [],
      lastEpoch: startEpoch,
      spilled,
      rowsTold: 0,
      finished: false,
    };
    return task;
  }

  #surroundingsOf({ wake }: Turn): TaskSurroundings {
    const { launch, send } = this.#parts;
    return {
      ...this.#surroundings,
      wake,
      embeddedReader: (id, relation) => {
        const reader = `${launch.slot}:${id.jobId}#${id.attempt}/${taskKey(id)}/${relation}`;
        const open = (position: number): void => send({ kind: 'embeddedOpen', reader, task: id, relation, position });
        const created = new EmbeddedLogReader({ id: reader, open, send, wake });
        this.#readers.set(reader, created);
        return created;
      },
    };
  }

  #stepTask(job: SlotJob, task: SlotTask): StepResult {
    if (!job.running) return 'idle';
    task.time.settle();
    try {
      const result = task.built.task.step();
      task.time.stepped(result);
      return result;
    } catch (error) {
      job.running = false;
      this.#fail(task.built.task.id, task.lastEpoch, error);
      return 'progress';
    }
  }

  #stepCatchUp(job: SlotJob, task: SlotTask, catchUp: RelationCatchUp): StepResult {
    if (!job.running) return 'idle';
    try {
      return catchUp.step();
    } catch (error) {
      job.running = false;
      this.#fail(task.built.task.id, task.lastEpoch, error);
      return 'progress';
    }
  }

  #hearBell(): void {
    this.#bell.takeLines(this.#rung);
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
      task.turn.wake();
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

  #makeSurroundings(): Omit<TaskSurroundings, 'wake' | 'embeddedReader'> {
    const { registries, clock, logger, launch, send } = this.#parts;
    return {
      registries,
      settings: launch.settings,
      clock,
      logger,
      budget: new SlotBudget({ bytesMax: launch.settings.stateBytesMax, spillBytesMax: launch.settings.spillBytesMax }),
      scratch: this.#parts.scratch,
      channels: this.#channels,
      events: this.#events(),
      tableDelivery: (task, taken) => {
        this.#jobs.get(task.jobId)!.tableRowsTaken.set(taskKey(task), taken);
        return { send: (epoch, rows) => send({ kind: 'tableRows', task, epoch, rows: encodeBatch(rows) }) };
      },
      reportSink: (task, progress) => send({ kind: 'sinkProgress', task, progress }),
      reportEnough: (task) => send({ kind: 'enough', task }),
      publishRelation: (task, relation, readable) => {
        this.#jobs.get(task.jobId)!.readables.push({ relation, task, readable });
        this.#relations.add(relation, readable);
      },
    };
  }

  #events(): TaskEvents {
    const { send, launch } = this.#parts;
    const found = (task: Task): SlotTask | undefined => this.#jobs.get(task.id.jobId)?.task(task.id);
    return {
      barrierPassed: (task, { epoch, last, checkpoint }) => {
        const own = found(task);
        if (own === undefined) return;
        own.lastEpoch = epoch;
        own.finished = last;
        if (last && !checkpoint && epoch <= this.#checkpointEpoch) this.#snapshot(own, this.#checkpointEpoch);
        for (const { turn } of own.catchUps) turn.wake();
        const { spillMs } = task.metrics;
        const spilled = { totalMs: spillMs, newestMs: spillMs - own.spilled.totalMs };
        if (spilled.newestMs !== own.spilled.newestMs) send({ kind: 'spilled', task: task.id, ms: spilled.newestMs });
        own.spilled = spilled;
        if (own.description.terminal) send({ kind: 'passed', task: task.id, epoch, last, metrics: { ...task.metrics } });
        else if (task.metrics.rowsRead !== own.rowsTold && own.description.source?.private !== true) {
          own.rowsTold = task.metrics.rowsRead;
          send({ kind: 'read', task: task.id, metrics: { ...task.metrics } });
        }
      },
      snapshotTaken: (task, snapshot) => {
        assert(launch.incarnation > 0, 'a slot without incarnation');
        const { maxParallelism, tasks } = this.#jobs.get(task.id.jobId)!;
        const { subtask, parallelism } = tasks.get(taskKey(task.id))!.description;
        const keyGroups = { maxParallelism, owned: keyGroupRange(subtask, parallelism, maxParallelism) };
        this.#deferred.push(
          (function* () {
            const blocks = yield* encodeSnapshot(snapshot, keyGroups);
            send({ kind: 'snapshot', task: task.id, epoch: snapshot.epoch, blocks });
          })(),
        );
        this.#deferredTurn.wake();
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
