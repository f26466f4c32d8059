import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import type { FromSlot, SlotEvents, SlotLaunch, SlotLauncher, SlotLink } from '../transport/index.ts';

/** A worker thread, as node:worker_threads has it. */
export interface WorkerThread {
  postMessage(message: unknown): void;
  on(event: 'message' | 'error' | 'exit', listener: (value: unknown) => void): unknown;
  terminate(): Promise<unknown>;
}

/** Slots in worker threads. `start` makes a worker whose file calls runSlotWorker with this launch as its data. */
export function workerSlots(start: (launch: SlotLaunch) => WorkerThread): SlotLauncher {
  return { launch: (launch, events) => launchWorker(start(launch), launch, events), settled: null };
}

function launchWorker(worker: WorkerThread, launch: SlotLaunch, events: SlotEvents): SlotLink {
  let open = true;
  let closed: (() => void) | null = null;
  const lost = (error: SqlError): void => {
    if (!open) return;
    open = false;
    events.lost(error);
  };
  worker.on('message', (value) => {
    const message = value as FromSlot;
    if (message.kind === 'closed') closed?.();
    else if (open) events.message(message);
  });
  // A thread takes all of its jobs with it, whichever it was that it died of: none of them is to blame.
  worker.on('error', (error) => lost(new SqlError({ ...toSqlError(error).fields(), class: 'external', cause: error })));
  worker.on('exit', (code) => {
    closed?.();
    lost(new SqlError({ code: SqlState.systemError, message: `slot ${launch.slot} ended with code ${String(code)}`, class: 'external' }));
  });
  return {
    send: (message) => {
      if (open) worker.postMessage(message);
    },
    close: async () => {
      if (!open) return;
      open = false;
      const ended = new Promise<void>((resolve) => {
        closed = resolve;
      });
      worker.postMessage({ kind: 'close' });
      await ended;
      await worker.terminate();
    },
  };
}
