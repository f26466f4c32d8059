import { type LogLevel, memoryStorage, type Random, SqlError, toSqlError } from '../../base/index.ts';
import { createCluster, inThreadSlots } from '../../cluster/index.ts';
import { type KafkaModule, kafkaConnector } from '../../connectors/kafka/index.ts';
import { modelLinks } from '../../connectors/kafka/testing/index.ts';
import { createSessionFactory, type Engine, openEngine, type ServerSession } from '../../session/index.ts';
import type { ConnectorDefinition } from '../../spi/index.ts';
import { memoryScratchPlace, openStateStore } from '../../state/index.ts';
import { smallLimits } from '../../state/testing/index.ts';
import { runSql, type TestBuiltIns, textRows } from '../sqltest/index.ts';
import { ProcessClock } from './process-clock.ts';
import { ProcessDisk } from './process-disk.ts';
import { ProcessKilled, ProcessLife } from './process-life.ts';
import { Violation, type World } from './world.ts';

const CONNECTOR = 'simulated-kafka';
const MAX_PARALLELISM = 16;
const EPOCH_MS = 1_000;
const CHECKPOINT_MS = 7_000;
/** A supervisor starts a process again after at most so long. */
const RESTART_MS_MAX = 2_000;
const CHANNEL_BYTES = 16 * 1024;

/** One process of the server: front end, JobManager and slots, as the composition root puts them together, on what the world offers. */
export interface ServerProcess {
  readonly life: ProcessLife;
  readonly clock: ProcessClock;
  readonly engine: Engine;
}

export type BuiltIns = (extra: readonly ConnectorDefinition[]) => TestBuiltIns;

/** What every process of the server is made of. */
export interface ServerParts {
  readonly builtIns: BuiltIns;
  /** Loaded before, so that no process waits for real time. */
  readonly kafkaModule: KafkaModule;
}

/** The server over its lives: whenever its process ends, another one is started on the same disk. */
export class SimulatedServer {
  readonly #world: World;
  readonly #parts: ServerParts;
  readonly #random: Random;
  /** Faults of the disk that the world makes: an error of a process is then no violation. */
  diskIsFaulty = false;
  starts = 0;
  #life: ProcessLife | null = null;
  #running: ServerProcess | null = null;
  #waiting: ((running: ServerProcess) => void)[] = [];
  #stepsToKill = Number.POSITIVE_INFINITY;

  constructor(world: World, parts: ServerParts) {
    this.#world = world;
    this.#parts = parts;
    this.#random = world.newRandom();
  }

  get running(): ServerProcess | null {
    return this.#running;
  }

