import type { Batch, StreamElement } from '../../batch/index.ts';
import type { ChannelReader, ChannelWriter } from './channel.ts';

/** Bytes a control element counts for, so that a flood of barriers is bounded too. */
const CONTROL_BYTES = 64;

/** A queue inside one slot: batches go over by reference. Credit is the room left of `bytesMax`. */
export class LocalChannel implements ChannelReader, ChannelWriter {
  readonly #bytesMax: number;
  #elements: StreamElement[] = [];
  #head = 0;
  #bytes = 0;
  #roomWanted = false;
  /** Told of every element. */
  #reader: () => void = nobody;
  /** Told when there is room again that it has asked for. */
  #writer: () => void = nobody;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  readBy(wake: () => void): this {
    this.#reader = wake;
    return this;
  }

  writtenBy(wake: () => void): this {
    this.#writer = wake;
    return this;
  }

  write(element: StreamElement): void {
    this.#elements.push(element);
    this.#bytes += elementBytes(element);
    this.#reader();
  }

  hasCredit(): boolean {
    if (this.#bytes < this.#bytesMax) return true;
    this.#roomWanted = true;
    return false;
  }

  flush(): boolean {
    return this.hasCredit();
  }

  read(): StreamElement | null {
    const element = this.#elements[this.#head];
    if (element === undefined) return null;
    this.#head++;
    this.#bytes -= elementBytes(element);
    if (this.#head === this.#elements.length) {
      this.#elements = [];
      this.#head = 0;
    }
    if (this.#roomWanted && this.#bytes < this.#bytesMax) {
      this.#roomWanted = false;
      this.#writer();
    }
    return element;
  }
}

function nobody(): void {}

function elementBytes(element: StreamElement): number {
  return element.kind === 'data' ? approximateBytes(element.batch) : CONTROL_BYTES;
}

/** Memory a batch stands for, without touching its rows: fixed slots, and text at its average share of the shared buffer's range. */
export function approximateBytes(batch: Batch): number {
  let bytes = CONTROL_BYTES;
  for (const column of batch.columns) {
    bytes += batch.rowCount * 8;
    if (column.storage !== 'bytes' || batch.rowCount === 0) continue;
    const span = column.ends[batch.rowCount - 1]! - column.starts[0]!;
    bytes += Math.max(0, Math.min(span, column.data.length));
  }
  return bytes;
}
