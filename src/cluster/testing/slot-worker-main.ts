import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { silentLogger } from '../../base/index.ts';
import { memoryScratchPlace } from '../../state/index.ts';
import { runSlotWorker } from '../slot/index.ts';
import type { SlotLaunch } from '../transport/index.ts';
import { testRegistries } from './test-cluster.ts';

/** A worker with the test operators; tests bundle this file and start threads from it. */
const port = parentPort!;
const failures = { key: null, checkpoint: null, times: 0, error: null } as const;
await runSlotWorker({
  launch: workerData as SlotLaunch,
  registries: testRegistries(new Map(), failures),
  port: {
    postMessage: (message, transfer) => port.postMessage(message, [...transfer]),
    on: (event, listener) => port.on(event, listener),
    close: () => port.close(),
  },
  clock: systemClock,
  logger: silentLogger,
  scratch: memoryScratchPlace(),
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
});
