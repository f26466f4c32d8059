import { type Barrier, type Batch, projectBatch, type Watermark } from '../../batch/index.ts';
import type { SetAside } from '../../jobgraph/index.ts';
import type { ChannelWriter } from '../channel/index.ts';
import type { Partitioner } from './partitioner.ts';

/** The sending side of one edge of one subtask: projection to the columns the receiver reads, partitioner, channels. */
export class EdgeOutput {
  readonly id: string;
  /** Which of the rows that the sender does not take go here; null: those that it takes. */
  readonly setAside: SetAside | null;
  readonly #partition: Partitioner;
  readonly #channels: readonly ChannelWriter[];
  #columns: readonly number[] | null;

  constructor(options: {
    id: string;
    setAside: SetAside | null;
    partitioner: Partitioner;
    channels: readonly ChannelWriter[];
    columns: readonly number[] | null;
  }) {
    this.id = options.id;
    this.setAside = options.setAside;
    this.#partition = options.partitioner;
    this.#channels = options.channels;
    this.#columns = options.columns;
  }

  /** The sender's columns have changed place (a source reads another union of columns from now on). */
  setColumns(columns: readonly number[] | null): void {
    this.#columns = columns;
  }

  emit(batch: Batch): void {
    this.#partition(this.#columns === null ? batch : projectBatch(batch, this.#columns), this.#channels);
  }

  control(element: Watermark | Barrier): void {
    for (const channel of this.#channels) channel.write(element);
  }

  hasCredit(): boolean {
    for (const channel of this.#channels) if (!channel.hasCredit()) return false;
    return true;
  }

  /** True when every channel has sent what it held. */
  flush(): boolean {
    let empty = true;
    for (const channel of this.#channels) empty = channel.flush() && empty;
    return empty;
  }
}
