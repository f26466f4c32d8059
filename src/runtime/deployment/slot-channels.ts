import { type ChannelReader, type ChannelWriter, Doorbell, LocalChannel, RingChannelReader, RingChannelWriter } from '../channel/index.ts';
import { createPartitioner, EdgeOutput } from '../exchange/index.ts';
import type { ChannelDescription, EdgeDescription } from './task-description.ts';

/** The ends of channels that lie in one slot. Queues inside the slot are found by id from either end. */
export class SlotChannels {
  readonly #bytesMax: number;
  readonly #local = new Map<string, LocalChannel>();

  constructor(options: { bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  reader(channel: ChannelDescription): ChannelReader {
    if (channel.ring === null) return this.#queue(channel.id);
    return new RingChannelReader(channel.ring.memory, new Doorbell(channel.ring.senderBell));
  }

  edge(edge: EdgeDescription, options: { readonly senderSubtask: number; readonly maxParallelism: number }): EdgeOutput {
    return new EdgeOutput({
      id: edge.id,
      columns: edge.columns,
      partitioner: createPartitioner({ spec: edge.partitioner, ...options }),
      channels: edge.channels.map((channel) => this.#writer(channel)),
    });
  }

  /** Forgets the queues whose id starts with `prefix`: their job has gone. */
  forget(prefix: string): void {
    for (const id of this.#local.keys()) if (id.startsWith(prefix)) this.#local.delete(id);
  }

  #writer(channel: ChannelDescription): ChannelWriter {
    if (channel.ring === null) return this.#queue(channel.id);
    return new RingChannelWriter(channel.ring.memory, new Doorbell(channel.ring.receiverBell));
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
