import { assert } from '../../base/index.ts';
import { type Batch, type Closing, type Epoch, MAX_WATERMARK } from '../../batch/index.ts';
import type { ReadableRelation } from '../../spi/index.ts';
import type { EdgeOutput } from '../exchange/index.ts';
import type { EpochMark, OutputListener, StepResult } from '../task/task.ts';
import type { TaskOutput } from '../task/task-output.ts';

export interface RelationCatchUpParts {
  readonly output: TaskOutput;
  readonly edge: EdgeOutput;
  readonly readable: ReadableRelation;
  readonly columnCount: number;
  /** The consumer has the content of this epoch: it gets what has changed since. Null: it has nothing. */
  readonly since: Epoch | null;
  /** Barrier that ends the consumer's input when the relation has ended already. */
  readonly closing: Closing;
}

/** How far a consumer is that is being brought up to the relation. */
export interface CatchUpProgress {
  /** Of the content in front of the changes, each row once however often it is there. */
  readonly rowsRead: number;
  /** Null where only changes are read. */
  readonly rowsTotal: number | null;
  /** All of that has been sent. */
  readonly contentDone: boolean;
}

/**
 * Feeds a new consumer of a materialised relation: its content at the epoch that has just ended as one large first delta, in slices, then the
 * changes of the epochs that end meanwhile, from the retained deltas. Once nothing is left at an epoch boundary, the edge joins the live
 * ones. The producer is never held up; what is retained meanwhile counts against the reader's pin.
 */
export class RelationCatchUp implements OutputListener {
  readonly #output: TaskOutput;
  readonly #edge: EdgeOutput;
  readonly #readable: ReadableRelation;
  readonly #content: Iterator<Batch>;
  readonly #closing: Closing;
  readonly #marks: EpochMark[] = [];
  readonly #rowsTotal: number | null;
  #rowsRead = 0;
  #contentDone = false;
  #watermark: bigint | null = null;
  #closed = false;
  #closeAfter: Epoch = Number.POSITIVE_INFINITY;
  #endWith: Epoch | null = null;

  /** To be made at an epoch boundary of `output`. */
  constructor(parts: RelationCatchUpParts) {
    this.#output = parts.output;
    this.#edge = parts.edge;
    this.#readable = parts.readable;
    this.#closing = parts.closing;
    const columns = Array.from({ length: parts.columnCount }, (_, index) => index);
    const { lastEpoch } = parts.output;
    this.#content = parts.since === null ? parts.readable.scan(lastEpoch, { columns }) : changesBetween(parts.readable, parts.since, lastEpoch);
    this.#rowsTotal = parts.since === null ? (parts.readable.rowCount?.() ?? null) : null;
    parts.output.addListener(this);
  }

  progress(): CatchUpProgress {
    return { rowsRead: this.#rowsRead, rowsTotal: this.#rowsTotal, contentDone: this.#contentDone };
  }

  barrier(mark: EpochMark): void {
    this.#marks.push(mark);
  }

  hasCredit(): boolean {
    return true;
  }

  /** The consumer has gone. */
  close(): void {
    this.#closed = true;
    this.#output.removeListener(this);
  }

  /** Ends behind barrier `epoch`. */
  closeAfter(epoch: Epoch): void {
    this.#closeAfter = epoch;
  }

  /** Barrier `epoch` is the consumer's last one. */
  endWith(epoch: Epoch): void {
    this.#endWith = epoch;
    this.#closeAfter = epoch;
  }

  step(): StepResult {
    if (this.#closed) return this.#edge.flush() ? 'finished' : 'blocked';
    if (!this.#edge.flush() || !this.#edge.hasCredit()) return 'blocked';
    if (!this.#contentDone) return this.#emitContent();
    const mark = this.#marks.shift();
    if (mark === undefined) return this.#output.finished ? this.#finish() : 'idle';
    this.#emitEpoch(mark);
    if (mark.epoch >= this.#closeAfter) this.close();
    else if (this.#marks.length === 0 && this.#output.lastEpoch === mark.epoch && this.#output.atBoundary) this.#goLive();
    return 'progress';
  }

  #emitContent(): StepResult {
    const next = this.#content.next();
    if (next.done === true) this.#contentDone = true;
    else if (next.value.rowCount > 0) this.#edge.emit(next.value);
    this.#rowsRead += next.value?.rowCount ?? 0;
    return 'progress';
  }

  #emitEpoch(mark: EpochMark): void {
    for (const batch of changesOf(this.#readable, mark.epoch)) if (batch.rowCount > 0) this.#edge.emit(batch);
    const { epoch, timestampMicros, checkpoint } = mark;
    const ends = epoch === this.#endWith;
    const watermark = ends ? MAX_WATERMARK : mark.watermarkMicros;
    if (watermark !== null && watermark !== this.#watermark) {
      this.#watermark = watermark;
      this.#edge.control({ kind: 'watermark', micros: watermark });
    }
    this.#edge.control({ kind: 'barrier', epoch, timestampMicros, checkpoint, last: mark.last || ends });
  }

  #finish(): StepResult {
    this.#output.closeEdge(this.#edge, this.#closing);
    this.#goLive();
    return 'progress';
  }

  #goLive(): void {
    this.close();
    this.#output.addEdge(this.#edge);
  }
}

function* changesBetween(readable: ReadableRelation, since: Epoch, through: Epoch): Generator<Batch, undefined> {
  for (let epoch = since + 1; epoch <= through; epoch++) yield* changesOf(readable, epoch);
  return undefined;
}

/** The net change of an epoch that a pin must have kept. */
function changesOf(readable: ReadableRelation, epoch: Epoch): readonly Batch[] {
  const changes = readable.changes(epoch);
  assert(changes !== null, `the changes of epoch ${epoch} are gone although a reader needs them`);
  return changes;
}