  /** The process that runs, or the next one. */
  process(): Promise<ServerProcess> {
    if (this.#running !== null) return Promise.resolve(this.#running);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Starts processes, one after another, for ever. */
  async supervise(): Promise<never> {
    for (;;) {
      const life = new ProcessLife();
      this.#life = life;
      try {
        const running = await life.answer(this.#open(life));
        this.#running = running;
        this.#world.event(`the server is open, start ${this.starts}`);
        for (const resolve of this.#waiting.splice(0)) resolve(running);
        await life.answer(new Promise<never>(() => undefined));
      } catch (error) {
        if (!(error instanceof ProcessKilled)) this.#openFailed(error);
      }
      life.kill();
      this.#running = null;
      await this.#world.sleep(1 + this.#random.nextInt(RESTART_MS_MAX));
    }
  }

  /** `kill -9`; with `power` the machine stops too, and what was not synced is lost or torn. */
  kill(options: { readonly power: boolean; readonly why: string }): void {
    const life = this.#life;
    if (life === null || life.killed) return;
    this.#world.event(`killed${options.power ? ' with the machine' : ''}: ${options.why}`);
    this.#stepsToKill = Number.POSITIVE_INFINITY;
    life.kill();
    this.#running = null;
    if (options.power) this.#world.disk.restart();
  }

  /** How far everything is, for the report of a failure. */
  describe(): string {
    if (this.#running === null) return 'no server is open';
    const { cluster } = this.#running.engine;
    const jobs = cluster.jobs().map((job) => `  job ${job.name}: ${job.state}${job.error === null ? '' : ` ${job.error.message}`}`);
    const partitions = cluster
      .sourcePartitions()
      .map((one) => `  ${one.relation}/${one.partition}: ${one.offset} of ${one.endOffset}${one.problem === null ? '' : ` ${one.problem.message}`}`);
    return [...jobs, ...partitions].join('\n');
  }

  /** Kills the process in the middle of what it does, so many steps from now. */
  killAfterSteps(steps: number): void {
    this.#stepsToKill = steps;
  }

  async #open(life: ProcessLife): Promise<ServerProcess> {
    this.starts++;
    const world = this.#world;
    const clock = new ProcessClock(world.clock, life);
    const random = world.newRandom();
    const logger = { log: (level: LogLevel, message: string, facts?: Readonly<Record<string, unknown>>) => this.#logged(level, message, facts) };
    const stopped = (): void => this.kill({ power: true, why: 'in a call of the disk' });
    const disk = new ProcessDisk({ disk: world.disk, life, clock: world.clock, random: world.newRandom(), stopped });
    const stateStore = await openStateStore({
      storage: disk.storage(),
      keyValueStore: disk.keyValueStore(),
      lock: { acquire: async () => undefined, seize: async () => undefined, announce: async () => undefined, release: async () => undefined },
      clock,
      logger,
      limits: smallLimits,
    });
    const slots = 1 + random.nextInt(3);
    const pause = (): Promise<void> => life.outside(async () => undefined);
    const trace = (step: string): void => this.#stepped(step, life);
    const builtIns = this.#parts.builtIns([this.#connector()]);
    const launcher = inThreadSlots({ registries: builtIns.slots, clock, logger, scratch: memoryScratchPlace, random, pause, trace });
    const engine = await openEngine({
      registries: builtIns.engine,
      catalogLog: stateStore.catalogLog,
      embeddedLog: stateStore.embeddedLog,
      clock,
      random,
      logger,
      parallelism: slots,
      maxParallelism: MAX_PARALLELISM,
      futureSkewGuard: false,
      offline: false,
      bindConnector: (options) => new Map([...options, ['connector', CONNECTOR]]),
      savepoints: { absolute: (path) => path, open: () => memoryStorage() },
      startCluster: (jobs) =>
        createCluster({
          stateStore,
          launcher,
          clock,
          random,
          logger,
          slots,
          jobs,
          channelBytes: CHANNEL_BYTES,
          epochIntervalMs: EPOCH_MS,
          checkpointIntervalMs: CHECKPOINT_MS,
          thoroughChecks: true,
          onFatal: (error) => this.#fatal(error),
        }),
    });
    return { life, clock, engine };
  }

  /** The shipped connector, over links to the model of Kafka. */
  #connector(): ConnectorDefinition {
    const world = this.#world;
    const openLink = modelLinks(world.kafka, world.newRandom(), () => world.linkFaults);
    return { ...kafkaConnector({ load: () => Promise.resolve(this.#parts.kafkaModule), openLink }), name: CONNECTOR };
  }

  #stepped(step: string, life: ProcessLife): void {
    if (life.killed) return;
    this.#world.step(step);
    if (--this.#stepsToKill <= 0) this.kill({ power: this.#random.nextInt(2) === 0, why: 'in the middle of a round' });
  }

  #logged(level: LogLevel, message: string, facts: Readonly<Record<string, unknown>> | undefined): void {
    const error = facts?.error ?? facts?.problem;
    if (level === 'error' || level === 'warn')
      this.#world.event(`${level}: ${message}${error === undefined ? '' : `: ${error instanceof Error ? error.message : String(error)}`}`);
    // Whatever is caught and logged as a bug is one.
    const cause = facts?.cause ?? error;
    if (cause instanceof SqlError ? cause.class === 'internal' : cause instanceof Error)
      this.#world.violated(new Violation(`${message}: ${(cause as Error).stack}`));
  }

  /** The JobManager cannot go on. Who runs a server ends and restarts it then. */
  #fatal(error: SqlError): void {
    if (!this.diskIsFaulty) this.#world.violated(new Violation(`the JobManager has failed: ${describe(error)}`));
    this.kill({ power: false, why: `it has failed: ${error.message}` });
  }

  #openFailed(error: unknown): void {
    this.#world.event(`the server does not start: ${toSqlError(error).message}`);
    if (!this.diskIsFaulty) this.#world.violated(new Violation(`the server does not start: ${describe(toSqlError(error))}`));
  }
}

/** A client's connection to one process. Rejects with ProcessKilled when that is no more, whatever it would still have said. */
export class Client {
  readonly process: ServerProcess;
  readonly #session: ServerSession;

  constructor(process: ServerProcess, session: ServerSession) {
    this.process = process;
    this.#session = session;
  }

  run(sql: string): Promise<void> {
    return this.#ask(() => runSql({ session: this.#session }, sql));
  }

  /** Rows as lines, cells separated by tabs. */
  rows(sql: string): Promise<string[]> {
    return this.#ask(() => textRows({ session: this.#session }, sql));
  }

  #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    const { life } = this.process;
    return life.killed ? Promise.reject(new ProcessKilled()) : life.answer(question());
  }
}

export async function openClient(server: SimulatedServer): Promise<Client> {
  const process = await server.process();
  const observer = { parameterChanged: () => undefined, notice: () => undefined };
  const session = createSessionFactory(process.engine).open({ user: 'fsql', database: 'fsql', settings: new Map(), processId: 1, observer });
  return new Client(process, await process.life.answer(session));
}

export function describe(error: SqlError): string {
  return `${error.code} ${error.message}${error.detail === undefined ? '' : ` (${error.detail})`}\n${error.stack}\n${error.cause instanceof Error ? error.cause.stack : ''}`;
}
