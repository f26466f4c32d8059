import { expect, it } from 'vitest';
import { SqlError, SqlState } from '../base/index.ts';
import { MemoryDirectory, openMemoryStateStore } from '../state/index.ts';
import { copyView, deploy, sourceJob, TestTopic, TestWorld } from './testing/index.ts';

const DISK_GONE = new SqlError({ code: SqlState.ioError, message: 'write: input/output error', class: 'external' });

it('says once that it has stopped when an epoch cannot be recorded, and takes nothing more', async () => {
  const world = new TestWorld({ seed: 1, slots: 2 });
  const topic = new TestTopic(1);
  world.topics.set('s', topic);
  const stateStore = openMemoryStateStore(new MemoryDirectory());
  const stopped: SqlError[] = [];
  const cluster = await world.start([], { stateStore, onFatal: (error) => stopped.push(error) });
  await deploy(
    cluster,
    sourceJob({ relation: 's', topic: 's', partitions: 1, parallelism: 1 }),
    copyView('copy_s', 's', { fields: [0, 1, 2], parallelism: 1 }),
  );
  await cluster.flush();

  stateStore.appendEpochRecord = () => Promise.reject(DISK_GONE);
  topic.append(0, [1n, 1n, 0n]);
  await expect(cluster.flush()).rejects.toThrow('input/output error');
  await expect(cluster.checkpoint()).rejects.toThrow('input/output error');
  expect(stopped).toEqual([DISK_GONE]);
  await cluster.close();
});
