import { describe, expect, it } from 'vitest';
import { type LogLevel, type SqlError, seededRandom } from '../../base/index.ts';
import { MemoryNetwork, TestClock } from '../testing/index.ts';
import { encodeFrame, encodePreamble, FrameReader, PROTOCOL_VERSION } from './frame.ts';
import { type Claims, callPeer, type FramedConnection, type Identity, MessageLink, RpcServer, type Welcome } from './index.ts';
import { decodePlain, encodePlain } from './plain-codec.ts';

const random = seededRandom(7);
const identity: Identity = {
  secret: new TextEncoder().encode('a secret of more than sixteen bytes'),
  cluster: 'fsql',
  build: '1+a',
  secretBytes: (count) => Uint8Array.from({ length: count }, () => random.nextInt(256)),
};
const claims: Claims = { purpose: 'slots', slots: 2, address: '127.0.0.1:1' };
const welcome: Welcome = { id: 'tm-1', incarnation: 3, heartbeatMs: 1_000, heartbeatTimeoutMs: 10_000 };
const address = { host: '127.0.0.1', port: 1 };

async function turns(count = 3_000): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

/** A server on a network of its own; what it logged and who was accepted can be seen. */
async function serve(): Promise<{ network: MemoryNetwork; clock: TestClock; accepted: FramedConnection[]; refused: string[] }> {
  const network = new MemoryNetwork(seededRandom(3));
  const clock = new TestClock();
  const accepted: FramedConnection[] = [];
  const refused: string[] = [];
  const log = (_level: LogLevel, _message: string, facts?: Readonly<Record<string, unknown>>): void => {
    const { message, detail } = facts!.error as SqlError;
    refused.push(detail === undefined ? message : `${message}: ${detail}`);
  };
  const server = new RpcServer({ network, clock, logger: { log }, identity, admit: () => welcome, accepted: (link) => accepted.push(link) });
  await server.listen(address);
  return { network, clock, accepted, refused };
}

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    const payload = (): Uint8Array => Uint8Array.from({ length: random.nextInt(300) }, () => random.nextInt(256));
    const sent = Array.from({ length: 200 }, (_, kind) => ({ kind, payload: payload() }));
    const bytes = new Uint8Array(sent.flatMap((frame) => [...encodeFrame(frame.kind, frame.payload)]));
    const reader = new FrameReader(1_000);
    const got: unknown[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + random.nextInt(50);
      reader.push(bytes.subarray(at, end), (kind, received) => got.push({ kind, payload: received }));
      at = end;
    }
    expect(got).toEqual(sent);
  });

  it('with one bit flipped are refused, or wait for bytes that never come', () => {
    const frame = encodeFrame(9, new TextEncoder().encode('one checkpoint more'));
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const flipped = frame.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const got: number[] = [];
      try {
        new FrameReader(1_000).push(flipped, (kind) => got.push(kind));
      } catch (error) {
        expect((error as SqlError).code).toBe('08P01');
      }
      expect(got, `bit ${bit}`).toEqual([]);
    }
  });
});

