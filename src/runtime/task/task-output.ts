import { type Barrier, type Batch, type Closing, type Epoch, MAX_WATERMARK } from '../../batch/index.ts';
import type { SetAside } from '../../jobgraph/index.ts';
import type { SourceOutput } from '../../spi/index.ts';
import { approximateBytes } from '../channel/index.ts';
import type { EdgeOutput } from '../exchange/index.ts';
import type { EpochMark, OutputListener, TaskMetrics } from './task.ts';

/** Where a task's rows go: the edges that are attached, and listeners. Changes of either happen between epochs only. */
export class TaskOutput implements SourceOutput {
  readonly #metrics: TaskMetrics;
  readonly #edges: EdgeOutput[] = [];
  /** Edges that end once they are empty. */
  #retired: EdgeOutput[] = [];
  /** Edges whose last barrier is this one, by id. */
  readonly #ending = new Map<string, Epoch>();
  readonly #listeners: OutputListener[] = [];
  readonly #pending: { readonly afterEpoch: Epoch; readonly apply: () => void }[] = [];
  #lastEpoch: Epoch;
  #emittedSinceBarrier = false;
  #watermark: bigint | null = null;
  #finished = false;

  constructor(metrics: TaskMetrics, startEpoch: Epoch) {
    this.#metrics = metrics;
    this.#lastEpoch = startEpoch;
  }

  /** The newest barrier that went out, and whether nothing has been emitted since. */
  get lastEpoch(): Epoch {
    return this.#lastEpoch;
  }

  /** The last barrier has gone. */
  get finished(): boolean {
    return this.#finished;
  }

  get atBoundary(): boolean {
    return !this.#emittedSinceBarrier;
  }

  /** Runs `change` once barrier `afterEpoch` has gone out: now when it has, and nothing of the next epoch is out yet. */
  atEpoch(afterEpoch: Epoch, change: () => void): void {
    if (this.#finished || (this.#lastEpoch >= afterEpoch && this.atBoundary)) change();
    else this.#pending.push({ afterEpoch, apply: change });
  }

  addEdge(edge: EdgeOutput): void {
    this.#edges.push(edge);
  }

  /** A consumer that comes later is told how far event time has come: the next watermark may never be. */
  tellWatermark(edge: EdgeOutput): void {
    if (this.#watermark !== null) edge.control({ kind: 'watermark', micros: this.#watermark });
  }

  /** Ends the input of a consumer that came after the last barrier. */
  closeEdge(edge: EdgeOutput, closing: Closing): void {
    edge.control({ kind: 'watermark', micros: MAX_WATERMARK });
    edge.control({ kind: 'barrier', ...closing, checkpoint: false, last: true });
  }

  /** The input of one consumer ends though the task goes on: with barrier `epoch`, or at once, with a barrier of its own. */
  endEdge(id: string, closing: Closing, atOnce: boolean): void {
    if (!atOnce) {
      this.#ending.set(id, closing.epoch);
      return;
    }
    const edge = this.edge(id);
    if (edge === undefined) return;
    this.closeEdge(edge, closing);
    this.retireEdge(id);
  }

  /** The edge gets nothing any more, but what it was given reaches its consumer. */
  retireEdge(id: string): void {
    const edge = this.edge(id);
    if (edge === undefined) return;
    this.removeEdge(id);
    this.#retired.push(edge);
  }

  removeEdge(id: string): void {
    this.#retired = this.#retired.filter((edge) => edge.id !== id);
    this.#ending.delete(id);
    const index = this.#edges.findIndex((edge) => edge.id === id);
    if (index >= 0) this.#edges.splice(index, 1);
  }

  edge(id: string): EdgeOutput | undefined {
    return this.#edges.find((edge) => edge.id === id);
  }

  addListener(listener: OutputListener): void {
    this.#listeners.push(listener);
  }

  removeListener(listener: OutputListener): void {
    const index = this.#listeners.indexOf(listener);
    if (index >= 0) this.#listeners.splice(index, 1);
  }

  emit(batch: Batch): void {
    if (batch.rowCount === 0) return;
    this.#metrics.rowsOut += batch.rowCount;
    this.#metrics.bytesOut += approximateBytes(batch);
    this.#emittedSinceBarrier = true;
    for (const edge of this.#edges) if (edge.setAside === null) edge.emit(batch);
    for (const listener of this.#listeners) listener.batch?.(batch);
  }

  wantsAside(kind: SetAside): boolean {
    return this.#edges.some((edge) => edge.setAside === kind);
  }

  /** Past the operators of the task, to whoever reads such rows. */
  setAside(kind: SetAside, batch: Batch): void {
    this.#emittedSinceBarrier = true;
    for (const edge of this.#edges) if (edge.setAside === kind) edge.emit(batch);
  }

  watermark(micros: bigint): void {
    this.#watermark = micros;
    this.#metrics.watermarkMicros = micros;
    for (const edge of this.#edges) edge.control({ kind: 'watermark', micros });
  }

  barrier(barrier: Barrier): void {
    const ended = this.#edges.filter((edge) => this.#ending.get(edge.id) === barrier.epoch);
    for (const edge of this.#edges) if (!ended.includes(edge)) edge.control(barrier);
    for (const edge of ended) this.#endWith(edge, barrier);
    this.#lastEpoch = barrier.epoch;
    this.#emittedSinceBarrier = false;
    this.#finished = barrier.last;
    const mark: EpochMark = {
      epoch: barrier.epoch,
      timestampMicros: barrier.timestampMicros,
      watermarkMicros: this.#watermark,
      checkpoint: barrier.checkpoint,
      last: barrier.last,
    };
    for (const listener of [...this.#listeners]) listener.barrier(mark);
    this.#applyPending();
  }

  /** Moves what waits in the edges on; true when all of them and all listeners can take more. */
  flush(): boolean {
    let ready = true;
    if (this.#retired.length > 0) this.#retired = this.#retired.filter((edge) => !edge.flush());
    for (const edge of this.#edges) ready = edge.flush() && edge.hasCredit() && ready;
    for (const listener of this.#listeners) ready = listener.hasCredit() && ready;
    return ready;
  }

  #endWith(edge: EdgeOutput, barrier: Barrier): void {
    edge.control({ kind: 'watermark', micros: MAX_WATERMARK });
    edge.control({ ...barrier, last: true });
    this.retireEdge(edge.id);
  }

  #applyPending(): void {
    for (let index = 0; index < this.#pending.length; ) {
      const { afterEpoch, apply } = this.#pending[index]!;
      // Behind the last barrier there is no later one to wait for.
      if (!this.#finished && afterEpoch > this.#lastEpoch) {
        index++;
        continue;
      }
      this.#pending.splice(index, 1);
      apply();
    }
  }
}
