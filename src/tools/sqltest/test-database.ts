import { type Logger, memoryStorage, type Storage, seededRandom, silentLogger } from '../../base/index.ts';
import type { Epoch } from '../../batch/index.ts';
import type { Relation } from '../../catalog/index.ts';
import { createCluster, inThreadSlots, plansOfSavepoint } from '../../cluster/index.ts';
import {
  createSessionFactory,
  type Engine,
  type EngineRegistries,
  openEngine,
  relationId,
  type ServerSession,
  type SessionNotice,
} from '../../session/index.ts';
import type { ConnectorDefinition } from '../../spi/index.ts';
import { diffSavepoints, MemoryDirectory, memoryScratchPlace, openMemoryStateStore, restoreSavepoint, Savepoint } from '../../state/index.ts';
import { BoundTopics } from './bound-topics.ts';
import type { Configuration } from './configurations.ts';
import { settleSources } from './settle.ts';
import { testConnector } from './test-connector.ts';
import { TestTopics } from './test-topics.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Tests move little; a megabyte for every channel was a twentieth of a small file's time. */
const CHANNEL_BYTES = 64 * 1024;

/** What the composition root supplies: every built-in, with the test's own connector among them. */
export interface TestBuiltIns {
  engine: EngineRegistries;
  slots: Parameters<typeof inThreadSlots>[0]['registries'];
}

export interface TestDatabaseOptions {
  readonly configuration: Configuration;
  readonly seed: number;
  /** Connectors and topics that are left alone. */
  readonly real?: readonly string[];
  readonly builtIns: (extra: readonly ConnectorDefinition[]) => TestBuiltIns;
}

interface RunningTest {
  readonly engine: Engine;
  readonly session: ServerSession;
}

/** Where a test's clock starts. */
const START_MICROS = BigInt(Date.UTC(2024, 0, 1)) * 1000n;
const MAX_PARALLELISM = 128;
/** Jobs of two slot sharing groups have room beside each other, whatever their width. */
const SLOT_SHARING_GROUPS = 2;

/**
 * A whole fsql in one thread with a clock that only the test moves: state in memory that survives a crash of the engine, topics in the place of other systems, epochs only
 * when asked for.
 */
export class TestDatabase {
  readonly clock = new VirtualClock(START_MICROS);
  readonly topics = new TestTopics();
  readonly #options: TestDatabaseOptions;
  #directory = new MemoryDirectory();
  readonly #logger: Logger = silentLogger;
  readonly #savepoints = new Map<string, Storage>();
  #running: RunningTest | null = null;
  #slots: number;
  #crashes = 0;
  #lastEpoch: Epoch = 0;
  readonly #bound: BoundTopics;
  readonly #notices: SessionNotice[] = [];

  constructor(options: TestDatabaseOptions) {
    this.#options = options;
    this.#bound = new BoundTopics(this.topics, options.real ?? []);
    this.#slots = options.configuration.slots;
  }

  /** The newest epoch that is complete everywhere. */
  get lastEpoch(): Epoch {
    return this.#lastEpoch;
  }

