import { type SqlError, toSqlError } from '../../base/index.ts';
import { type Batch, type Epoch, rowsOf } from '../../batch/index.ts';
import { type CatalogSnapshot, type Relation, relationKeys } from '../../catalog/index.ts';
import type { TableRows } from '../../cluster/index.ts';
import type { Engine } from './engine.ts';
import { epochNoted, epochOf, sinkEpochs, sinkEpochsDraft } from './sink-epochs.ts';
import type { Row, TableChanges, TableContent } from './table-content.ts';
import { keyText } from './unique-violation.ts';
import { rowText } from './values-text.ts';

/** Pause before rows that could not be written are tried again; doubled each time up to the maximum. */
const RETRY_MS = 100;
const RETRY_MS_MAX = 10_000;

/** What one sink has sent and its table does not have. */
interface SinkQueue {
  readonly jobId: string;
  /** Ascending by epoch. */
  waiting: { readonly epoch: Epoch; readonly rows: Batch }[];
  /** The newest epoch that has come. */
  through: Epoch;
  /** The newest that the table has. */
  taken: Epoch;
  answer: TableRows['answer'];
  /** The attempt to write that is under way or was the last one. */
  attempt: Promise<void>;
  /** That part of an attempt in which nobody is waited for but the log. */
  commit: Promise<unknown>;
  isRunning: boolean;
  /** Why the last attempt failed; the next one is put off. */
  problem: SqlError | null;
}

/**
 * Writes what sinks have for stored tables, as a client of the table would: under its lock, one commit after the other, and with the rows the number of the
 * newest epoch they are of, so that what comes again after a crash is known.
 */
export class TableSinks {
  readonly #engine: Engine;
  readonly #queues = new Map<string, SinkQueue>();
  readonly #patient = new AbortController().signal;
  #commits = 0;
  #closed = false;
  #preparing: Promise<unknown> | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** To be called once the cluster runs. */
  start(): void {
    this.#engine.cluster.tableDeliveries.receive((rows) => this.#received(rows));
  }

  close(): void {
    this.#closed = true;
  }

