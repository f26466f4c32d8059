import { expect, test } from 'vitest';
import { EpochsInFlight } from './epochs-in-flight.ts';

/** An epoch of two jobs, of which one has two subtasks. */
function begin(epochs: EpochsInFlight, epoch: number): () => void {
  return epochs.add(
    epoch,
    new Map([
      ['wide', ['v/0', 'v/1']],
      ['narrow', ['v/0']],
    ]),
  );
}

test('an epoch is complete for a job when all of its subtasks have passed it and its record is durable, whichever comes last', () => {
  const epochs = new EpochsInFlight();
  const durable = begin(epochs, 1);
  epochs.passed('narrow', 'v/0', 1, false);
  epochs.passed('wide', 'v/0', 1, false);
  expect([epochs.oldest('narrow'), epochs.oldest('wide'), epochs.isDurable(1)]).toEqual([1, 1, false]);
  durable();
  expect([epochs.oldest('narrow'), epochs.oldest('wide'), epochs.isDurable(1)]).toEqual([null, 1, true]);
  expect([epochs.completeThrough(1), epochs.isEmpty]).toEqual([0, false]);
  epochs.passed('wide', 'v/1', 1, false);
  expect([epochs.oldest('wide'), epochs.completeThrough(1), epochs.isEmpty]).toEqual([null, 1, true]);
});

test('a later epoch that is durable and passed first does not complete the one before it', () => {
  const epochs = new EpochsInFlight();
  const first = begin(epochs, 1);
  const second = begin(epochs, 2);
  second();
  for (const epoch of [1, 2]) for (const task of ['v/0', 'v/1']) epochs.passed('wide', task, epoch, false);
  expect([epochs.oldest('wide'), epochs.count('wide'), epochs.completeThrough(2)]).toEqual([1, 1, 0]);
  first();
  expect([epochs.oldest('wide'), epochs.oldest('narrow')]).toEqual([null, 1]);
});

test('a subtask that has ended waits for no later epoch, and a job that is forgotten for none', () => {
  const epochs = new EpochsInFlight();
  for (const epoch of [1, 2, 3]) begin(epochs, epoch)();
  epochs.passed('narrow', 'v/0', 1, true);
  expect([epochs.oldest('narrow'), epochs.count('wide')]).toEqual([null, 3]);
  epochs.forget('wide');
  expect(epochs.completeThrough(3)).toBe(3);
});

test('an epoch that a job takes no part in is complete in it once it is durable', () => {
  const epochs = new EpochsInFlight();
  const durable = begin(epochs, 1);
  expect([epochs.completeIn('other', 1), epochs.completeIn('wide', 1), epochs.oldest('other')]).toEqual([0, 0, null]);
  durable();
  expect([epochs.completeIn('other', 1), epochs.completeIn('wide', 1)]).toEqual([1, 0]);
  expect([epochs.isBehind(1, (job) => job === 'wide'), epochs.isBehind(1, (job) => job === 'other'), epochs.isBehind(0, () => true)]).toEqual([
    true,
    false,
    false,
  ]);
});
