import { expect, test } from 'vitest';
import { silentLogger } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import { MemoryDirectory, openMemoryStateStore, type StateBlock } from '../../state/index.ts';
import { blockOf, loadTable, recordOf } from '../../state/testing/index.ts';
import { CheckpointCoordinator } from './checkpoint-coordinator.ts';

const table = { operatorId: 'counts', table: 'groups', keyGroup: 0 };
const done = Promise.resolve();

function start() {
  const directory = new MemoryDirectory();
  const store = openMemoryStateStore(directory);
  const coordinator = new CheckpointCoordinator(store, silentLogger, new Map());
  const arrive = (job: string, epoch: Epoch, blocks: readonly StateBlock[]): void =>
    coordinator.arrived({ job, task: 'v/0', slot: 0, epoch, blocks });
  const make = (epoch: Epoch, names: readonly string[], recordDurable = done) =>
    coordinator.make(
      recordOf(epoch, 1, 1),
      new Map(names.map((name) => [name, { tasks: ['v/0'], operators: ['counts'], plan: '[]' }])),
      recordDurable,
    );
  return { directory, store, coordinator, arrive, make };
}

test('rows handed in for a checkpoint that is given up are part of the next one', async () => {
  const { store, coordinator, arrive, make } = start();
  const given = make(2, ['sound', 'failing']);
  arrive('sound', 2, [blockOf(table, new Map([[1, 10]]), [])]);
  coordinator.forget('failing');
  expect(await given).toBeNull();
  const next = make(4, ['sound']);
  arrive('sound', 4, [blockOf(table, new Map([[2, 20]]), [])]);
  expect(await next).toMatchObject({ epoch: 4 });
  expect(await loadTable(store, 'counts', 'groups')).toEqual(
    new Map([
      [1, 10],
      [2, 20],
    ]),
  );
});

test('rows of an earlier checkpoint lie under those of the next one', async () => {
  const { store, coordinator, arrive, make } = start();
  const given = make(2, ['sound', 'failing']);
  arrive('sound', 2, [blockOf(table, new Map([[1, 10]]), [])]);
  coordinator.forget('failing');
  await given;
  const next = make(4, ['sound']);
  arrive('sound', 4, [blockOf(table, new Map([[1, 11]]), [])]);
  await next;
  expect(await loadTable(store, 'counts', 'groups')).toEqual(new Map([[1, 11]]));
});

test('rows of a job that begins again are forgotten: it goes on from the last checkpoint', async () => {
  const { store, coordinator, arrive, make } = start();
  const given = make(2, ['sound', 'failing']);
  arrive('failing', 2, [blockOf(table, new Map([[1, 10]]), [])]);
  coordinator.forget('failing');
  await given;
  const next = make(4, ['sound', 'failing']);
  arrive('sound', 4, []);
  arrive('failing', 4, [blockOf(table, new Map([[2, 20]]), [])]);
  await next;
  expect(await loadTable(store, 'counts', 'groups')).toEqual(new Map([[2, 20]]));
});

test('nothing is committed before the record of the epoch is durable', async () => {
  const { directory, arrive, make } = start();
  let recorded = (): void => undefined;
  const recordDurable = new Promise<void>((resolve) => {
    recorded = resolve;
  });
  const made = make(2, ['sound'], recordDurable);
  arrive('sound', 2, []);
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  expect(directory.record).toBeNull();
  recorded();
  await made;
  expect(directory.record?.epoch).toBe(2);
});