  /** Makes the table that remembers epochs, before the first sink needs it. */
  async prepare(): Promise<void> {
    const engine = this.#engine;
    if (sinkEpochs(engine.snapshot) !== null) return;
    this.#preparing ??= engine.create(sinkEpochsDraft(engine.logPosition())).finally(() => {
      this.#preparing = null;
    });
    await this.#preparing;
  }

  /** The rows of a new sink may be written once the catalog names it. */
  catalogChanged(): void {
    for (const queue of this.#queues.values()) this.#run(queue);
  }

  /** The sink's job is gone, and what it had for its table with it. */
  async forget(jobId: string): Promise<void> {
    await this.#queues.get(jobId)?.commit;
    this.#queues.delete(jobId);
    const { snapshot, tables } = this.#engine;
    const epochs = sinkEpochs(snapshot);
    if (epochs === null) return;
    const change = epochNoted(jobId, null, await tables.content(epochs));
    if (change.removed.length > 0) await tables.commit([change], null);
  }

  /** Resolves when what was written before is in every table that sinks lead to: to an epoch that has it. */
  async flush(): Promise<Epoch> {
    const { cluster, snapshot } = this.#engine;
    const sinks = [...snapshot.relations()].filter(({ into }) => into !== undefined).length;
    // What one sink writes another one may read, but never in a ring.
    for (let round = 0; ; round++) {
      const before = this.#commits;
      const epoch = await cluster.flush();
      if (round === sinks) return epoch;
      await cluster.tableDeliveries.settled();
      for (const queue of this.#queues.values()) await this.#drained(queue);
      if (this.#commits === before) return epoch;
    }
  }

  async #drained(queue: SinkQueue): Promise<void> {
    const { through } = queue;
    while (this.#sinkOf(queue) !== null && queue.taken < through && queue.problem === null) await queue.attempt;
  }

  #received({ jobId, epoch, rows, answer }: TableRows): void {
    let queue = this.#queues.get(jobId);
    if (queue === undefined) {
      const done = Promise.resolve();
      queue = { jobId, waiting: [], through: 0, taken: 0, answer, attempt: done, commit: done, isRunning: false, problem: null };
      this.#queues.set(jobId, queue);
    }
    queue.answer = answer;
    // A new attempt of the job sends again what has not been answered.
    if (epoch > queue.through) {
      queue.waiting.push({ epoch, rows });
      queue.through = epoch;
    }
    if (epoch <= queue.taken) answer(queue.taken, null);
    this.#run(queue);
  }

  #run(queue: SinkQueue): void {
    if (queue.isRunning || queue.waiting.length === 0 || this.#sinkOf(queue) === null) return;
    queue.isRunning = true;
    this.#write(queue)
      .catch((error: unknown) => this.#engine.logger.log('error', 'a sink into a table has stopped', { job: queue.jobId, error }))
      .finally(() => {
        queue.isRunning = false;
      });
  }

  async #write(queue: SinkQueue): Promise<void> {
    let retryMs = RETRY_MS;
    while (queue.waiting.length > 0 && this.#sinkOf(queue) !== null) {
      queue.attempt = this.#attempt(queue);
      await queue.attempt;
      if (queue.problem === null) retryMs = RETRY_MS;
      else {
        await this.#pause(retryMs);
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
      }
    }
  }

  async #attempt(queue: SinkQueue): Promise<void> {
    const { locks } = this.#engine.tables;
    const holder = { party: { processId: 0 } };
    try {
      await locks.acquire({ kind: 'relation', oid: this.#sinkOf(queue)!.into! }, holder, { timeoutMs: 0, signal: this.#patient });
      // It may have been dropped meanwhile.
      const sink = this.#sinkOf(queue);
      if (sink === null) return;
      const commit = this.#commit(queue, targetOfSink(sink, this.#engine.snapshot));
      queue.commit = commit.catch(() => undefined);
      queue.taken = await commit;
      queue.waiting = queue.waiting.filter(({ epoch }) => epoch > queue.taken);
      queue.problem = null;
    } catch (error) {
      queue.problem = toSqlError(error);
      this.#engine.logger.log('warn', 'rows of a sink could not be written to its table', { job: queue.jobId, error: queue.problem.message });
    } finally {
      locks.releaseAll(holder);
    }
    if (!this.#closed) queue.answer(queue.taken, queue.problem);
  }

  /** Resolves to the newest epoch that the table has then. */
  async #commit({ jobId, waiting }: SinkQueue, target: Relation): Promise<Epoch> {
    const { tables, snapshot } = this.#engine;
    const epochs = await tables.content(sinkEpochs(snapshot)!);
    const content = target.appendOnly ? null : await tables.content(target);
    const there = epochOf(jobId, epochs);
    const missing = waiting.filter(({ epoch }) => epoch > there);
    const newest = missing.at(-1)?.epoch;
    if (newest === undefined) return there;
    const changes = tableChanges(
      missing.map(({ rows }) => rows),
      { relation: target, content },
    );
    await tables.commit([changes, epochNoted(jobId, newest, epochs)], null);
    this.#commits++;
    return newest;
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#engine.clock.after(milliseconds, resolve);
    });
  }

  /** Null before its definition is committed, and once it is dropped. */
  #sinkOf({ jobId }: SinkQueue): Relation | null {
    return this.#closed ? null : this.#engine.snapshot.relationByStorage(Number(jobId));
  }
}

/** The stored relation that a sink writes into; it cannot be dropped before the sink. */
function targetOfSink(sink: Relation, catalog: CatalogSnapshot): Relation {
  return catalog.relationByOid(sink.into!)!;
}

/** What the net changes of some epochs, in order, do to a table: by its primary key, or, without one, only more rows. */
function tableChanges(
  epochs: readonly Batch[],
  { relation, content }: { readonly relation: Relation; readonly content: TableContent | null },
): TableChanges {
  if (content === null || relation.primaryKey === null) return { relation, removed: [], added: epochs.flatMap(addedRows) };
  const [key] = relationKeys(relation);
  const last = new Map<string, Row | null>();
  for (const rows of epochs) {
    rowsOf(rows).forEach((row, index) => last.set(keyText(relation, key!, row)!, isAdded(rows, index) ? row : null));
  }
  const removed: Row[] = [];
  const added: Row[] = [];
  for (const [text, row] of last) {
    const holder = content.holder(0, text);
    if (holder !== null && row !== null && rowText(relation, holder) === rowText(relation, row)) continue;
    if (holder !== null) removed.push(holder);
    if (row !== null) added.push(row);
  }
  return { relation, removed, added };
}

function addedRows(rows: Batch): Row[] {
  return rowsOf(rows).flatMap((row, index) => new Array<Row>(rows.weights === null ? 1 : rows.weights[index]!).fill(row));
}

function isAdded({ weights }: Batch, index: number): boolean {
  return weights === null || weights[index]! > 0;
}
