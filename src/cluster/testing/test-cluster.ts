import { type Logger, seededRandom, silentLogger } from '../../base/index.ts';
import { type Epoch, rowsOf } from '../../batch/index.ts';
import type { SlotRegistries } from '../../runtime/index.ts';
import { type OperatorFactory, Registry, type SourceOperatorFactory } from '../../spi/index.ts';
import { MemoryDirectory, memoryScratchPlace, openMemoryStateStore } from '../../state/index.ts';
import type { Cluster } from '../cluster.ts';
import { type ClusterHooks, type ClusterOptions, createCluster } from '../create-cluster.ts';
import type { JobRequest } from '../job-manager/index.ts';
import { inThreadSlots } from '../slot/index.ts';
import type { SlotLauncher } from '../transport/index.ts';
import { TestClock } from './test-clock.ts';
import { testEmbeddedSource } from './test-embedded-source.ts';
import { type TestFailures, testOperators } from './test-operators.ts';
import { type TestTopic, testTopicSource } from './test-source.ts';

export function testRegistries(topics: ReadonlyMap<string, TestTopic>, failures: TestFailures): SlotRegistries {
  return {
    operators: new Registry<OperatorFactory>(testOperators(failures), (factory) => factory.kind),
    sources: new Registry<SourceOperatorFactory>([testTopicSource(topics), testEmbeddedSource], (factory) => factory.kind),
    functions: { byName: () => [], bySignature: () => undefined } as unknown as SlotRegistries['functions'],
    aggregates: new Registry([], () => ''),
    tableFunctions: new Registry([], () => ''),
    connectors: new Registry([], () => ''),
    formats: new Registry([], () => ''),
  };
}

export interface TestWorldOptions {
  readonly seed: number;
  readonly slots: number;
  readonly trace?: (step: string) => void;
  readonly logger?: Logger;
  /** Stands between the JobManager and its slots. */
  readonly between?: (slots: SlotLauncher) => SlotLauncher;
}

/** What survives a crash of the cluster under test: topics, data directory, clock. */
export class TestWorld {
  readonly topics = new Map<string, TestTopic>();
  readonly failures: TestFailures = { key: null, checkpoint: null, times: 0, error: null };
  readonly directory = new MemoryDirectory();
  readonly clock = new TestClock();
  readonly #options: TestWorldOptions;
  #starts = 0;

  constructor(options: TestWorldOptions) {
    this.#options = options;
  }

  start(jobs: readonly JobRequest[] = [], options: Partial<ClusterOptions> = {}): Promise<Cluster & ClusterHooks> {
    const random = seededRandom(this.#options.seed + ++this.#starts);
    const { clock } = this;
    const logger = this.#options.logger ?? silentLogger;
    const pause = (): Promise<void> => Promise.resolve();
    const trace = this.#options.trace;
    const slots = inThreadSlots({
      registries: testRegistries(this.topics, this.failures),
      clock,
      logger,
      scratch: memoryScratchPlace,
      random,
      pause,
      ...(trace === undefined ? {} : { trace }),
    });
    return createCluster({
      stateStore: openMemoryStateStore(this.directory),
      launcher: this.#options.between?.(slots) ?? slots,
      clock,
      random,
      logger,
      slots: this.#options.slots,
      epochIntervalMs: null,
      checkpointIntervalMs: null,
      thoroughChecks: true,
      batchRows: 16,
      channelBytes: 8 * 1024,
      jobs,
      ...options,
    });
  }
}

/** The relation's rows as text, sorted, with their multiplicity, and the epoch they were read at. */
export async function contentOf(cluster: Cluster, relation: string, atLeast: Epoch = 0): Promise<{ epoch: Epoch; rows: string[] }> {
  const pinned = await cluster.pin([relation], atLeast);
  try {
    return { epoch: pinned.epoch, rows: await rowsAt(cluster, relation, pinned) };
  } finally {
    pinned.release();
  }
}

export async function rowsAt(cluster: Cluster, relation: string, pinned: { readonly epoch: Epoch; release(): void }): Promise<string[]> {
  const width = cluster.jobs().find((job) => job.name === relation)?.kind === 'table' ? 3 : (WIDTHS.get(relation.split('_')[0]!) ?? 3);
  const rows: string[] = [];
  for await (const batch of cluster.scan(relation, pinned, { columns: Array.from({ length: width }, (_, index) => index) })) {
    rowsOf(batch).forEach((row, index) => {
      const weight = batch.weights === null ? 1 : batch.weights[index]!;
      rows.push(weight === 1 ? row.join(' ') : `${row.join(' ')} x${weight}`);
    });
  }
  return rows.sort();
}

/** Columns of test views by the first word of their names. */
const WIDTHS = new Map([
  ['pairs', 2],
  ['counts', 3],
  ['copy', 3],
]);