  /** Another one made the same way, with nothing in it. */
  emptyCopy(): TestDatabase {
    return new TestDatabase(this.#options);
  }

  get engine(): Engine {
    return this.#required().engine;
  }

  /** What the session has told since the last call. */
  takeNotices(): SessionNotice[] {
    return this.#notices.splice(0);
  }

  get session(): ServerSession {
    return this.#required().session;
  }

  async open(): Promise<void> {
    const { configuration, seed, builtIns } = this.#options;
    const random = seededRandom(seed + this.#crashes);
    const { engine: registries, slots } = builtIns([testConnector(this.topics)]);
    const stateStore = openMemoryStateStore(this.#directory);
    const { clock } = this;
    const logger = this.#logger;
    const launcher = inThreadSlots({ registries: slots, clock, logger, scratch: memoryScratchPlace, random, pause: () => this.#turn() });
    const engine = await openEngine({
      registries,
      catalogLog: stateStore.catalogLog,
      embeddedLog: stateStore.embeddedLog,
      clock,
      random,
      secretBytes: (count) => Uint8Array.from({ length: count }, () => random.nextInt(256)),
      logger,
      parallelism: this.#slots,
      maxParallelism: MAX_PARALLELISM,
      futureSkewGuard: false,
      savepoints: { absolute: (path) => path, open: (path) => this.#savepoint(path) },
      offline: false,
      bindConnector: (connectorOptions) => this.#bound.bind(connectorOptions),
      testing: {
        advanceTo: async (micros) => clock.advanceTo(micros),
        // The runner does so behind each record.
        settle: () => Promise.resolve(),
        outside: () => this.#bound.outside,
        hasTopic: (name) => this.topics.has(name),
      },
      startCluster: (jobs) =>
        createCluster({
          stateStore,
          launcher,
          clock,
          random,
          logger,
          slots: this.#slots,
          localSlots: SLOT_SHARING_GROUPS * this.#slots,
          channelBytes: CHANNEL_BYTES,
          jobs,
          epochIntervalMs: null,
          checkpointIntervalMs: null,
          interpreted: configuration.interpreted,
          batchRows: configuration.batchRows,
          thoroughChecks: true,
          spillBytesMax: configuration.spillBytesMax,
        }),
    });
    const session = await createSessionFactory(engine).open({
      user: 'fsql',
      database: 'fsql',
      settings: new Map(),
      processId: 1,
      observer: { parameterChanged: () => undefined, notice: (notice) => this.#notices.push(notice) },
    });
    this.#running = { engine, session };
  }

  /** Loses everything that is not durable: the engine is gone, the directory and the topics stay. */
  async crash(): Promise<void> {
    const { engine } = this.#required();
    this.#running = null;
    this.#crashes++;
    await engine.cluster.close();
  }

  /** Comes back, with another number of slots when given. */
  async restore(slots: number | null): Promise<void> {
    this.#slots = slots ?? this.#slots;
    await this.open();
  }

  /** Checkpoint, crash and restart at the next parallelism of the configuration, if it asks for that. */
  async crashIfConfigured(): Promise<void> {
    const { crashSlots, movesBySavepoint } = this.#options.configuration;
    if (crashSlots.length === 0 || this.session.transactionStatus !== 'I') return;
    const slots = crashSlots[this.#crashes % crashSlots.length]!;
    if (movesBySavepoint) {
      await this.#moveBySavepoint(slots);
      return;
    }
    await this.engine.cluster.checkpoint();
    await this.crash();
    await this.restore(slots);
  }

  /**
   * Goes on in another directory, made of a savepoint. One made there at once has the same state, byte by byte, but for rows that nothing can ask for any more: operators
   * forget those in portions of their own making.
   */
  async #moveBySavepoint(slots: number): Promise<void> {
    const { manifest } = await this.#takeSavepoint('before');
    await this.crash();
    this.#directory = new MemoryDirectory();
    const savepoint = await Savepoint.open(this.#savepoint('before'), 'before');
    await savepoint.requireSound();
    await restoreSavepoint(savepoint, openMemoryStateStore(this.#directory), plansOfSavepoint(savepoint.manifest.jobs));
    await this.restore(slots);
    const again = await this.#takeSavepoint('after');
    if (again.manifest.stateSha256 === manifest.stateSha256) return;
    const differences = await diffSavepoints(savepoint, await Savepoint.open(this.#savepoint('after'), 'after'));
    if (differences.every(({ onlyInSecond, changed }) => onlyInSecond === 0 && changed === 0)) return;
    throw new Error(`a savepoint of a restored savepoint holds another state: ${JSON.stringify(differences)}`);
  }

  #takeSavepoint(path: string): ReturnType<Engine['savepoint']> {
    this.#savepoints.delete(path);
    return this.engine.savepoint({ path, fsql: 'test', trigger: 'statement' });
  }

  /** Ends epochs until every source that somebody reads has read what there is: the others stay where they are. */
  async settle(): Promise<void> {
    this.#lastEpoch = await settleSources(this.engine.cluster, { outside: this.#bound.outside, turn: () => this.#turn() });
  }

  /** Where something outside is read, it gets its turn; else nothing takes time, and nothing waits. */
  #turn(): Promise<void> {
    return this.#bound.outside ? new Promise((resolve) => setImmediate(resolve)) : Promise.resolve();
  }

  async advanceWatermark(relation: Relation, micros: bigint): Promise<void> {
    this.#lastEpoch = await this.engine.cluster.advanceWatermark(relationId(relation), micros);
  }

  async close(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.session.close();
    await running?.engine.cluster.close();
  }

  #savepoint(path: string): Storage {
    const storage = this.#savepoints.get(path) ?? memoryStorage();
    this.#savepoints.set(path, storage);
    return storage;
  }

  #required(): RunningTest {
    if (this.#running === null) throw new Error('the database has crashed; restore it first');
    return this.#running;
  }
}
