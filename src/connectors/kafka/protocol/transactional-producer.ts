import type { SqlError } from '../../../base/index.ts';
import { IdempotentProducer, type ProducerOptions } from './idempotent-producer.ts';
import type { KafkaConnection } from './kafka-connection.ts';
import { KafkaError, mayPass } from './kafka-error.ts';
import { retrying } from './pause.ts';
import type { EncodedBatch } from './records/index.ts';
import {
  addPartitionsToTransactionRequest,
  ErrorCode,
  endTransactionRequest,
  findCoordinatorRequest,
  initProducerIdRequest,
  isRetriable,
  type ProducerIdentity,
  type ProtocolRequest,
  type ThrottledAnswer,
  type TopicPartition,
} from './wire/index.ts';

export interface TransactionalOptions extends Partial<ProducerOptions> {
  readonly transactionalId: string;
  /** The broker aborts a transaction of which it hears nothing for so long. */
  readonly transactionTimeoutMs: number;
}

/**
 * Writes record batches in transactions (KIP-98): readers of committed records see all of one or nothing of it.
 *
 * Opening settles what an earlier producer of the id has left, one way or the other, and shuts that producer out. After any error nothing is known of the
 * transaction: close this producer, open another one and look at what was committed. Nothing is ever sent or ended a second time by the same one, since a
 * late answer to an older request could then hit a newer transaction (Jepsen on KIP-890's predecessors).
 */
export class TransactionalProducer {
  readonly #connection: KafkaConnection;
  readonly #coordinator: Coordinator;
  readonly #identity: ProducerIdentity;
  readonly #records: IdempotentProducer;

  /** Errors: 42501 where the id may not be used, 22023 where the broker refuses the timeout, 0A000 from a broker without transactions. */
  static async open(connection: KafkaConnection, options: TransactionalOptions): Promise<TransactionalProducer> {
    const { transactionalId, transactionTimeoutMs } = options;
    const coordinator = new Coordinator(connection, transactionalId);
    const identity = await coordinator.ask('open transactions of', async (send) => {
      const answer = await send(initProducerIdRequest({ transactionalId, transactionTimeoutMs }));
      return { errorCode: answer.errorCode, value: { transactionalId, producerId: answer.producerId, producerEpoch: answer.producerEpoch } };
    });
    return new TransactionalProducer(connection, coordinator, identity, options);
  }

  private constructor(connection: KafkaConnection, coordinator: Coordinator, identity: ProducerIdentity, options: Partial<ProducerOptions>) {
    this.#connection = connection;
    this.#coordinator = coordinator;
    this.#identity = identity;
    this.#records = IdempotentProducer.withIdentity(connection, identity, options);
  }

  /** Why batches do not get on at the moment; undefined when they do. */
  get retryCause(): SqlError | undefined {
    return this.#records.retryCause;
  }

  /** Begins a transaction that writes to these partitions and no others. */
  async begin(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#connection.refreshMetadata([...new Set(partitions.map(({ topic }) => topic))]);
    await this.#coordinator.ask('begin a transaction of', async (send) => {
      const { results } = await send(addPartitionsToTransactionRequest(this.#identity, partitions));
      const refused = worst(results);
      if (refused === undefined || isRetriable(refused.errorCode)) return { errorCode: refused?.errorCode ?? ErrorCode.none, value: undefined };
      throw new KafkaError({ errorCode: refused.errorCode, action: 'write to', subject: `topic "${refused.topic}"` });
    });
  }

  /** Takes over a batch for a partition named in `begin`. The records arrive in order; errors come out of `drained` and `end`. */
  send(topic: string, partition: number, batch: EncodedBatch): void {
    void this.#records.send(topic, partition, batch).catch(() => undefined);
  }

  /** Waits until at most `bytesMax` are not acknowledged. */
  drained(bytesMax: number): Promise<void> {
    return this.#records.drained(bytesMax);
  }

  /** Ends the transaction when all of it has arrived. An error leaves the outcome open. */
  async end(outcome: 'commit' | 'abort'): Promise<void> {
    if (outcome === 'commit') await this.#records.flush();
    await this.#coordinator.ask(`${outcome} a transaction of`, async (send) => {
      const { errorCode } = await send(endTransactionRequest(this.#identity, outcome));
      return { errorCode, value: undefined };
    });
  }

  /** Ends at once, in the middle of whatever it does; the connection stays with its owner. */
  close(): void {
    this.#records.close();
  }
}

type Send = <Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>) => Promise<Answer>;

/** The broker that keeps the transactions of one id, looked up again where it has moved. */
class Coordinator {
  readonly #connection: KafkaConnection;
  readonly #transactionalId: string;
  #nodeId: number | null = null;

  constructor(connection: KafkaConnection, transactionalId: string) {
    this.#connection = connection;
    this.#transactionalId = transactionalId;
  }

  /**
   * Asks until the coordinator takes the request. Only a refusal is repeated: it says that nothing was done. An attempt without an answer is not, but for the
   * look-up, which changes nothing.
   */
  async ask<Value>(action: string, exchange: (send: Send) => Promise<{ readonly errorCode: number; readonly value: Value }>): Promise<Value> {
    const { clock, requestTimeoutMs } = this.#connection;
    const refusal = (error: unknown): boolean => error instanceof KafkaError && isRetriable(error.errorCode);
    return retrying({ clock, timeoutMs: requestTimeoutMs, mayPass: refusal }, async () => {
      this.#nodeId ??= await this.#find();
      const nodeId = this.#nodeId;
      const { errorCode, value } = await exchange((request) => this.#connection.send(nodeId, request));
      if (errorCode === ErrorCode.none) return value;
      // The one that is just ending its last transaction is the right one.
      if (errorCode !== ErrorCode.concurrentTransactions) this.#nodeId = null;
      throw new KafkaError({ errorCode, action, subject: `transactional id "${this.#transactionalId}"` });
    });
  }

  async #find(): Promise<number> {
    const { clock, requestTimeoutMs } = this.#connection;
    return retrying({ clock, timeoutMs: requestTimeoutMs, mayPass }, async () => {
      await this.#connection.refreshMetadata([]);
      const answer = await this.#connection.sendToAny(findCoordinatorRequest(this.#transactionalId));
      if (answer.errorCode === ErrorCode.none) return answer.nodeId;
      throw new KafkaError({
        errorCode: answer.errorCode,
        action: 'find the coordinator of',
        subject: `transactional id "${this.#transactionalId}"`,
      });
    });
  }
}

/** A refusal for good outweighs one that passes. */
function worst<Result extends { readonly errorCode: number }>(results: readonly Result[]): Result | undefined {
  // The broker refuses all partitions where it refuses one; the others say only that they were not tried.
  const failed = results.filter(({ errorCode }) => errorCode !== ErrorCode.none && errorCode !== ErrorCode.operationNotAttempted);
  return failed.find(({ errorCode }) => !isRetriable(errorCode)) ?? failed[0];
}
