import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, rowsOf, type StreamElement } from '../../batch/index.ts';
import { type BellLine, type ChannelDescription, type ChannelRing, Doorbell, SlotChannels } from '../../runtime/index.ts';
import { FRAME_BYTES_MAX, FramedConnection } from '../rpc/framed-connection.ts';
import { MemoryNetwork } from '../testing/index.ts';
import { DataPlane } from './data-plane.ts';

const RING_BYTES = 512;
const planes: DataPlane[] = [];
afterEach(() => {
  for (const plane of planes.splice(0)) plane.close();
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Two processes, `near` and `far`; what broke is in `lost`. */
async function twoPlanes() {
  const network = new MemoryNetwork(seededRandom(11));
  const lost: string[] = [];
  const plane = (name: string): DataPlane => {
    const dial = async (host: string): Promise<FramedConnection> =>
      new FramedConnection(await network.connect({ host: '127.0.0.1', port: PORTS[host]! }), FRAME_BYTES_MAX);
    const made = new DataPlane({ dial, nextTurn: turn, lost: (channel, { message }) => lost.push(`${name} lost ${channel}: ${message}`) });
    planes.push(made);
    return made;
  };
  const [near, far] = [plane('near'), plane('far')];
  await network.listen({ host: '127.0.0.1', port: PORTS.far! }, (one) => far.accept('near', new FramedConnection(one, FRAME_BYTES_MAX)));
  await network.listen({ host: '127.0.0.1', port: PORTS.near! }, (one) => near.accept('far', new FramedConnection(one, FRAME_BYTES_MAX)));
  return { network, near, far, lost };
}

const PORTS: Readonly<Record<string, number>> = { near: 1, far: 2 };

const description = (id: string): ChannelDescription => {
  return { id, senderSlot: 0, receiverSlot: 1, senderHost: 'near', receiverHost: 'far', ringBytes: RING_BYTES, ring: null };
};

const line = (): BellLine => ({ bell: Doorbell.memory(), line: 0 });

/** Both ends as the slots have them. */
function ends(near: DataPlane, far: DataPlane, id: string) {
  const channel = description(id);
  const channels = new SlotChannels({ bytesMax: RING_BYTES });
  const withRing = (ring: ChannelRing): ChannelDescription => ({ ...channel, ring });
  const edge = {
    id: 'edge',
    partitioner: { kind: 'forward' } as const,
    columns: null,
    channels: [withRing(near.outbound(channel, line()))],
  };
  return {
    writer: channels.edge(edge, { senderSubtask: 0, maxParallelism: 1, wake: () => undefined }),
    reader: channels.reader(withRing(far.inbound(channel, line())), () => undefined),
  };
}

function textOf(element: StreamElement): string {
  if (element.kind === 'data') return `data ${rowsOf(element.batch).join(';')}`;
  return element.kind === 'watermark' ? `watermark ${element.micros}` : `barrier ${element.epoch} ${element.checkpoint}`;
}

describe('rings between processes', () => {
  it('keep order and content of batches, larger than the ring too, watermarks and barriers', async () => {
    const random = seededRandom(5);
    const { near, far, lost } = await twoPlanes();
    const { writer, reader } = ends(near, far, 'job#1/edge 0:0>1');
    const sent: string[] = [];
    const got: string[] = [];
    const write = (n: number): void => {
      const rows = Array.from({ length: random.nextInt(40) }, (_, row) => [BigInt(row + n), `text ${row}`.repeat(random.nextInt(6))]);
      const batch = batchFromRows([{ kind: 'int8' }, { kind: 'text' }], rows);
      const barrier = { kind: 'barrier', epoch: n, timestampMicros: 5n, checkpoint: n % 2 === 0, last: false } as const;
      if (n % 10 === 9) writer.control(barrier);
      else writer.emit(batch);
      sent.push(n % 10 === 9 ? textOf(barrier) : textOf({ kind: 'data', batch }));
    };
    for (let n = 0; n < 300 || got.length < sent.length; ) {
      if (n < 300 && writer.flush() && writer.hasCredit()) write(n++);
      writer.flush();
      for (let reads = random.nextInt(3); reads > 0; reads--) {
        const element = reader.read();
        if (element !== null) got.push(textOf(element));
      }
      await turn();
    }
    expect(got).toEqual(sent);
    expect(lost).toEqual([]);
  });

  it('hold no more than both rings while nobody reads', async () => {
    const { near, far } = await twoPlanes();
    const { writer } = ends(near, far, 'job#1/edge 0:0>1');
    let written = 0;
    for (let round = 0; round < 400; round++) {
      if (writer.flush() && writer.hasCredit()) {
        writer.control({ kind: 'watermark', micros: BigInt(written) });
        written++;
      }
      await turn();
    }
    // A watermark is 16 bytes.
    expect(written * 16).toBeGreaterThan(RING_BYTES);
    expect(written * 16).toBeLessThanOrEqual(2 * RING_BYTES + 16);
  });

  it('that are opened before their reader is there wait for it', async () => {
    const { near, far } = await twoPlanes();
    const channel = description('job#1/edge 0:0>1');
    const channels = new SlotChannels({ bytesMax: RING_BYTES });
    const edge = {
      id: 'e',
      partitioner: { kind: 'forward' } as const,
      columns: null,
      channels: [{ ...channel, ring: near.outbound(channel, line()) }],
    };
    channels.edge(edge, { senderSubtask: 0, maxParallelism: 1, wake: () => undefined }).control({ kind: 'watermark', micros: 7n });
    for (let round = 0; round < 50; round++) await turn();
    const reader = channels.reader({ ...channel, ring: far.inbound(channel, line()) }, () => undefined);
    await expect.poll(() => reader.read()).toEqual({ kind: 'watermark', micros: 7n });
  });

  it('say on both sides when their connection breaks, and nothing when their job is over', async () => {
    const { network, near, far, lost } = await twoPlanes();
    ends(near, far, 'job#1/edge 0:0>1');
    const { reader, writer } = ends(near, far, 'job#2/edge 0:0>1');
    writer.control({ kind: 'watermark', micros: 7n });
    await expect.poll(() => reader.read()).not.toBeNull();
    near.forget('job#1/');
    far.forget('job#1/');
    network.cut();
    await expect.poll(() => lost.length).toBe(2);
    expect(lost.sort()).toEqual([expect.stringMatching(/^far lost job#2\/edge 0:0>1: the connection/), expect.stringMatching(/^near lost job#2/)]);
  });

  it('from a TaskManager that counts as lost are not taken, whenever it wakes', async () => {
    const { network, near, far, lost } = await twoPlanes();
    const { reader, writer } = ends(near, far, 'job#1/edge 0:0>1');
    writer.control({ kind: 'watermark', micros: 1n });
    await expect.poll(() => reader.read()).not.toBeNull();
    network.hold(true);
    writer.control({ kind: 'watermark', micros: 2n });
    for (let round = 0; round < 20; round++) await turn();
    far.leave('near');
    network.hold(false);
    await expect.poll(() => lost.some((text) => text.startsWith('near lost'))).toBe(true);
    expect(reader.read()).toBeNull();
    const again = ends(near, far, 'job#1/edge 1:0>1');
    again.writer.control({ kind: 'watermark', micros: 3n });
    await expect.poll(() => lost.filter((text) => text.startsWith('near lost')).length).toBe(2);
    expect(again.reader.read()).toBeNull();
  });
});
