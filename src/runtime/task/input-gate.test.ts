import { describe, expect, it } from 'vitest';
import { batchFromRows, MAX_WATERMARK, type StreamElement } from '../../batch/index.ts';
import { InputGate } from './input-gate.ts';

/** A gate over channels that hold the given elements; what comes out, as text. */
function drain(...channels: StreamElement[][]): string[] {
  return drainOf(channels, []);
}

/** As `drain`; `histories`: the channels that private readers feed. */
function drainOf(channels: StreamElement[][], histories: readonly number[]): string[] {
  const gate = new InputGate(
    channels.map((elements, input) => ({
      name: `c${input}`,
      input,
      ofHistory: histories.includes(input),
      reader: { read: () => elements.shift() ?? null },
    })),
  );
  const events: string[] = [];
  for (let tried = 0; tried < 50; tried++) {
    const event = gate.next();
    if (event === null) continue;
    if (event.kind === 'data') events.push(`data ${event.input}`);
    else
      events.push(
        `end ${event.barrier.epoch}${event.barrier.checkpoint ? ' checkpoint' : ''}${event.barrier.last ? ' last' : ''} ${event.watermarkMicros}`,
      );
  }
  return events;
}

const data: StreamElement = { kind: 'data', batch: batchFromRows([{ kind: 'int8' }], [[1n]]) };

function barrier(epoch: number, flags: { last?: boolean; checkpoint?: boolean } = {}): StreamElement {
  return { kind: 'barrier', epoch, timestampMicros: 0n, checkpoint: flags.checkpoint ?? false, last: flags.last ?? false };
}

function historyBarrier(epoch: number): StreamElement {
  return { kind: 'barrier', epoch, timestampMicros: 0n, checkpoint: true, last: false, history: true };
}

function watermark(micros: bigint): StreamElement {
  return { kind: 'watermark', micros };
}

describe('InputGate', () => {
  it('holds a channel back behind its barrier until all have theirs', () => {
    expect(drain([barrier(1), data, barrier(2)], [data, barrier(1), barrier(2)])).toEqual(['data 1', 'end 1 null', 'data 0', 'end 2 null']);
  });

  it('takes the least watermark of the inputs that have one', () => {
    const left = [watermark(10n), barrier(1), watermark(30n), barrier(2)];
    const right = [watermark(20n), barrier(1), watermark(25n), barrier(2)];
    expect(drain(left, right, [barrier(1), barrier(2)])).toEqual(['end 1 10', 'end 2 25']);
  });

  it('goes on without channels that have ended, and takes the flags of those that have not', () => {
    const ended = [data, barrier(1, { last: true })];
    const live = [watermark(5n), barrier(1, { checkpoint: true }), watermark(MAX_WATERMARK), barrier(2, { last: true })];
    expect(drain(ended, live)).toEqual(['data 0', 'end 1 checkpoint 5', `end 2 last ${MAX_WATERMARK}`]);
  });

  it('ends with the largest watermark, even when none of its channels has sent one', () => {
    expect(drain([barrier(1)], [barrier(1, { last: true })])).toEqual(['end 1 null']);
    expect(drain([data, barrier(1, { last: true })])).toEqual(['data 0', `end 1 last ${MAX_WATERMARK}`]);
  });

  it('ends an epoch of a history when all channels that private readers feed have its barrier, and waits for all of them afterwards', () => {
    const [first, second] = [
      [data, historyBarrier(3), data, barrier(5, { last: true })],
      [historyBarrier(3), barrier(5, { last: true })],
    ];
    const shared = [null!, null!, null!, null!, barrier(5), data, barrier(6)];
    expect(drainOf([first, second, shared], [0, 1])).toEqual(['data 0', 'end 3 checkpoint null', 'data 0', 'end 5 null', 'data 2', 'end 6 null']);
  });

  it('holds a channel of a history back behind its barrier until the other ones have it', () => {
    expect(drainOf([[historyBarrier(3), data], [data, historyBarrier(3)], []], [0, 1])).toEqual(['data 1', 'end 3 checkpoint null', 'data 0']);
  });

  it('refuses barriers of different epochs', () => {
    expect(() => drain([barrier(1)], [barrier(2)])).toThrow('barrier 2 of c1 meets barrier 1');
  });
});
