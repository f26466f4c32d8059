import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { systemRandom } from '../../base/adapters/system-random.ts';
import { TaskManagerProcess } from '../../cluster/index.ts';
import { addressesOf, type ClusterProcessOptions, identityOf, listenAddress, networkOf, nextTurn } from '../cluster-options.ts';
import { defaultSlots, temporaryScratchDir, threadSlots } from '../open-database.ts';
import { UsageError } from '../print-error.ts';
import { untilSignal } from './serve.ts';

export interface TaskManagerOptions extends ClusterProcessOptions {
  readonly jobmanager: string;
  readonly listen: string;
  readonly slots?: number;
  readonly version: string;
}

/** `fsql taskmanager`: until SIGINT or SIGTERM, through every restart of the JobManager. */
export async function runTaskManager(options: TaskManagerOptions): Promise<void> {
  const slots = options.slots ?? defaultSlots();
  if (slots === 0) throw new UsageError('a TaskManager needs at least one slot (--slots)');
  const process_ = new TaskManagerProcess({
    network: networkOf(options),
    clock: systemClock,
    random: systemRandom(),
    logger: consoleLogger('info'),
    identity: identityOf(options, options.version),
    jobManagers: addressesOf(options.jobmanager, '--jobmanager'),
    listen: listenAddress(options.listen, '--listen', options),
    slots,
    launcher: threadSlots(temporaryScratchDir()),
    nextTurn,
    joined: (id, { host, port }) => process.stdout.write(`fsql taskmanager ready: ${id} with ${slots} slots at ${host}:${port}\n`),
  });
  const running = process_.run();
  await Promise.race([running, untilSignal()]);
  process_.close();
  await running;
}
