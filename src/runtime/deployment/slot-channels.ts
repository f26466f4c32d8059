import { BellPull, type ChannelReader, type ChannelWriter, LocalChannel, RingChannelReader, RingChannelWriter } from '../channel/index.ts';
import { createPartitioner, EdgeOutput } from '../exchange/index.ts';
import type { ChannelDescription, EdgeDescription } from './task-description.ts';

/** Who hears of a line of the slot's bell. */
interface Listener {
  readonly channel: string;
  readonly wake: () => void;
}

/**
 * The ends of channels that lie in one slot. Queues inside the slot are found by id from either end. Whoever has an end is woken when there is something to read,
 * or room to write for which it has asked.
 */
export class SlotChannels {
  readonly #bytesMax: number;
  readonly #local = new Map<string, LocalChannel>();
  readonly #listeners = new Map<number, readonly Listener[]>();

  constructor(options: { bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  reader(channel: ChannelDescription, wake: () => void): ChannelReader {
    if (channel.ring === null) return this.#queue(channel.id).readBy(wake);
    this.#listen(channel.ring.receiver.line, { channel: channel.id, wake });
    return new RingChannelReader(channel.ring.memory, new BellPull(channel.ring.sender));
  }

  edge(edge: EdgeDescription, options: { readonly senderSubtask: number; readonly maxParallelism: number; readonly wake: () => void }): EdgeOutput {
    return new EdgeOutput({
      id: edge.id,
      setAside: edge.setAside ?? null,
      columns: edge.columns,
      partitioner: createPartitioner({ spec: edge.partitioner, ...options }),
      channels: edge.channels.map((channel) => this.#writer(channel, options.wake)),
    });
  }

  /** A line of the slot's bell was rung. */
  rung(line: number): void {
    for (const { wake } of this.#listeners.get(line) ?? []) wake();
  }

  /** Forgets the ends whose id starts with `prefix`: their job has gone. */
  forget(prefix: string): void {
    for (const id of this.#local.keys()) if (id.startsWith(prefix)) this.#local.delete(id);
    for (const [line, listeners] of this.#listeners) {
      const left = listeners.filter(({ channel }) => !channel.startsWith(prefix));
      if (left.length === 0) this.#listeners.delete(line);
      else if (left.length < listeners.length) this.#listeners.set(line, left);
    }
  }

  #writer(channel: ChannelDescription, wake: () => void): ChannelWriter {
    if (channel.ring === null) return this.#queue(channel.id).writtenBy(wake);
    this.#listen(channel.ring.sender.line, { channel: channel.id, wake });
    return new RingChannelWriter(channel.ring.memory, new BellPull(channel.ring.receiver));
  }

  #listen(line: number, listener: Listener): void {
    this.#listeners.set(line, [...(this.#listeners.get(line) ?? []), listener]);
  }

  #queue(id: string): LocalChannel {
    let queue = this.#local.get(id);
    if (queue === undefined) {
      queue = new LocalChannel(this.#bytesMax);
      this.#local.set(id, queue);
    }
    return queue;
  }
}
