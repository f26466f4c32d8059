import { consoleLogger } from '../../base/adapters/console-logger.ts';
import { systemClock } from '../../base/adapters/system-clock.ts';
import { SqlError, SqlState } from '../../base/index.ts';
import type { SystemRow } from '../../catalog/index.ts';
import type { ReactiveMode, TaskManagerRegistry } from '../../cluster/index.ts';
import { type ConnectionActivity, createHttpServer, createPgServer } from '../../server/index.ts';
import { createSessionFactory } from '../../session/index.ts';
import type { StandbyOptions } from '../../state/index.ts';
import { type ClusterProcessOptions, identityOf, taskManagerRegistry } from '../cluster-options.ts';
import { jobControlOf } from '../job-control.ts';
import { type Database, type DatabaseOptions, defaultSlots, openDatabase } from '../open-database.ts';
import { printError, UsageError } from '../print-error.ts';
import { sqlServiceOf } from '../sql-service.ts';
import { statusOf } from '../status-source.ts';
import { TestBench } from '../test-bench.ts';

export interface ServeOptions {
  readonly dataDir?: string;
  readonly memory?: boolean;
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly slots?: number;
  /** Subtasks a job is planned for. */
  readonly parallelism?: number;
  /** See ClusterOptions. */
  readonly reactiveMode?: ReactiveMode;
  /** Where TaskManagers of other processes register. */
  readonly taskManagers?: TaskManagerRegistry;
  readonly pinnedMemoryMb?: number;
  /** Waits for a data directory in use. */
  readonly waits?: StandbyOptions;
  /** Another server has taken the data directory over. */
  readonly lost?: (error: SqlError) => void;
  /** No epoch can be completed any more. */
  readonly stopped?: (error: SqlError) => void;
  readonly stateMemoryMb?: number;
  readonly checkpointIntervalMs?: number;
  readonly fromSavepoint?: string;
  readonly allowDroppedState?: boolean;
  /** Time stands still until SQL moves it, and other systems are topics in memory. */
  readonly testClock?: boolean;
  /** Connectors and topics that are left alone then, with commas between. */
  readonly real?: string;
}

/** What the command line says: `listenTasks` none: TaskManagers of other processes register nowhere. */
export interface ServeCommandOptions extends Omit<ServeOptions, 'taskManagers' | 'reactiveMode'>, ClusterProcessOptions {
  readonly listenTasks?: string;
  readonly reactive?: boolean;
  readonly stabilizationMs: number;
  readonly rescaleCooldownMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly standby?: boolean;
  /** A front end of JobManagers elsewhere. */
  readonly jobmanager?: string;
  readonly leaseTimeoutMs: number;
  readonly version: string;
}

/** A database with its servers. */
export interface RunningServer {
  readonly database: Database;
  readonly url: string;
  readonly httpUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Opens the database and both ports. What was opened is closed again when a later step fails. */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  try {
    return await openServer(options);
  } catch (error) {
    throw startError(error);
  }
}

