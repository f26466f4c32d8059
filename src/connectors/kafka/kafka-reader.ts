import { SqlError, SqlState, toSqlError } from '../../base/index.ts';
import { BytesColumn, type Column, FixedColumn } from '../../batch/index.ts';
import { headersAsColumn, type SourceChunk, type SourceContext, type SourceReader, type Split, type SplitStatus } from '../../spi/index.ts';
import { byteaType, int4Type, textType } from '../../types/index.ts';
import { propertiesOf, topicOf } from './options.ts';
import {
  connectionOptions,
  type FetchEvent,
  type FetchedPartition,
  fetcherOptions,
  KafkaConnection,
  type OpenLink,
  PartitionFetcher,
  RecordBatchReader,
  RecordColumns,
  readHeaders,
} from './protocol/index.ts';

interface OpenPartition {
  readonly split: Split;
  readonly partition: number;
  readonly reader: RecordBatchReader;
  /** Fetched and not yet decoded. */
  readonly waiting: FetchedPartition[];
  /** It has enough waiting, while others are read. */
  paused: boolean;
  /** What the reader is at, or has come to the end of. */
  current: FetchedPartition | null;
  position: number;
  endOffset: number | null;
  oldestOffset: number | null;
}

/** Wait before the next try to connect. */
const CONNECT_PAUSE_MS = 1000;

/** Reads partitions of one topic from explicit offsets. Connects by itself, and again after every failure; what it waits for is `problem`. */
export class KafkaReader implements SourceReader {
  readonly #context: SourceContext;
  readonly #openLink: OpenLink | undefined;
  readonly #topic: string;
  readonly #partitions = new Map<string, OpenPartition>();
  #connection: KafkaConnection | null = null;
  #fetcher: PartitionFetcher | null = null;
  #connecting = false;
  #problem: SqlError | null = null;
  #failure: SqlError | null = null;
  #turn = 0;
  #closed = false;
  #columns = new RecordColumns(0);

  constructor(context: SourceContext, openLink?: OpenLink) {
    this.#context = context;
    this.#openLink = openLink;
    this.#topic = topicOf(context.options);
  }

