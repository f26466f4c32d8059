import { parentPort, workerData } from 'node:worker_threads';
import { consoleLogger } from '../base/adapters/console-logger.ts';
import { systemClock } from '../base/adapters/system-clock.ts';
import { runSlotWorker, type SlotLaunch, type SlotPort } from '../cluster/index.ts';
import { createSlotRegistries } from './slot-registries.ts';

/** What a slot's worker thread runs. */
const logger = consoleLogger('warn');
void runSlotWorker({
  launch: workerData as SlotLaunch,
  registries: createSlotRegistries(),
  port: parentPort as unknown as SlotPort,
  clock: systemClock,
  logger,
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
});
