import { eventually } from './eventually.ts';
import { ServerProcess } from './server-process.ts';
import { freePort, TaskManagerChild } from './task-manager-process.ts';

/** Ends what it is given behind the test. */
export type Keep = <T extends { dispose(): Promise<void> }>(one: T) => T;

export interface JobManagerPlace {
  readonly dataDir?: string;
  readonly standby: boolean;
  /** Of its own. Default 0. */
  readonly slots?: number;
}

export interface StandbyCluster {
  readonly leader: ServerProcess;
  readonly standby: ServerProcess;
  readonly taskManagers: readonly TaskManagerChild[];
  readonly ports: readonly number[];
}

/** A JobManager that listens for TaskManagers at `port`, not waited for. */
export function jobManager(keep: Keep, port: number, options: JobManagerPlace): ServerProcess {
  const { slots = 0 } = options;
  const args = ['--parallelism', String(slots === 0 ? 4 : slots), '--listen-tasks', `127.0.0.1:${port}`, ...(options.standby ? ['--standby'] : [])];
  return keep(ServerProcess.launch({ slots, args, ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }) }));
}

/** Resolves once a standby has found somebody to wait for. */
export async function waiting(standby: ServerProcess): Promise<void> {
  await eventually(
    'the standby waits',
    async () => standby.output,
    (text) => text.includes('fsql standby ready'),
  );
}

/** A JobManager and a standby, and where they have no slots of their own two TaskManagers that know both. */
export async function standbyCluster(keep: Keep, slots = 0): Promise<StandbyCluster> {
  const ports = [await freePort(), await freePort()] as const;
  const leader = jobManager(keep, ports[0], { standby: false, slots });
  await leader.ready();
  const standby = jobManager(keep, ports[1], { dataDir: leader.dataDir, standby: true, slots });
  await waiting(standby);
  const taskManagers = slots > 0 ? [] : [keep(new TaskManagerChild(ports)), keep(new TaskManagerChild(ports))];
  await Promise.all(taskManagers.map((taskManager) => taskManager.joined()));
  return { leader, standby, taskManagers, ports };
}
