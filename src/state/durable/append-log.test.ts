import { expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { SimulatedDisk } from '../testing/index.ts';
import { AppendLog } from './append-log.ts';
import { Incarnation } from './incarnation.ts';

const RECORDS = 12;
const RECORD_BYTES = 50;

async function newLog(): Promise<AppendLog> {
  const storage = new SimulatedDisk(seededRandom(1)).storage();
  await storage.makeDirectory('log');
  const incarnation = await Incarnation.claim(storage, () => undefined);
  const log = await AppendLog.open({ storage, incarnation, folder: 'log', name: 'test', fileBytes: 200 });
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
