import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { consoleLogger } from '../base/adapters/console-logger.ts';
import { systemClock } from '../base/adapters/system-clock.ts';
import { runSlotWorker, type SlotPort } from '../cluster/index.ts';
import { levelScratchPlace } from '../state/index.ts';
import type { SlotWorkerData } from './open-database.ts';
import { createSlotRegistries } from './slot-registries.ts';

/** What a slot's worker thread runs. */
const { launch, scratchDir } = workerData as SlotWorkerData;
const logger = consoleLogger('warn');
void runSlotWorker({
  launch,
  registries: createSlotRegistries(),
  port: parentPort as unknown as SlotPort,
  clock: systemClock,
  logger,
  scratch: levelScratchPlace(join(scratchDir, `slot-${launch.slot}`), String(launch.incarnation)),
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
});
