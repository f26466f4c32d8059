import { expect, it } from 'vitest';
import { SqlState } from '../../base/index.ts';
import { Subscriptions } from './subscriptions.ts';

const interrupted = { code: SqlState.systemError, message: 'reading "v" was interrupted by its restart' };

function subscribed(answers: readonly number[]): Promise<unknown> {
  const subscriptions = new Subscriptions();
  let id = 0;
  const events = subscriptions.subscribe({
    relation: 'v',
    after: 3,
    slots: answers.length,
    subtasks: 2,
    interrupted,
    signal: new AbortController().signal,
    begin: (begun) => {
      id = begun;
    },
    end: () => undefined,
  });
  for (const subtasks of answers) subscriptions.subscribed(id, subtasks);
  subscriptions.complete('v', 4);
  return events[Symbol.asyncIterator]().next();
}

it('goes on when all subtasks are followed, in whatever slots', async () => {
  expect(await subscribed([2, 0])).toMatchObject({ value: { epoch: 4 } });
  expect(await subscribed([1, 1])).toMatchObject({ value: { epoch: 4 } });
});

it('ends with an error when a subtask is followed by nobody, instead of leaving out its changes', async () => {
  await expect(subscribed([1, 0])).rejects.toMatchObject(interrupted);
});
