import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../base/index.ts';
import { batchFromRows, rowsOf } from '../../batch/index.ts';
import { formats } from '../../formats/index.ts';
import { sinkFactory, sinkSpecCodec } from '../../operators/sink/index.ts';
import { type Observed, testEnvironment } from '../../operators/testing/index.ts';
import type { ConnectorDefinition, Operator } from '../../spi/index.ts';
import { SimulatedDisk } from '../../state/testing/index.ts';
import { type Datum, int8Type } from '../../types/index.ts';
import { FileWriter } from './file-writer.ts';
import { filesystem } from './index.ts';
import { machineFolder, type SinkFolder } from './sink-folder.ts';

const EPOCHS = 6;
const ROWS = 3;

/** What a checkpoint has made durable. */
interface Durable {
  epoch: number;
  readonly committables: Map<string, readonly (Datum | null)[]>;
}

/** Where, beside the calls of the disk, the machine may stop. */
type Stop = { readonly epoch: number; readonly when: 'before the manifest' | 'after the manifest' } | null;

class Stopped extends Error {}

function connectorOn(folder: SinkFolder): ConnectorDefinition {
  return { ...filesystem, sink: { ...filesystem.sink!, createWriter: (context) => new FileWriter(context, folder) } };
}

function openSink(folder: SinkFolder, durable: Durable): { readonly operator: Operator; readonly observed: Observed } {
  const parameters = sinkSpecCodec.encode({
    name: 'out',
    connector: 'filesystem',
    options: new Map([
      ['path', 'out'],
      ['format', 'csv'],
    ]),
    key: null,
    changes: false,
    appends: false,
    net: false,
  });
  const connectors = [connectorOn(folder)];
  const { environment, observed } = testEnvironment({ inputs: [[int8Type]], connectors, formats, appendOnly: true, startEpoch: durable.epoch });
  const spec = { operatorId: 'sink', kind: 'sink', version: 1, parameters, outputColumns: [], outputAppendOnly: true, label: 'sink' };
  const operator = sinkFactory.create(parameters, environment, spec);
  const table = observed.tables[0]!;
  if (durable.committables.size > 0) table.load(batchFromRows(table.declaration.columns, [...durable.committables.values()]));
  return { operator, observed };
}

/** Lets the writer's steps run until `condition`; what stops the machine ends the attempt. */
async function until(condition: () => boolean, stopped: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (stopped()) throw new Stopped();
    if (condition()) return;
    // A simulated disk answers within turns of the loop; a real and busy one needs time.
    await new Promise<void>((resolve) => (turn < 1000 ? setImmediate(resolve) : setTimeout(resolve, 5)));
  }
  throw new Error('the sink is stuck');
}

function saveState(observed: Observed, durable: Durable, epoch: number): void {
  const { upserts, deletes } = observed.tables[0]!.collectDirty(1);
  for (const row of rowsOf(deletes)) durable.committables.delete(row.join('/'));
  for (const row of rowsOf(upserts)) durable.committables.set(row.slice(0, 2).join('/'), row);
  durable.epoch = epoch;
}

/** One attempt: epochs after the durable one up to the last, a checkpoint every second epoch, one more behind the end. */
async function attempt(folder: SinkFolder, durable: Durable, options: { readonly stop: Stop; readonly stopped: () => boolean }): Promise<void> {
  const { operator, observed } = openSink(folder, durable);
  const { stopped, stop } = options;
  const out = { emit: () => undefined };
  const checkpoint = (epoch: number): void => {
    if (stop?.epoch === epoch && stop.when === 'before the manifest') throw new Stopped();
    saveState(observed, durable, epoch);
    if (stop?.epoch === epoch && stop.when === 'after the manifest') throw new Stopped();
    operator.checkpointCommitted!(epoch);
  };
  for (let epoch = durable.epoch + 1; epoch <= EPOCHS; epoch++) {
    const barrier = { kind: 'barrier', epoch, timestampMicros: 0n, checkpoint: epoch % 2 === 0 && epoch < EPOCHS, last: epoch === EPOCHS } as const;
    await until(() => operator.ready!(), stopped);
    for (let row = 0; row < ROWS; row++) operator.processBatch(0, batchFromRows([int8Type], [[BigInt(epoch * 10 + row)]]), out);
    operator.processBarrier!(barrier, out);
    await until(() => operator.barrierReady!(barrier), stopped);
    if (barrier.checkpoint) checkpoint(epoch);
  }
  await until(() => operator.ready!(), stopped);
  // The job has ended; the checkpoint that commits its last file comes by itself, without a barrier.
  for (const epoch of [EPOCHS + 1, EPOCHS + 2]) if (durable.epoch < epoch) checkpoint(epoch);
  await until(() => observed.sinkProgress.at(-1)?.pendingCommits === 0, stopped);
  await operator.close!();
}