async function openServer(options: ServeOptions): Promise<RunningServer> {
  const logger = consoleLogger('info');
  const { host } = options;
  let sessions: () => readonly ConnectionActivity[] = () => [];
  const activity = (): SystemRow[] => sessions().map(activityRow);
  const dataDir = options.memory ? null : (options.dataDir ?? './.fsql');
  let stopping = false;
  const database = await openDatabase({
    dataDir,
    fromSavepoint: options.fromSavepoint,
    allowDroppedState: options.allowDroppedState,
    ...slotsOf(options),
    taskManagers: options.taskManagers ?? null,
    reactive: options.reactiveMode,
    ...hostOf(options),
    logger,
    activity,
    standby: options.waits,
    lost: options.lost,
    stopped: (error) => {
      if (!stopping) options.stopped?.(error);
    },
    checkpointIntervalMs: options.checkpointIntervalMs,
    stateBytesMax: options.stateMemoryMb === undefined ? undefined : options.stateMemoryMb * 1024 * 1024,
    pinnedBytesMax: options.pinnedMemoryMb === undefined ? undefined : options.pinnedMemoryMb * 1024 * 1024,
  });
  try {
    const pg = createPgServer({ host, port: options.port, sessions: createSessionFactory(database.engine), clock: systemClock, logger });
    sessions = () => pg.activity();
    const status = statusOf(database.engine, { stopping: () => stopping, sessions: () => pg.activity().length });
    const http = await createHttpServer({
      host,
      port: options.httpPort,
      status,
      control: jobControlOf(database.engine),
      sql: sqlServiceOf(database.engine),
      logger,
    });
    const pgAddress = await pg.listen();
    const httpAddress = await http.listen().catch(async (error: unknown) => {
      await pg.close(0);
      throw error;
    });
    await database.announce({ host, port: pgAddress.port });
    options.taskManagers?.announce({ sql: pgAddress, http: httpAddress });
    return {
      database,
      port: pgAddress.port,
      url: `postgres://fsql@${host}:${pgAddress.port}/fsql`,
      httpUrl: `http://${host}:${httpAddress.port}`,
      close: async () => {
        stopping = true;
        await pg.close();
        await http.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Where the clock of a test starts, as in fsql test. */
const TEST_START = new Date(Date.UTC(2024, 0, 1));

/** Time that stands still is this thread's alone. */
function hostOf({ testClock, real }: ServeOptions): Pick<DatabaseOptions, 'host' | 'bench'> {
  if (testClock === true) return { host: 'in-thread', bench: new TestBench(TEST_START, real?.split(',').map((name) => name.trim()) ?? []) };
  if (real !== undefined) throw new UsageError('--real leaves systems alone that --test-clock would put topics in the place of');
  return { host: 'workers' };
}

/** Who has no slots of its own plans for as many as the machine has cores. */
function slotsOf({ slots = defaultSlots(), parallelism, taskManagers }: ServeOptions): { readonly slots: number; readonly parallelism: number } {
  const planned = parallelism ?? (slots === 0 ? defaultSlots() : slots);
  if (planned === 0) throw new UsageError('a job needs at least one slot (--parallelism)');
  if (taskManagers === undefined && planned > slots)
    throw new UsageError(
      `jobs of ${planned} subtasks need ${planned} slots, there are ${slots}: raise --slots, or let TaskManagers register (--listen-tasks)`,
    );
  return { slots, parallelism: planned };
}

/** A port, an address or a directory that cannot be used is wrong use (exit 2), told in one line. Damaged data is not. */
function startError(error: unknown): unknown {
  if (!(error instanceof SqlError) || error.code === SqlState.dataCorrupted) return error;
  const explanation = [error.detail, error.hint].filter((part) => part !== undefined);
  return new UsageError(explanation.length === 0 ? error.message : `${error.message}. ${explanation.join(' ')}`);
}

/** A session as a row of pg_stat_activity. */
function activityRow(one: ConnectionActivity): SystemRow {
  return {
    datname: one.database,
    pid: one.processId,
    usename: one.user,
    backend_start: one.startedAtMicros,
    state_change: one.stateChangedAtMicros,
    state: one.state,
    query: one.query,
    backend_type: 'client backend',
  };
}

/** `fsql serve`: until SIGINT or SIGTERM; a second one stops at once. */
export async function runServe(options: ServeCommandOptions): Promise<void> {
  const { listenTasks, version, jobmanager } = options;
  if (jobmanager !== undefined) return serveFrontEnd({ ...options, jobmanager });
  const stop = options.standby === true ? untilSignal() : null;
  const registry =
    listenTasks === undefined
      ? {}
      : { taskManagers: taskManagerRegistry({ ...options, listenTasks }, identityOf(options, version), consoleLogger('info')) };
  const turn = stop === null ? {} : { waits: waitingFor(options, stop) };
  const server = await startServer({ ...options, ...reactiveMode(options), ...registry, ...turn, lost: endNow, stopped: endNow }).catch(
    unlessStopped,
  );
  if (server === null) return;
  process.stdout.write(`fsql ready: ${server.url} ${server.httpUrl} (${Math.round(process.uptime() * 1000)} ms)\n`);
  await (stop ?? untilSignal());
  await server.close();
}

/** Without TaskManagers of other processes the slots there are never change. */
function reactiveMode({ reactive, listenTasks, stabilizationMs, rescaleCooldownMs }: ServeCommandOptions): { readonly reactiveMode?: ReactiveMode } {
  if (reactive !== true) return {};
  if (listenTasks === undefined) throw new UsageError('--reactive is for TaskManagers that come and go: let them register (--listen-tasks)');
  return { reactiveMode: { stabilizationMs, cooldownMs: rescaleCooldownMs } };
}

async function serveFrontEnd(options: ServeCommandOptions & { readonly jobmanager: string }): Promise<void> {
  const { runFrontEnd } = await import('./front-end.ts');
  await runFrontEnd(options, untilSignal).catch((error: unknown) => {
    throw startError(error);
  });
}

/** Reason to wait no longer: a standby was asked to stop. */
class Stopped extends Error {
  override readonly name = 'Stopped';
}

function unlessStopped(error: unknown): null {
  if (error instanceof Stopped) return null;
  throw error;
}

function waitingFor(options: ServeCommandOptions, stop: Promise<void>): StandbyOptions {
  if (options.memory === true) throw new UsageError('a standby takes over a data directory (--data-dir), which --memory has none of');
  const waiting = new AbortController();
  void stop.then(() => waiting.abort(new Stopped()));
  return {
    leaseMs: options.leaseTimeoutMs,
    signal: waiting.signal,
    waiting: (holder) => process.stdout.write(`fsql standby ready: ${holder.message}\n`),
  };
}

/** Nothing this process holds is of use to anybody, and nobody should go on waiting for it. */
function endNow(error: SqlError): void {
  printError(error);
  process.exit(1);
}

/** Resolves at the first SIGINT or SIGTERM; the second ends the process. */
export function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    let seen = false;
    const onSignal = (): void => {
      if (seen) process.exit(1);
      seen = true;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
