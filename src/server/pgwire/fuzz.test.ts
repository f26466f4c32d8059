import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import { describe, expect, it } from 'vitest';
import { int4Type } from '../../types/index.ts';
import { FramingError, FrontendDecoder } from './frontend-decoder.ts';
import { createPgServer } from './index.ts';
import { copyIn, fakeFactory, field, ManualClock, selects, textCopyFormat } from './test/index.ts';

const scripts = {
  'select 1': selects([field('n', int4Type)], [[1]]),
  'copy t from stdin': { run: () => copyIn([field('n', int4Type)], textCopyFormat) },
};

/** A client made of bytes: gives them in pieces, swallows what comes back, ends. Resolves when the server has let go of it. */
async function talk(pieces: readonly Uint8Array[]): Promise<{ received: Buffer; sessionsLeft: number }> {
  const clock = new ManualClock();
  const factory = fakeFactory(scripts);
  const server = createPgServer({ host: '127.0.0.1', port: 0, sessions: factory, clock });
  const received: Buffer[] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      received.push(chunk);
      done();
    },
  });
  const served = server.accept(stream);
  for (const piece of pieces) {
    stream.push(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.push(null);
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(60_000);
  await served;
  return { received: Buffer.concat(received), sessionsLeft: factory.sessions.filter((session) => session.log.at(-1) !== 'close').length };
}

const startup = serialize.startup({ user: 'fsql', database: 'fsql' });
const messages = [
  serialize.query('select 1'),
  serialize.query('copy t from stdin'),
  serialize.query('nonsense'),
  serialize.parse({ name: 's', text: 'select 1' }),
  serialize.bind({ statement: 's' }),
  serialize.describe({ type: 'P' }),
  serialize.execute({ rows: 1 }),
  serialize.close({ type: 'S', name: 's' }),
  serialize.copyData(Buffer.from('1\n')),
  serialize.copyDone(),
  serialize.copyFail('no'),
  serialize.flush(),
  serialize.sync(),
];

/** Whole messages only: a type byte and a length that fits, to the end. */
function expectWholeMessages(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    expect(at + 5).toBeLessThanOrEqual(bytes.length);
    at += 1 + bytes.readInt32BE(at + 1);
    expect(at).toBeLessThanOrEqual(bytes.length);
  }
}

describe('whatever a client sends', () => {
  it('random bytes as first packet: no crash, no hang, no session', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 4 }), async (pieces) => {
        expect((await talk(pieces)).sessionsLeft).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('messages in any order, cut anywhere, with a byte or two changed: only whole answers, and the session is closed', async () => {
    const change = fc.option(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...messages), { maxLength: 10 }),
        change,
        fc.integer({ min: 1, max: 40 }),
        async (chosen, broken, size) => {
          const bytes = Buffer.concat(chosen);
          if (broken !== null && bytes.length > 0) bytes[broken.at % bytes.length] = broken.value;
          const pieces: Uint8Array[] = [startup];
          for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
          const { received, sessionsLeft } = await talk(pieces);
          expectWholeMessages(received);
          expect(sessionsLeft).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('FrontendDecoder', () => {
  it('gives the same messages however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...messages), { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (chosen, size) => {
        const bytes = Buffer.concat(chosen);
        const decoder = new FrontendDecoder();
        const kinds: string[] = [];
        for (let at = 0; at < bytes.length; at += size) {
          decoder.push(bytes.subarray(at, at + size));
          for (let message = decoder.nextMessage(); message !== null; message = decoder.nextMessage()) kinds.push(message.kind);
        }
        expect(kinds).toHaveLength(chosen.length);
        expect(kinds).not.toContain('broken');
        expect(decoder.bufferedBytes).toBe(0);
      }),
    );
  });

  it.each([0, 3, 300 * 1024 * 1024, 0x7fff_ffff, 0xffff_ffff])('ends at length %i without asking for memory', (length) => {
    const decoder = new FrontendDecoder();
    const head = Buffer.alloc(5, 0x51);
    head.writeUInt32BE(length, 1);
    decoder.push(head);
    expect(() => decoder.nextMessage()).toThrow(FramingError);
  });
});