const everything = Array.from({ length: EPOCHS }, (_, index) => Array.from({ length: ROWS }, (_, row) => String((index + 1) * 10 + row))).flat();

function visibleRows(disk: SimulatedDisk): string[] {
  const names = disk.files().filter((name) => !name.startsWith('.'));
  return names.flatMap((name) => new TextDecoder().decode(disk.peek(name)).split('\n').slice(0, -1));
}

async function runThroughStops(disk: SimulatedDisk, stops: readonly { readonly call: number | null; readonly stop: Stop }[]): Promise<void> {
  const durable: Durable = { epoch: 0, committables: new Map() };
  for (const { call, stop } of [...stops, { call: null, stop: null }]) {
    if (call !== null) disk.failAt(call, 'stop');
    try {
      await attempt(disk.storage(), durable, { stop, stopped: () => disk.stopped });
      if (stops.length === 0 || call === null) break;
    } catch (error) {
      if (!disk.stopped && !(error instanceof Stopped)) throw error;
    }
    disk.restart();
    const seen = visibleRows(disk);
    expect(new Set(seen).size, 'no row is seen twice').toBe(seen.length);
    expect(
      seen.every((row) => Number(row) < (durable.epoch + 1) * 10),
      'only rows of durable epochs are seen',
    ).toBe(true);
  }
  expect(visibleRows(disk).sort()).toEqual(everything);
  expect(disk.files().filter((name) => name.startsWith('.'))).toEqual([]);
}

describe('files of a sink', () => {
  test('hold every row once, whatever call of the disk the machine stops at', async () => {
    const whole = new SimulatedDisk(seededRandom(1));
    await runThroughStops(whole, []);
    const calls = whole.calls;
    expect(calls).toBeGreaterThan(20);
    for (let call = 1; call <= calls; call++) {
      for (const seed of [1, 2, 3]) await runThroughStops(new SimulatedDisk(seededRandom(seed * 1000 + call)), [{ call, stop: null }]);
    }
  });

  test('hold every row once after a stop on either side of a manifest', async () => {
    for (const epoch of [2, 4, EPOCHS + 1, EPOCHS + 2]) {
      for (const when of ['before the manifest', 'after the manifest'] as const) {
        await runThroughStops(new SimulatedDisk(seededRandom(epoch)), [{ call: null, stop: { epoch, when } }]);
      }
    }
  });

  test('hold every row once after several stops', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 60; round++) {
      const stops = Array.from({ length: 1 + random.nextInt(4) }, () => ({ call: 1 + random.nextInt(25), stop: null }));
      await runThroughStops(new SimulatedDisk(seededRandom(round)), stops);
    }
  });

  test('go on behind the files of another run in the same folder', async () => {
    const disk = new SimulatedDisk(seededRandom(1));
    await runThroughStops(disk, []);
    const durable: Durable = { epoch: 0, committables: new Map() };
    await attempt(disk.storage(), durable, { stop: null, stopped: () => false });
    expect(visibleRows(disk).sort()).toEqual([...everything, ...everything].sort());
  });

  test('are written to a real folder', async () => {
    const root = await mkdtemp(join(tmpdir(), 'fsql-files-'));
    try {
      const durable: Durable = { epoch: 0, committables: new Map() };
      await attempt(machineFolder(join(root, 'out')), durable, { stop: null, stopped: () => false });
      const names = await readdir(join(root, 'out'));
      expect(names.sort()).toEqual(['out-0-0-2.csv', 'out-0-0-4.csv', 'out-0-0-6.csv']);
      const texts = await Promise.all(names.map((name) => readFile(join(root, 'out', name), 'utf8')));
      expect(texts.join('').trim().split('\n').sort()).toEqual(everything);
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
