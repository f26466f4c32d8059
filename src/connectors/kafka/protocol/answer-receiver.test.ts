import { expect, test } from 'vitest';
import { seededRandom } from '../../../base/index.ts';
import { AnswerReceiver } from './answer-receiver.ts';
import { ReceiveBuffers } from './receive-buffers.ts';

function answerOf(length: number, value: number): Buffer {
  const answer = Buffer.alloc(4 + length, value);
  answer.writeInt32BE(length);
  return answer;
}

test('cuts any stream into the answers it is made of, however it arrives', () => {
  const random = seededRandom(7);
  const lengths = Array.from({ length: 60 }, (_, index) =>
    index % 7 === 0 ? 65_000 + random.nextInt(2000) : random.nextInt(index % 5 === 0 ? 400_000 : 300),
  );
  const sent = lengths.map((length, index) => answerOf(length, index));
  const stream = Buffer.concat(sent);
  const received: Buffer[] = [];
  const receiver = new AnswerReceiver(new ReceiveBuffers(), {
    answer: (bytes, large) => {
      expect(large).toBe(bytes.length > 65_536);
      received.push(bytes);
    },
    damaged: () => expect.unreachable(),
  });
  for (let at = 0; at < stream.length; ) {
    const target = receiver.target();
    expect(target.length).toBeGreaterThan(0);
    const count = Math.min(target.length, stream.length - at, 1 + random.nextInt(random.nextInt(4) === 0 ? 10 : 90_000));
    target.set(stream.subarray(at, at + count));
    receiver.filled(count);
    at += count;
  }
  expect(received.length).toBe(sent.length);
  expect(sent.every((answer, index) => answer.equals(received[index]!))).toBe(true);
});

test('a length that cannot be is damage', () => {
  const damage: number[] = [];
  const receiver = new AnswerReceiver(new ReceiveBuffers(), { answer: () => expect.unreachable(), damaged: (length) => damage.push(length) });
  receiver.target().set([0xff, 0xff, 0xff, 0xfe]);
  receiver.filled(4);
  expect(damage).toEqual([-2]);
});

test('a buffer is received into again once all views of it are released, and never before', () => {
  const buffers = new ReceiveBuffers();
  const first = buffers.take(100_000);
  buffers.use(first.subarray(0, 10));
  buffers.use(first.subarray(10, 20));
  buffers.release(first.subarray(0, 10));
  expect(buffers.take(100_000).buffer).not.toBe(first.buffer);
  buffers.release(first.subarray(10, 20));
  buffers.release(first.subarray(10, 20));
  expect(buffers.take(1_000_000).buffer).not.toBe(first.buffer);
  const second = buffers.take(50_000);
  buffers.use(second);
  buffers.release(second);
  expect(buffers.take(60_000).buffer).toBe(second.buffer);
});
