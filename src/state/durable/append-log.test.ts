import { expect, test } from 'vitest';
import { type Storage, seededRandom } from '../../base/index.ts';
import { SimulatedDisk } from '../testing/index.ts';
import { AppendLog } from './append-log.ts';
import { Incarnation } from './incarnation.ts';

const RECORDS = 12;
const RECORD_BYTES = 50;

async function openLog(storage: Storage): Promise<AppendLog> {
  const incarnation = await Incarnation.claim(storage, () => undefined);
  return AppendLog.open({ storage, incarnation, folder: 'log', name: 'test', fileBytes: 200 });
}

async function newLog(): Promise<AppendLog> {
  const storage = new SimulatedDisk(seededRandom(1)).storage();
  await storage.makeDirectory('log');
  const log = await openLog(storage);
  for (let record = 1; record <= RECORDS; record++) await log.append(new Uint8Array(RECORD_BYTES).fill(record));
  return log;
}

test('a release lets go of no record behind it, wherever it is and wherever files end', async () => {
  for (let released = 0; released <= RECORDS; released++) {
    const log = await newLog();
    await log.release(released);
    const positions: number[] = [];
    for await (const { position } of log.read(released)) positions.push(position);
    expect(positions).toEqual(Array.from({ length: RECORDS - released }, (_, index) => released + 1 + index));
    expect(log.firstPosition).toBeLessThanOrEqual(released + 1);
  }
});

test('a release of everything lets go of whole files', async () => {
  const log = await newLog();
  await log.release(RECORDS);
  expect(log.firstPosition).toBeGreaterThan(RECORDS - 4);
});

test('what was acknowledged is there after a failed call, a start and a stop of the machine, whichever call and however the machine stops', async () => {
  for (let call = 1; call <= 60; call++) {
    for (let seed = 0; seed < 8; seed++) {
      const disk = new SimulatedDisk(seededRandom(100 * call + seed));
      await disk.storage().makeDirectory('log');
      await disk.storage().syncDirectory('');
      const first = await openLog(disk.storage());
      const acknowledged = new Set<number>();
      const write = (log: AppendLog, record: number): Promise<unknown> =>
        log.append(new Uint8Array(RECORD_BYTES).fill(record)).then(
          () => acknowledged.add(record),
          () => undefined,
        );
      disk.failAt(call, 'ioError');
      for (let record = 1; record <= RECORDS; record++) await write(first, record);
      disk.repair();
      const second = await openLog(disk.storage());
      for (let record = RECORDS + 1; record <= 2 * RECORDS; record++) await write(second, record);
      disk.restart();
      const read: number[] = [];
      for await (const { payload } of (await openLog(disk.storage())).read(0)) read.push(payload[0]!);
      expect(read, `call ${call}, seed ${seed}`).toEqual(expect.arrayContaining([...acknowledged]));
    }
  }
});