describe('plain data', () => {
  it('comes out as it went in', () => {
    const value = {
      none: null,
      absent: undefined,
      truth: [true, false],
      numbers: [0, 1, -1, 2 ** 31, 0.5, Number.NaN, Number.POSITIVE_INFINITY],
      big: -(2n ** 70n),
      text: 'grün 🦆\u0000',
      bytes: Uint8Array.of(1, 2, 3),
      map: new Map<unknown, unknown>([
        ['a', 1n],
        [2, [null]],
      ]),
      set: new Set(['x', 1]),
    };
    expect(decodePlain(encodePlain(value))).toEqual(value);
    expect(Object.is((decodePlain(encodePlain([-0])) as number[])[0], -0)).toBe(true);
  });

  it('has texts of any length, and with anything in any place', () => {
    for (const other of ['', '\u0000', '\u007f', '\u0080', 'é', '🦆'])
      for (const length of [0, 1, 7, 30, 31, 32, 33, 300]) {
        const value = { [`${'k'.repeat(length)}${other}`]: [`${'x'.repeat(length)}${other}`, `${other}${'y'.repeat(length)}`] };
        expect(decodePlain(encodePlain(value))).toEqual(value);
      }
  });

  it('keeps a field of any name a field', () => {
    const value: unknown = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}');
    const got = decodePlain(encodePlain(value)) as object;
    expect(Object.entries(got)).toEqual(Object.entries(value as object));
    expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
  });

  it('of any other bytes is an error of the protocol, never anything else', () => {
    const bytes = encodePlain({ a: [1, 'two', 3n, Uint8Array.of(4)], m: new Map([[1, 2]]), s: new Set([1]) });
    for (let round = 0; round < 3_000; round++) {
      const broken = bytes.slice(0, 1 + random.nextInt(bytes.length));
      broken[random.nextInt(broken.length)] = random.nextInt(256);
      try {
        decodePlain(broken);
      } catch (error) {
        expect((error as SqlError).code, String(error)).toMatch(/08P01|XX001/);
      }
    }
  });

  it('does not carry what belongs to the process', () => {
    expect(() => encodePlain({ ring: new SharedArrayBuffer(8) })).toThrow('a SharedArrayBuffer is no plain data');
    expect(() => encodePlain({ run: () => 1 })).toThrow('a function is no plain data');
  });
});

describe('an introduction', () => {
  it('with the secret is welcome', async () => {
    const { network, accepted } = await serve();
    const { welcome: told } = await callPeer(network, address, { identity, claims, clock: new TestClock() });
    await turns();
    expect(told).toEqual(welcome);
    expect(accepted.length).toBe(1);
  });

  const others: readonly [what: string, part: Partial<Identity>, code: string, message: RegExp][] = [
    ['secret', { secret: new TextEncoder().encode('another secret') }, '28P01', /its secret is wrong/],
    ['cluster', { cluster: 'test' }, '55000', /it belongs to cluster "test", this one is "fsql"/],
    ['build', { build: '1+b' }, '55000', /it runs build 1\+b, this one runs build 1\+a/],
  ];
  for (const [what, part, code, message] of others) {
    it(`with another ${what} is refused, and both sides say why`, async () => {
      const { network, accepted, refused } = await serve();
      const calling = callPeer(network, address, { identity: { ...identity, ...part }, claims, clock: new TestClock() });
      await expect(calling).rejects.toMatchObject({ code, class: 'user', message: expect.stringMatching(message), hint: expect.any(String) });
      await turns();
      expect(refused).toEqual([expect.stringMatching(message)]);
      expect(accepted).toEqual([]);
    });
  }

  it('where nobody listens is trouble outside, not a fault of the program', async () => {
    const network = new MemoryNetwork(seededRandom(5));
    const calling = callPeer(network, address, { identity, claims, clock: new TestClock() });
    await expect(calling).rejects.toMatchObject({
      code: '08006',
      class: 'external',
      message: `no process answers at ${address.host}:${address.port}`,
    });
  });

  it('is not believed by a caller when the other side only says that it is welcome', async () => {
    const network = new MemoryNetwork(seededRandom(5));
    await network.listen(address, (connection) => {
      connection.receive({ data: () => undefined, closed: () => undefined });
      connection.send(encodePreamble());
      connection.send(encodeFrame(1, new Uint8Array(32)));
      connection.send(encodeFrame(3, new Uint8Array([...new Uint8Array(32), ...new TextEncoder().encode(JSON.stringify(welcome))])));
    });
    await expect(callPeer(network, address, { identity, claims, clock: new TestClock() })).rejects.toMatchObject({ code: '28P01', class: 'user' });
  });

  const strangers: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
    ['another program', new TextEncoder().encode('GET / HTTP/1.1\r\nHost: a\r\n\r\n'), /does not speak the protocol between fsql's processes/],
    ['another version', encodePreamble(PROTOCOL_VERSION + 1), /speaks version 3 of the protocol between processes, this program speaks version 2/],
    ['a gigabyte', new Uint8Array([...encodePreamble(), 0, 0, 0, 0x40, ...new Uint8Array(8)]), /1073741824 bytes was announced, 16384 are allowed/],
    ['a wrong frame', new Uint8Array([...encodePreamble(), ...encodeFrame(33, new Uint8Array(4))]), /kind 33 came where kind 2 was expected/],
  ];
  for (const [what, bytes, message] of strangers) {
    it(`of ${what} ends the connection and disturbs nobody`, async () => {
      const { network, accepted, refused } = await serve();
      const stranger = await network.connect(address);
      let closed = false;
      stranger.receive({
        data: () => undefined,
        closed: () => {
          closed = true;
        },
      });
      stranger.send(bytes);
      await turns();
      expect(closed).toBe(true);
      expect(refused).toEqual([expect.stringMatching(message)]);
      await callPeer(network, address, { identity, claims, clock: new TestClock() });
      await turns();
      expect(accepted.length).toBe(1);
    });
  }

  it('that does not come is not waited for, and strangers are not many', async () => {
    const { network, clock, refused } = await serve();
    let closed = 0;
    for (let stranger = 0; stranger < 70; stranger++) (await network.connect(address)).receive({ data: () => undefined, closed: () => closed++ });
    await turns();
    expect(closed).toBe(6);
    clock.advance(10_000);
    await turns();
    expect(closed).toBe(70);
    expect(refused[0]).toMatch(/did not say who it is within 10000 ms/);
    await callPeer(network, address, { identity, claims, clock: new TestClock() });
  });
});

