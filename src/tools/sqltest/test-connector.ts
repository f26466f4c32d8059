import { BytesColumn, type Column, columnFromDatums, projectBatch } from '../../batch/index.ts';
import {
  type ConnectorDefinition,
  checkPartitioner,
  headersAsColumn,
  headersColumn,
  headersMetadata,
  headersOfRow,
  RecordPartitions,
  recordCopies,
  type SinkContext,
  type SinkWriter,
  type SourceChunk,
  type SourceContext,
  type SourceReader,
  type Split,
  type SplitStatus,
  timestampColumn,
  timestampMsOf,
  valueColumns,
} from '../../spi/index.ts';
import { byteaType, int4Type, int8Type, textType } from '../../types/index.ts';
import { HeldWriter } from './held-writer.ts';
import type { TestRecord, TestTopics } from './test-topics.ts';
import { TopicLookup } from './topic-lookup.ts';

/** Name the test runner binds external connectors to. */
export const TEST_CONNECTOR = 'test-topic';

/** In-memory topics as a connector: bytes are decoded and encoded by the format of the statement, as with the real system. */
export function testConnector(topics: TestTopics): ConnectorDefinition {
  return {
    name: TEST_CONNECTOR,
    description: 'In-memory topics of a test.',
    options: [{ name: '*', type: 'text', description: 'Options of the connector it stands for.' }],
    metadata: [
      { key: 'partition', type: int4Type, description: 'Partition.' },
      { key: 'offset', type: int8Type, description: 'Offset.' },
      { key: 'timestamp', type: { kind: 'timestamptz', precision: 3 }, description: 'Time of writing.' },
      { key: 'topic', type: textType, description: 'Topic.' },
      { key: 'key', type: byteaType, description: 'Key.' },
      ...headersMetadata,
    ],
    source: {
      needsFormat: true,
      bounded: isBounded,
      listSplits: async (options) => listSplits(topics, options),
      createReader: (context) => new TopicReader(topics, context),
    },
    sink: {
      needsFormat: true,
      acceptsUpdates: 'with-key',
      delivery,
      oneWriter: (options) => delivery(options) === 'exactly-once',
      check: async (options, { columns, key }) => {
        checkPartitioner({ options, columns, key });
        timestampColumn(options, columns);
        headersColumn(options, columns);
      },
      createWriter: (context) => createWriter(topics, context),
    },
    lookup: { createReader: (context) => new TopicLookup(topics, topicName(context.options), context) },
  };
}

function delivery(options: ReadonlyMap<string, string>): 'at-least-once' | 'exactly-once' {
  return options.get('sink.delivery-guarantee') === 'exactly-once' ? 'exactly-once' : 'at-least-once';
}

function createWriter(topics: TestTopics, context: SinkContext): SinkWriter {
  const { job } = context;
  if (job !== null && delivery(context.options) === 'exactly-once') {
    return new HeldWriter(topics, { job, topic: topicName(context.options) }, (append) => new TopicWriter(topics, context, append));
  }
  return new TopicWriter(topics, context, (record, partition) => topics.append(topicName(context.options), partition, record));
}

function isBounded(options: ReadonlyMap<string, string>): boolean {
  return (options.get('scan.bounded.mode') ?? 'unbounded') !== 'unbounded';
}

export function topicName(options: ReadonlyMap<string, string>): string {
  return options.get('topic') ?? options.get('path') ?? options.get('table-name') ?? '';
}

function listSplits(topics: TestTopics, options: ReadonlyMap<string, string>): Split[] {
  const topic = topicName(options);
  return Array.from({ length: topics.partitionCount(topic) }, (_, partition) => {
    const size = topics.records(topic, partition).length;
    const latest = (options.get('scan.startup.mode') ?? '').startsWith('latest');
    return { id: String(partition), parameters: { topic }, start: latest ? size : 0, end: isBounded(options) ? size : null };
  });
}

class TopicReader implements SourceReader {
  readonly #topics: TestTopics;
  readonly #topic: string;
  readonly #splits = new Map<string, { readonly split: Split; position: number }>();
  readonly #stopListening: () => void;

  constructor(topics: TestTopics, context: SourceContext) {
    this.#topics = topics;
    this.#topic = topicName(context.options);
    this.#stopListening = topics.listen(this.#topic, context.wake);
  }

  poll(rowsMax: number, limit: (split: string) => number): SourceChunk | null {
    for (const [id, open] of this.#splits) {
      const records = this.#topics.records(this.#topic, Number(id));
      const end = Math.min(records.length, limit(id), open.split.end ?? Number.POSITIVE_INFINITY, open.position + rowsMax);
      if (end <= open.position) continue;
      const from = open.position;
      open.position = end;
      return this.#chunk(id, from, records.slice(from, end));
    }
    return null;
  }

  addSplit(split: Split, position: number): void {
    this.#splits.set(split.id, { split, position });
  }

  removeSplit(split: string): void {
    this.#splits.delete(split);
  }

