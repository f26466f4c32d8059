import type { Clock, Random } from '../../../base/index.ts';
import { type IsolationLevel, RecordBatchEncoder } from '../protocol/index.ts';
import { stampBatch } from '../protocol/records/index.ts';
import { ErrorCode, OffsetTimestamp, type WireReader, WireWriter } from '../protocol/wire/index.ts';
import { ModelPartition, type ModelRecord } from './model-partition.ts';
import { ModelTransactions } from './model-transactions.ts';

const NODES = [1, 2] as const;
const PORT = 9092;
/** Kafka's INVALID_TXN_STATE, and what a broker without the request answers. */
const INVALID_TRANSACTION_STATE = 48;
const UNSUPPORTED_VERSION = 35;

/** What a client connects to. */
export const MODEL_SERVERS = NODES.map((node) => `${hostOf(node)}:${PORT}`).join(',');

interface Topic {
  readonly name: string;
  readonly partitions: { readonly log: ModelPartition; leader: number }[];
}

/** With headers or without. */
export type AppendedRecord = Parameters<RecordBatchEncoder['append']>[0];

/** Two brokers with everything on both: what one has acknowledged the other has. Requests come and answers go as the bytes of the protocol. */
export class ModelCluster {
  readonly #clock: Clock;
  readonly #topics = new Map<string, Topic>();
  readonly #transactions: ModelTransactions;
  readonly #down = new Set<number>();
  #coordinator: number = NODES[0];

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#transactions = new ModelTransactions(clock, random);
  }

  createTopic(name: string, partitions: number): void {
    const made = Array.from({ length: partitions }, (_, partition) => ({
      log: new ModelPartition(partition),
      leader: NODES[partition % NODES.length]!,
    }));
    this.#topics.set(name, { name, partitions: made });
  }

  /** Records of somebody else, in one batch. */
  append(topic: string, partition: number, records: readonly AppendedRecord[]): void {
    const encoder = new RecordBatchEncoder();
    for (const record of records) encoder.append(record);
    const batch = encoder.take();
    stampBatch(batch, { producerId: -1n, producerEpoch: -1, baseSequence: -1, transactional: false });
    this.#topics.get(topic)!.partitions[partition]!.log.append(batch.bytes);
  }

  /** What a reader of committed records sees of a topic. */
  committed(topic: string): ModelRecord[] {
    return (this.#topics.get(topic)?.partitions ?? []).flatMap(({ log }) => log.committed());
  }

  /** A broker that is down answers nobody; the other leads. Both down: nobody answers. */
  setDown(node: 1 | 2, down: boolean): void {
    if (down) this.#down.add(node);
    else this.#down.delete(node);
    const up = NODES.filter((one) => !this.#down.has(one));
    if (up.length === 1) this.#leadBy(() => up[0]!);
  }

  /** Other leaders, another coordinator. */
  shuffleLeaders(random: Random): void {
    const up = NODES.filter((one) => !this.#down.has(one));
    if (up.length === NODES.length) this.#leadBy(() => NODES[random.nextInt(NODES.length)]!);
  }

  nodeAt(host: string): number | null {
    const node = NODES.find((one) => hostOf(one) === host);
    return node === undefined || this.#down.has(node) ? null : node;
  }

  /** Resolves with the body of the answer. */
  async handle(node: number, apiKey: number, request: WireReader): Promise<Buffer> {
    const answer = new WireWriter();
    switch (apiKey) {
      case 0:
        this.#produce(node, request, answer);
        break;
      case 1:
        await this.#fetch(node, request, answer);
        break;
      case 2:
        this.#listOffsets(node, request, answer);
        break;
      case 3:
        this.#metadata(request, answer);
        break;
      case 10:
        answer.int32(0).int16(ErrorCode.none).string(null).int32(this.#coordinator).string(hostOf(this.#coordinator)).int32(PORT);
        break;
      case 19:
        this.#createTopics(request, answer);
        break;
      case 22: {
        const made = this.#transactions.init(request.nullableString(), request.int32());
        answer.int32(0).int16(made.errorCode).int64(made.producerId).int16(made.producerEpoch);
        break;
      }
      case 24:
        this.#addPartitions(node, request, answer);
        break;
      case 26: {
        const producer = { transactionalId: request.string(), producerId: request.int64(), producerEpoch: request.int16() };
        const outcome = request.boolean() ? 'commit' : 'abort';
        answer.int32(0).int16(node === this.#coordinator ? this.#transactions.end(producer, outcome) : ErrorCode.notCoordinator);
        break;
      }
      default:
        answer.int32(0).int16(UNSUPPORTED_VERSION);
    }
    return answer.finish();
  }

  #leadBy(choose: () => number): void {
    for (const { partitions } of this.#topics.values()) for (const one of partitions) one.leader = choose();
    this.#coordinator = choose();
  }

  #led(node: number, topic: string, partition: number): { readonly log: ModelPartition | null; readonly errorCode: number } {
    const found = this.#topics.get(topic)?.partitions[partition];
    if (found === undefined) return { log: null, errorCode: ErrorCode.unknownTopicOrPartition };
    return found.leader === node ? { log: found.log, errorCode: ErrorCode.none } : { log: null, errorCode: ErrorCode.notLeaderOrFollower };
  }

  #produce(node: number, request: WireReader, answer: WireWriter): void {
    const transactionalId = request.nullableString();
    request.int16();
    request.int32();
    const topics = request.array(() => {
      const topic = request.string();
      return request.array(() => ({ topic, partition: request.int32(), bytes: request.bytes() }));
    });
    answer.array(topics.flat(), ({ topic, partition, bytes }) => {
      const { log, errorCode } = this.#led(node, topic, partition);
      const outside = log !== null && transactionalId !== null && !this.#transactions.accepts(transactionalId, topic, partition);
      const taken =
        log === null ? { errorCode, baseOffset: -1 } : outside ? { errorCode: this.#fenced(log, bytes), baseOffset: -1 } : log.append(bytes);
      answer.string(topic).int32(1).int32(partition).int16(taken.errorCode).int64(BigInt(taken.baseOffset)).int64(-1n).int64(0n);
    });
    answer.int32(0);
  }

  /** A batch outside a transaction is refused; one of an older producer says so, as it would be found first. */
  #fenced(log: ModelPartition, bytes: Uint8Array): number {
    return log.knowsNewer(bytes) ? ErrorCode.invalidProducerEpoch : INVALID_TRANSACTION_STATE;
  }

  async #fetch(node: number, request: WireReader, answer: WireWriter): Promise<void> {
    request.int32();
    const [waitMs, bytesMin] = [request.int32(), request.int32()];
    request.int32();
    const isolation: IsolationLevel = request.int8() === 1 ? 'read_committed' : 'read_uncommitted';
    request.int32();
    request.int32();
    const targets = request
      .array(() => {
        const topic = request.string();
        return request.array(() => {
          const [partition] = [request.int32(), request.int32()];
          const offset = request.offset();
          request.int64();
          return { topic, partition, offset, bytesMax: request.int32() };
        });
      })
      .flat();
    const deadlineMs = this.#clock.monotonicMs() + waitMs;
    let late = waitMs === 0;
    for (;;) {
      const found = targets.map((target) => {
        const { log, errorCode } = this.#led(node, target.topic, target.partition);
        if (log === null) return { target, log, errorCode, fetched: null };
        if (target.offset > log.end) return { target, log, errorCode: ErrorCode.offsetOutOfRange, fetched: null };
        return { target, log, errorCode, fetched: log.fetch(target.offset, isolation, target.bytesMax) };
      });
      const bytes = found.reduce((sum, { fetched }) => sum + (fetched?.records.length ?? 0), 0);
      const done = bytes >= bytesMin || found.some(({ errorCode }) => errorCode !== ErrorCode.none);
      if (!done && !late) {
        late = await this.#changeOf(
          found.flatMap(({ log }) => log ?? []),
          deadlineMs,
        );
        continue;
      }
      answer.int32(0).int16(ErrorCode.none).int32(0);
      answer.array(found, ({ target, log, errorCode, fetched }) => {
        answer.string(target.topic).int32(1).int32(target.partition).int16(errorCode);
        answer
          .offset(log?.end ?? 0)
          .offset(log?.lastStableOffset ?? 0)
          .offset(0);
        answer.array(fetched?.aborted ?? [], ({ producerId, firstOffset }) => answer.int64(producerId).offset(firstOffset));
        answer.int32(-1).bytes(fetched?.records ?? new Uint8Array(0));
      });
      return;
    }
  }

  /** False at a change; true when time is up, whatever rounding has made of that. */
  #changeOf(logs: readonly ModelPartition[], deadlineMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const ends: (() => void)[] = [];
      const end = (late: boolean): void => {
        for (const stop of ends) stop();
        resolve(late);
      };
      const timer = this.#clock.after(deadlineMs - this.#clock.monotonicMs(), () => end(true));
      ends.push(() => timer.cancel(), ...logs.map((log) => log.onChange(() => end(false))));
    });
  }

  #listOffsets(node: number, request: WireReader, answer: WireWriter): void {
    request.int32();
    const committed = request.int8() === 1;
    const asked = request
      .array(() => {
        const topic = request.string();
        return request.array(() => ({ topic, partition: request.int32(), timestamp: request.int64() }));
      })
      .flat();
    answer.int32(0);
    answer.array(asked, ({ topic, partition, timestamp }) => {
      const { log, errorCode } = this.#led(node, topic, partition);
      const at = (): number => {
        if (log === null) return -1;
        if (timestamp === OffsetTimestamp.earliest) return 0;
        if (timestamp === OffsetTimestamp.latest) return committed ? log.lastStableOffset : log.end;
        return log.offsetAt(Number(timestamp));
      };
      answer.string(topic).int32(1).int32(partition).int16(errorCode).int64(-1n).int64(BigInt(at()));
    });
  }

  #metadata(request: WireReader, answer: WireWriter): void {
    const count = request.int32();
    const names = count < 0 ? [...this.#topics.keys()] : Array.from({ length: count }, () => request.string());
    const up = NODES.filter((node) => !this.#down.has(node));
    answer.int32(0);
    answer.array(up, (node) => answer.int32(node).string(hostOf(node)).int32(PORT).string(null));
    answer.string('model').int32(up[0] ?? -1);
    answer.array(names, (name) => {
      const partitions = this.#topics.get(name)?.partitions ?? [];
      answer
        .int16(this.#topics.has(name) ? ErrorCode.none : ErrorCode.unknownTopicOrPartition)
        .string(name)
        .boolean(false);
      answer.array([...partitions.entries()], ([partition, { leader }]) => {
        answer.int16(ErrorCode.none).int32(partition).int32(leader);
        for (let list = 0; list < 2; list++) answer.array(up, (node) => answer.int32(node));
        answer.int32(0);
      });
    });
  }

  #createTopics(request: WireReader, answer: WireWriter): void {
    const wanted = request.array(() => {
      const topic = { name: request.string(), partitions: request.int32() };
      request.int16();
      request.array(() => [request.int32(), request.array(() => request.int32())]);
      request.array(() => [request.string(), request.nullableString()]);
      return topic;
    });
    answer.int32(0);
    answer.array(wanted, ({ name, partitions }) => {
      const exists = this.#topics.has(name);
      if (!exists) this.createTopic(name, Math.max(1, partitions));
      answer
        .string(name)
        .int16(exists ? ErrorCode.topicAlreadyExists : ErrorCode.none)
        .string(null);
    });
  }

  #addPartitions(node: number, request: WireReader, answer: WireWriter): void {
    const producer = { transactionalId: request.string(), producerId: request.int64(), producerEpoch: request.int16() };
    const asked = request
      .array(() => {
        const topic = request.string();
        return request.array(() => ({ topic, partition: request.int32() }));
      })
      .flat();
    const logs = asked.map((one) => ({ ...one, log: this.#topics.get(one.topic)?.partitions[one.partition]?.log }));
    const unknown = logs.some(({ log }) => log === undefined);
    const errorCode = (): number => {
      if (node !== this.#coordinator) return ErrorCode.notCoordinator;
      if (unknown) return ErrorCode.unknownTopicOrPartition;
      return this.#transactions.add(
        producer,
        logs.map((one) => ({ ...one, log: one.log! })),
      );
    };
    const code = errorCode();
    answer.int32(0);
    answer.array(asked, ({ topic, partition }) => answer.string(topic).int32(1).int32(partition).int16(code));
  }
}

function hostOf(node: number): string {
  return `broker-${node}`;
}
