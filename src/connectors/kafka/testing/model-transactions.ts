import type { Clock, Random, Timer } from '../../../base/index.ts';
import { ErrorCode, type TopicPartition } from '../protocol/wire/index.ts';
import type { ModelPartition } from './model-partition.ts';

/** The coordinator has decided and writes the markers for at most so long; meanwhile it takes nothing else of that id. */
const MARKERS_MS_MAX = 40;
/** Kafka's INVALID_TXN_STATE. */
const INVALID_TRANSACTION_STATE = 48;

interface Transactional {
  readonly producerId: bigint;
  producerEpoch: number;
  state: 'empty' | 'ongoing' | 'ending';
  timeoutMs: number;
  readonly partitions: Map<string, ModelPartition>;
  timer: Timer | null;
}

/** Transactions by transactional id (KIP-98): one producer an id, the newest one; the markers follow the decision a little later. */
export class ModelTransactions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #known = new Map<string, Transactional>();
  #lastProducerId = 1000n;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** A producer; the one that had the id before is shut out, and what it has begun is aborted first. */
  init(
    transactionalId: string | null,
    timeoutMs: number,
  ): { readonly errorCode: number; readonly producerId: bigint; readonly producerEpoch: number } {
    if (transactionalId === null) return { errorCode: ErrorCode.none, producerId: ++this.#lastProducerId, producerEpoch: 0 };
    const known = this.#known.get(transactionalId);
    if (known === undefined) {
      const made: Transactional = {
        producerId: ++this.#lastProducerId,
        producerEpoch: 0,
        state: 'empty',
        timeoutMs,
        partitions: new Map(),
        timer: null,
      };
      this.#known.set(transactionalId, made);
      return { errorCode: ErrorCode.none, producerId: made.producerId, producerEpoch: 0 };
    }
    if (known.state === 'ongoing') {
      known.producerEpoch++;
      this.#decide(known, 'abort');
    }
    if (known.state === 'ending') return { errorCode: ErrorCode.concurrentTransactions, producerId: -1n, producerEpoch: -1 };
    known.producerEpoch++;
    known.timeoutMs = timeoutMs;
    return { errorCode: ErrorCode.none, producerId: known.producerId, producerEpoch: known.producerEpoch };
  }

  add(producer: AskingProducer, partitions: readonly (TopicPartition & { readonly log: ModelPartition })[]): number {
    const { known, errorCode } = this.#check(producer);
    if (known === null) return errorCode;
    if (known.state === 'ending') return ErrorCode.concurrentTransactions;
    for (const { topic, partition, log } of partitions) known.partitions.set(`${topic}/${partition}`, log);
    if (known.state === 'empty') {
      known.state = 'ongoing';
      known.timer = this.#clock.after(known.timeoutMs, () => {
        known.producerEpoch++;
        this.#decide(known, 'abort');
      });
    }
    return ErrorCode.none;
  }

  end(producer: AskingProducer, outcome: 'commit' | 'abort'): number {
    const { known, errorCode } = this.#check(producer);
    if (known === null) return errorCode;
    if (known.state === 'ending') return ErrorCode.concurrentTransactions;
    if (known.state === 'empty') return INVALID_TRANSACTION_STATE;
    this.#decide(known, outcome);
    return ErrorCode.none;
  }

  /** Whether a batch of the id may go into the partition: only while a transaction with it is open. */
  accepts(transactionalId: string, topic: string, partition: number): boolean {
    const known = this.#known.get(transactionalId);
    return known?.state === 'ongoing' && known.partitions.has(`${topic}/${partition}`);
  }

  #check({ transactionalId, producerId, producerEpoch }: AskingProducer): { readonly known: Transactional | null; readonly errorCode: number } {
    const known = this.#known.get(transactionalId);
    if (known === undefined || known.producerId !== producerId) return { known: null, errorCode: ErrorCode.unknownProducerId };
    if (known.producerEpoch !== producerEpoch) return { known: null, errorCode: ErrorCode.invalidProducerEpoch };
    return { known, errorCode: ErrorCode.none };
  }

  #decide(known: Transactional, outcome: 'commit' | 'abort'): void {
    known.state = 'ending';
    known.timer?.cancel();
    known.timer = null;
    const logs = [...known.partitions.values()];
    known.partitions.clear();
    const { producerId, producerEpoch } = known;
    let left = logs.length;
    for (const log of logs) {
      this.#clock.after(this.#random.nextInt(MARKERS_MS_MAX), () => {
        log.endTransaction({ producerId, producerEpoch }, outcome, Number(this.#clock.nowMicros() / 1000n));
        if (--left === 0) known.state = 'empty';
      });
    }
    if (left === 0) known.state = 'empty';
  }
}

export interface AskingProducer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}