describe('messages', () => {
  const heartbeats = { heartbeatMs: 1_000, heartbeatTimeoutMs: 10_000 };

  /** Two sides, each with a clock of its own, and how each of them ended. */
  async function pair() {
    const { network, accepted } = await serve();
    const { link } = await callPeer(network, address, { identity, claims, clock: new TestClock() });
    await turns();
    const clocks = [new TestClock(), new TestClock()] as const;
    const forgiving = new MessageLink(accepted[0]!, { clock: clocks[0], ...heartbeats, forgivesOwnSleep: true });
    const strict = new MessageLink(link, { clock: clocks[1], ...heartbeats, forgivesOwnSleep: false });
    const got: unknown[] = [];
    const ends: string[] = [];
    forgiving.start({ message: (message) => got.push(message), closed: ({ message }) => ends.push(`forgiving: ${message}`) });
    strict.start({ message: () => undefined, closed: ({ message }) => ends.push(`strict: ${message}`) });
    return { network, clocks, forgiving, strict, got, ends };
  }

  it('of any size keep their order', async () => {
    const { strict, got } = await pair();
    const sizes = [1, 3_000_000, 2, 1_048_571, 1_048_572, 0];
    for (const size of sizes) strict.send(new Uint8Array(size));
    await turns(30_000);
    expect(got.map((bytes) => (bytes as Uint8Array).length)).toEqual(sizes);
  });

  it('and heartbeats keep a connection alive; silence ends it on both sides', async () => {
    const { clocks, network, ends } = await pair();
    const seconds = async (count: number): Promise<void> => {
      for (let second = 0; second < count; second++) {
        for (const clock of clocks) clock.advance(1_000);
        await turns(200);
      }
    };
    await seconds(60);
    expect(ends).toEqual([]);
    network.hold(true);
    await seconds(12);
    const silent = /no sign of life from 127\.0\.0\.1:\d+ for 10000 ms/;
    expect(ends.sort()).toEqual([expect.stringMatching(silent), expect.stringMatching(silent)]);
  });

  it('that a side slept through count for one, and make the other take itself for lost', async () => {
    for (const [sleeper, end] of [
      [0, null],
      [1, /^strict: no sign of life/],
    ] as const) {
      const { clocks, ends } = await pair();
      // Timers that were due long ago run once, late.
      clocks[sleeper].sleep(30_000);
      expect(ends).toEqual(end === null ? [] : [expect.stringMatching(end)]);
    }
  });
});
