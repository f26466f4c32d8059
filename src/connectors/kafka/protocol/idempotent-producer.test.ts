import { expect, test } from 'vitest';
import { VirtualClock } from '../../../tools/sqltest/virtual-clock.ts';
import { IdempotentProducer, type ProducerConnection } from './idempotent-producer.ts';
import { RecordBatchEncoder } from './records/index.ts';
import { ErrorCode, type ProtocolRequest, type ThrottledAnswer, WireReader, WireWriter } from './wire/index.ts';

const BASE_SEQUENCE_AT = 53;
const RECORD_COUNT_AT = 57;
const INIT_PRODUCER_ID = 22;

/** A partition as a broker keeps it: what it has taken, and the sequence it expects of a producer it knows. */
class ModelBroker {
  readonly taken: number[] = [];
  mostUnderWay = 0;
  readonly #clock: VirtualClock;
  readonly #errors: Map<number, number>;
  #expected: number | undefined;
  #requests = 0;
  #underWay = 0;

  /** `errors`: what the request of that number (from 0) is answered with instead of being looked at. */
  constructor(clock: VirtualClock, errors: Readonly<Record<number, number>>) {
    this.#clock = clock;
    this.#errors = new Map(Object.entries(errors).map(([request, code]) => [Number(request), code]));
  }

  get connection(): ProducerConnection {
    const send = async <Answer extends ThrottledAnswer>(request: ProtocolRequest<Answer>): Promise<Answer> => {
      const writer = new WireWriter();
      request.encode(writer);
      const answer = request.api.key === INIT_PRODUCER_ID ? initAnswer() : await this.#produce(writer.finish());
      return request.decode(new WireReader(answer));
    };
    return {
      clock: this.#clock,
      requestTimeoutMs: 30_000,
      leaderOf: () => 1,
      send: (_node, request) => send(request),
      sendToAny: (request) => send(request),
      refreshMetadata: async () => undefined,
    };
  }

  async #produce(body: Buffer): Promise<Buffer> {
    const reader = new WireReader(body);
    reader.nullableString();
    reader.int16();
    reader.int32();
    reader.int32();
    reader.string();
    reader.int32();
    reader.int32();
    const batch = Buffer.from(reader.bytes()!);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.#underWay);
    const errorCode = this.#errors.get(this.#requests++) ?? this.#append(batch.readInt32BE(BASE_SEQUENCE_AT), batch.readInt32BE(RECORD_COUNT_AT));
    await new Promise<void>((resolve) => this.#clock.after(1, resolve));
    this.#underWay--;
    return produceAnswer(errorCode);
  }

  /** ProducerAppendInfo.checkSequence: a producer that is not known may begin anywhere. */
  #append(baseSequence: number, recordCount: number): number {
    if (this.#expected !== undefined && baseSequence !== this.#expected) return ErrorCode.outOfOrderSequenceNumber;
    this.#expected = baseSequence + recordCount;
    for (let record = 0; record < recordCount; record++) this.taken.push(baseSequence + record);
    return ErrorCode.none;
  }
}

function initAnswer(): Buffer {
  return new WireWriter().int32(0).int16(ErrorCode.none).int64(7n).int16(0).finish();
}

function produceAnswer(errorCode: number): Buffer {
  const writer = new WireWriter().int32(1).string('t').int32(1).int32(0).int16(errorCode);
  return writer.int64(0n).int64(-1n).int64(0n).int32(0).finish();
}

/** Writes `batches` of two records to a broker, at once, and returns the broker when all are acknowledged. */
async function written(batches: number, errors: Readonly<Record<number, number>>): Promise<ModelBroker> {
  const clock = new VirtualClock(0n);
  const broker = new ModelBroker(clock, errors);
  const producer = await IdempotentProducer.open(broker.connection);
  const encoder = new RecordBatchEncoder();
  const acknowledged = Array.from({ length: batches }, () => {
    for (let record = 0; record < 2; record++) encoder.append({ key: null, value: new Uint8Array(1), timestampMs: 0 });
    return producer.send('t', 0, encoder.take());
  });
  let done = false;
  const all = Promise.all(acknowledged).finally(() => {
    done = true;
  });
  while (!done) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advanceTo(clock.nowMicros() + 1000n);
  }
  await all;
  return broker;
}

const inOrder = (batches: number) => Array.from({ length: batches * 2 }, (_, record) => record);

test('several batches are under way once the broker has taken one', async () => {
  const broker = await written(20, {});
  expect(broker.taken).toEqual(inOrder(20));
  expect(broker.mostUnderWay).toBe(4);
});

test('a broker that refuses the first batch and is ready for the second gets the first again before any other', async () => {
  const broker = await written(8, { 0: ErrorCode.notLeaderOrFollower });
  expect(broker.taken).toEqual(inOrder(8));
});

test.each([1, 2, 5, 9])('a refusal of request %d is repeated in order', async (request) => {
  const broker = await written(12, { [request]: ErrorCode.notLeaderOrFollower, [request + 3]: ErrorCode.leaderNotAvailable });
  expect(broker.taken).toEqual(inOrder(12));
});