  poll(rowsMax: number, limit: (split: string) => number): SourceChunk | null {
    if (this.#failure !== null) throw this.#failure;
    const endOf = ({ split }: OpenPartition): number => Math.min(limit(split.id), split.end ?? Number.POSITIVE_INFINITY);
    this.#takeEvents(endOf);
    const open = [...this.#partitions.values()];
    for (let i = 0; i < open.length; i++) {
      const partition = open[(this.#turn + i) % open.length]!;
      const chunk = this.#read(partition, rowsMax, endOf(partition));
      if (chunk === null) continue;
      this.#turn = (this.#turn + i + 1) % open.length;
      return chunk;
    }
    return null;
  }

  addSplit(split: Split, position: number): void {
    const isolation = fetcherOptions(propertiesOf(this.#context.options)).isolation;
    const partition = Number(split.id);
    const reader = new RecordBatchReader(isolation);
    this.#partitions.set(split.id, {
      split,
      partition,
      reader,
      waiting: [],
      paused: false,
      current: null,
      position,
      endOffset: split.end,
      oldestOffset: null,
    });
    this.#fetcher?.assign([{ topic: this.#topic, partition, offset: position }]);
    this.#connect();
  }

  removeSplit(split: string): void {
    const open = this.#partitions.get(split);
    this.#partitions.delete(split);
    if (open !== undefined) this.#fetcher?.unassign(this.#topic, open.partition);
  }

  status(): readonly SplitStatus[] {
    return [...this.#partitions.values()].map(({ split, position, endOffset, oldestOffset }) => ({
      split: split.id,
      endPosition: endOffset,
      oldestPosition: oldestOffset,
      finished: split.end !== null && position >= split.end,
    }));
  }

  problem(): SqlError | null {
    return this.#problem ?? this.#fetcher?.retryCause ?? null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#fetcher?.close();
    this.#connection?.close();
  }

  /**
   * Fetched partitions move to the queue of their split, until one has something that may be read now: one that has come to its limit does not keep the others
   * from theirs. Events of a split that has been removed are dropped.
   */
  #takeEvents(endOf: (open: OpenPartition) => number): void {
    while (this.#fetcher !== null && this.#partitions.size > 0) {
      if ([...this.#partitions.values()].some((open) => open.waiting.length > 0 && open.position < endOf(open))) return;
      const event = this.#fetcher.poll();
      if (event === undefined) return;
      this.#take(event);
    }
  }

  #take(event: FetchEvent): void {
    const partition = event.kind === 'records' ? event.fetched.partition : event.partition;
    const open = this.#partitions.get(String(partition));
    if (open === undefined) return;
    if (event.kind === 'records') {
      // Whatever is taken from the fetcher lets it fetch more.
      if (open.waiting.push(event.fetched) > 1) this.#pause(open, true);
      open.endOffset = open.split.end ?? event.fetched.highWatermark;
      open.oldestOffset = event.fetched.logStartOffset;
    } else if (event.kind === 'failed') throw event.error;
    else this.#outOfRange(open, event);
  }

  #pause(open: OpenPartition, paused: boolean): void {
    if (open.paused === paused) return;
    open.paused = paused;
    if (paused) this.#fetcher!.pause(this.#topic, open.partition);
    else this.#fetcher!.resume(this.#topic, open.partition);
  }

  /** Rows that retention has removed are gone for every view: that is an error unless the user has said otherwise. */
  #outOfRange(open: OpenPartition, event: Extract<FetchEvent, { readonly kind: 'offset-out-of-range' }>): void {
    const policy = this.#context.options.get('scan.on_offset_out_of_range') ?? 'fail';
    if (policy === 'fail') {
      throw new SqlError({
        code: SqlState.offsetOutOfRange,
        message: `offset ${event.offset} of partition ${event.partition} of topic "${event.topic}" does not exist`,
        detail: `The partition has offsets ${event.logStartOffset} to ${event.highWatermark}.`,
        hint: "Rows were removed before they were read. Set scan.on_offset_out_of_range = 'earliest' to go on without them.",
        class: 'user',
      });
    }
    const offset = policy === 'earliest' ? event.logStartOffset : event.highWatermark;
    this.#context.logger.log('warn', 'rows were removed before they were read', {
      topic: event.topic,
      partition: event.partition,
      from: event.offset,
      to: offset,
    });
    open.position = offset;
    this.#fetcher!.seek({ topic: this.#topic, partition: open.partition, offset });
  }

  #read(open: OpenPartition, rowsMax: number, end: number): SourceChunk | null {
    while (open.position < end) {
      if (open.reader.exhausted) {
        // The rows given out last were taken before this poll.
        if (open.current !== null) {
          open.reader.close();
          this.#fetcher!.release(open.current);
        }
        open.current = null;
        const next = open.waiting.shift();
        if (open.waiting.length === 0) this.#pause(open, false);
        if (next === undefined) return null;
        open.reader.open(next);
        open.current = next;
      }
      if (this.#columns.capacity !== rowsMax) this.#columns = new RecordColumns(rowsMax);
      const columns = this.#columns;
      const found = open.reader.read(columns, end);
      // Control records and aborted batches move the position without giving rows.
      open.position = Math.max(open.position, open.reader.nextOffset);
      if (found) return this.#chunk(open, columns);
      if (!open.reader.exhausted && open.position < end) return null;
    }
    return null;
  }

  #chunk(open: OpenPartition, columns: RecordColumns): SourceChunk {
    const { rowCount, data } = columns;
    return {
      split: open.split.id,
      nextPosition: open.position,
      rowCount,
      positions: columns.offset.subarray(0, rowCount),
      messages: { count: rowCount, data, starts: columns.valueStart, ends: columns.valueEnd, reused: true },
      keys: { count: rowCount, data, starts: columns.keyStart, ends: columns.keyEnd },
      columns: null,
      weights: null,
      timestampsMs: columns.timestamp.subarray(0, rowCount),
      metadata: new ChunkMetadata(open.partition, this.#topic, columns),
    };
  }

  #connect(): void {
    if (this.#connecting || this.#fetcher !== null || this.#closed) return;
    this.#connecting = true;
    void this.#open().finally(() => {
      this.#connecting = false;
      this.#context.wake();
    });
  }

  async #open(): Promise<void> {
    const properties = propertiesOf(this.#context.options);
    try {
      const connection = await KafkaConnection.open(connectionOptions(properties), this.#context.clock, this.#openLink);
      await connection.refreshMetadata([this.#topic]);
      if (this.#closed) {
        connection.close();
        return;
      }
      this.#connection = connection;
      this.#fetcher = new PartitionFetcher(connection, fetcherOptions(properties), () => this.#context.wake());
      this.#fetcher.assign([...this.#partitions.values()].map((open) => ({ topic: this.#topic, partition: open.partition, offset: open.position })));
      this.#problem = null;
    } catch (error) {
      const problem = toSqlError(error);
      if (problem.class !== 'external') this.#failure = problem;
      this.#problem = problem;
      if (!this.#closed) this.#context.clock.after(CONNECT_PAUSE_MS, () => this.#connect());
    }
  }
}

/** Metadata columns are made when asked for: most relations declare none. */
class ChunkMetadata {
  readonly #partition: number;
  readonly #topic: string;
  readonly #columns: RecordColumns;

  constructor(partition: number, topic: string, columns: RecordColumns) {
    this.#partition = partition;
    this.#topic = topic;
    this.#columns = columns;
  }

  get(key: string): Column | undefined {
    const { rowCount } = this.#columns;
    if (key === 'partition') {
      const column = new FixedColumn(int4Type, new Float64Array(rowCount), null);
      for (let row = 0; row < rowCount; row++) column.i32[2 * row] = this.#partition;
      return column;
    }
    if (key === 'topic') {
      const data = new TextEncoder().encode(this.#topic);
      return new BytesColumn(textType, { data, starts: new Int32Array(rowCount), ends: new Int32Array(rowCount).fill(data.length), valid: null });
    }
    if (key === 'key') return this.#keys();
    return headersAsColumn(key, { count: rowCount, headersOf: (row) => readHeaders(this.#columns, row) });
  }

  #keys(): Column {
    const { rowCount, data, keyStart, keyEnd } = this.#columns;
    const valid = new Uint8Array(rowCount);
    const starts = new Int32Array(rowCount);
    const ends = new Int32Array(rowCount);
    for (let row = 0; row < rowCount; row++) {
      if (keyStart[row]! < 0) continue;
      valid[row] = 1;
      starts[row] = keyStart[row]!;
      ends[row] = keyEnd[row]!;
    }
    return new BytesColumn(byteaType, { data, starts, ends, valid });
  }
}
