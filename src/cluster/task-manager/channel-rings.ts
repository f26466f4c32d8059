import {
  type BellLine,
  type ChannelDescription,
  type ChannelRing,
  type EdgeDescription,
  type JobDeployment,
  ringMemory,
} from '../../runtime/index.ts';
import type { ToSlot } from '../transport/index.ts';

/** Carries the bytes of rings whose other end lives in another process. */
export interface RemoteRings {
  /** The ring that a slot of this process writes into. */
  outbound(channel: ChannelDescription, sender: BellLine): ChannelRing;
  /** The ring that a slot of this process reads from. */
  inbound(channel: ChannelDescription, receiver: BellLine): ChannelRing;
  /** Channels whose id starts with `prefix` are over. */
  forget(prefix: string): void;
}

export interface ChannelRingsOptions {
  /** The TaskManager's id. */
  readonly host: string;
  /** A line of the slot's bell. */
  readonly lineOf: (slot: number) => BellLine;
  /** Null: there is no other process. */
  readonly remote: RemoteRings | null;
}

/** Gives both ends of each channel the same shared memory: what the JobManager sends names channels, and the memory is this process's own. */
export class ChannelRings {
  readonly #options: ChannelRingsOptions;
  /** Rings of which one end has been handed out. */
  readonly #half = new Map<string, ChannelRing>();

  constructor(options: ChannelRingsOptions) {
    this.#options = options;
  }

  /** The message with the rings of its channels filled in. */
  join(message: ToSlot): ToSlot {
    switch (message.kind) {
      case 'deploy':
        return { ...message, deployment: this.#joinDeployment(message.deployment) };
      case 'attach': {
        const { attachment } = message;
        if (attachment.edge === null) return message;
        return { ...message, attachment: { ...attachment, edge: this.#joinEdge(attachment.edge) } };
      }
      case 'cancel':
        this.#forget(`${message.jobId}#${message.attempt}/`);
        return message;
      default:
        return message;
    }
  }

  #joinDeployment(deployment: JobDeployment): JobDeployment {
    const tasks = deployment.tasks.map((task) => ({
      ...task,
      inputs: task.inputs.map((input) => ({ ...input, channel: this.#joinChannel(input.channel, 'receiver') })),
      outputs: task.outputs.map((edge) => this.#joinEdge(edge)),
    }));
    return { ...deployment, tasks };
  }

  #joinEdge(edge: EdgeDescription): EdgeDescription {
    return { ...edge, channels: edge.channels.map((channel) => this.#joinChannel(channel, 'sender')) };
  }

  #joinChannel(channel: ChannelDescription, end: 'sender' | 'receiver'): ChannelDescription {
    const { senderSlot, receiverSlot, senderHost, receiverHost } = channel;
    if (senderSlot === receiverSlot) return channel;
    const { host, lineOf, remote } = this.#options;
    if (end === 'sender' && receiverHost !== host && remote !== null) return { ...channel, ring: remote.outbound(channel, lineOf(senderSlot)) };
    if (end === 'receiver' && senderHost !== host && remote !== null) return { ...channel, ring: remote.inbound(channel, lineOf(receiverSlot)) };
    return { ...channel, ring: this.#ring(channel) };
  }

  /** Each end asks once; whichever comes second takes the ring out of the table. */
  #ring(channel: ChannelDescription): ChannelRing {
    const known = this.#half.get(channel.id);
    if (known !== undefined) {
      this.#half.delete(channel.id);
      return known;
    }
    const { lineOf } = this.#options;
    const ring = {
      memory: ringMemory(channel.ringBytes),
      sender: lineOf(channel.senderSlot),
      receiver: lineOf(channel.receiverSlot),
    };
    this.#half.set(channel.id, ring);
    return ring;
  }

  #forget(prefix: string): void {
    for (const id of this.#half.keys()) if (id.startsWith(prefix)) this.#half.delete(id);
    this.#options.remote?.forget(prefix);
  }
}