  status(): readonly SplitStatus[] {
    return [...this.#splits.values()].map(({ split, position }) => ({
      split: split.id,
      endPosition: split.end ?? this.#topics.records(this.#topic, Number(split.id)).length,
      oldestPosition: 0,
      finished: split.end !== null && position >= split.end,
    }));
  }

  problem(): null {
    return null;
  }

  async close(): Promise<void> {
    this.#stopListening();
  }

  #chunk(split: string, from: number, records: readonly TestRecord[]): SourceChunk {
    const count = records.length;
    const values = packed(records.map((record) => record.value));
    const keys = packed(records.map((record) => record.key));
    const metadata = new Map<string, Column>([
      [
        'partition',
        columnFromDatums(
          int4Type,
          records.map(() => Number(split)),
        ),
      ],
      [
        'topic',
        columnFromDatums(
          textType,
          records.map(() => this.#topic),
        ),
      ],
      [
        'key',
        new BytesColumn(byteaType, {
          data: keys.data,
          starts: keys.starts.map((start) => Math.max(start, 0)),
          ends: keys.ends,
          valid: Uint8Array.from(keys.starts, (start) => (start < 0 ? 0 : 1)),
        }),
      ],
    ]);
    return {
      split,
      nextPosition: from + count,
      rowCount: count,
      positions: Float64Array.from({ length: count }, (_, row) => from + row),
      messages: { count, ...values },
      keys: { count, ...keys },
      columns: null,
      weights: null,
      timestampsMs: Float64Array.from(records, (record) => record.timestampMs),
      metadata: { get: (key) => metadata.get(key) ?? headersAsColumn(key, { count, headersOf: (row) => records[row]!.headers ?? [] }) },
    };
  }
}

function packed(values: readonly (Uint8Array | null)[]): { data: Uint8Array; starts: Int32Array; ends: Int32Array } {
  const starts = new Int32Array(values.length);
  const ends = new Int32Array(values.length);
  const data = Buffer.concat(values.map((value) => value ?? new Uint8Array(0)));
  let at = 0;
  values.forEach((value, index) => {
    starts[index] = value === null ? -1 : at;
    at += value?.length ?? 0;
    ends[index] = value === null ? 0 : at;
  });
  return { data, starts, ends };
}

/** Writes at once: what a test sees is what would have left. */
class TopicWriter implements SinkWriter {
  readonly #append: (record: TestRecord, partition: number) => void;
  readonly #topics: TestTopics;
  readonly #partitions: RecordPartitions;
  readonly #context: SinkContext;
  readonly #encoder;
  readonly #keyEncoder;
  /** Positions of the columns in the value. */
  readonly #valueColumns: readonly number[];
  readonly #changes: boolean;
  readonly #timestampColumn: number | null;
  readonly #headersColumn: number | null;

  constructor(topics: TestTopics, context: SinkContext, append: (record: TestRecord, partition: number) => void) {
    this.#append = append;
    this.#topics = topics;
    this.#partitions = new RecordPartitions(context);
    this.#context = context;
    const format = context.formats.get(context.options.get('format') ?? 'json')!;
    this.#changes = format.changelogMode === 'retract';
    this.#timestampColumn = timestampColumn(context.options, context.columns);
    this.#headersColumn = headersColumn(context.options, context.columns);
    this.#valueColumns = valueColumns(context);
    this.#encoder = format.createEncoder(
      this.#valueColumns.map((index) => context.columns[index]!),
      context.options,
    );
    const keyFormat = context.formats.get(context.options.get('key.format') ?? 'json')!;
    this.#keyEncoder =
      context.key === null
        ? null
        : keyFormat.createEncoder(
            context.key.map((index) => context.columns[index]!),
            context.options,
          );
  }

  ready(): boolean {
    return true;
  }

  write(_epoch: number, batch: Parameters<SinkWriter['write']>[1]): void {
    const values = this.#encoder.encode(projectBatch(batch, this.#valueColumns));
    const keyBatch = this.#context.key === null ? null : { ...batch, columns: this.#context.key.map((index) => batch.columns[index]!) };
    const keys = keyBatch === null || this.#keyEncoder === null ? null : this.#keyEncoder.encode(keyBatch);
    const partitionCount = this.#topics.partitionCount(topicName(this.#context.options));
    for (let row = 0; row < batch.rowCount; row++) {
      const weight = batch.weights === null ? 1 : batch.weights[row]!;
      const key = keys === null ? null : keys.data.slice(keys.starts[row], keys.ends[row]);
      const value = weight < 0 && !this.#changes ? null : values.data.slice(values.starts[row], values.ends[row]);
      const timestampMs = timestampMsOf(batch, row, { column: this.#timestampColumn, otherwise: Number(this.#context.clock.nowMicros() / 1000n) });
      const headers = this.#headersColumn === null ? [] : headersOfRow(batch, row, this.#headersColumn);
      const copies = recordCopies(weight, this.#context, this.#changes);
      for (let copy = 0; copy < copies; copy++) {
        const said = this.#partitions.next(batch, row, partitionCount);
        this.#append({ key, value, timestampMs, headers }, said < 0 ? this.#topics.insertPartition : said);
      }
    }
  }

  flushed(): boolean {
    return true;
  }

  prepare(): null {
    return null;
  }

  async commit(): Promise<void> {
    // Written means out.
  }

  async recover(): Promise<void> {
    // The replay writes again, as at-least-once says.
  }

  async close(): Promise<void> {
    // Topics belong to the test.
  }
}
