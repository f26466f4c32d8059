import { expect, test } from 'vitest';
import { type Clock, type Random, SqlError, seededRandom } from '../../../base/index.ts';
import { batchFromRows } from '../../../batch/index.ts';
import { int4Type } from '../../../types/index.ts';
import type { PartitionBatch } from '../row-records.ts';
import { jsonSinkContext, recordsOf } from '../testing/index.ts';
import { ExactlyOnceWriter, type OutboxLimits } from './exactly-once-writer.ts';
import type { MarkedOutput, OutputSession } from './marked-output.ts';
import { decodeMarker, encodeMarker, firstMarker, type Marker, nextMarker } from './marker.ts';

const SINK = 'the sink';
const EPOCHS = 12;
const RETAINED = 3;
const LIMITS: OutboxLimits = { checkpointBytes: 10_000, preparedBytesMax: 20_000 };
const lost = new SqlError({ code: '08006', message: 'lost', class: 'external' });

/** What becomes of a transaction: an error and no effect, an error and all of its effect, or no error. */
type Fate = 'refused' | 'unknown' | 'done';

/** A topic and its markers. Who opened last has the right to write. */
class ModelOutput implements MarkedOutput {
  readonly values: number[] = [];
  marker: Marker = firstMarker(SINK);
  opens = 0;
  fate: () => Fate = () => 'done';
  unreachable = 0;

  async open(): Promise<OutputSession> {
    if (this.unreachable-- > 0) throw lost;
    const own = ++this.opens;
    return {
      marker: this.marker,
      partitionCount: 2,
      retryCause: undefined,
      commit: async (batches, marker) => {
        if (own !== this.opens) throw lost;
        const fate = this.fate();
        if (fate !== 'refused') {
          this.values.push(...batches.flatMap(valuesOf));
          this.marker = decodeMarker(encodeMarker(marker));
        }
        if (fate !== 'done') throw lost;
      },
      close: () => undefined,
    };
  }
}

function valuesOf(batch: PartitionBatch): number[] {
  return recordsOf(batch, (columns, row) => (JSON.parse(new TextDecoder().decode(columns.value(row)!)) as { v: number }).v);
}

const clock: Clock = {
  nowMicros: () => 0n,
  monotonicMs: () => 0,
  after: (_delayMs, action) => {
    queueMicrotask(action);
    return { cancel: () => undefined };
  },
  every: () => ({ cancel: () => undefined }),
};

function newWriter(output: ModelOutput): ExactlyOnceWriter {
  const context = jsonSinkContext({ columns: [{ name: 'v', type: int4Type }], key: null, clock });
  return new ExactlyOnceWriter({ context, output, compression: 'none', limits: LIMITS });
}

function write(writer: ExactlyOnceWriter, epoch: number, rows: readonly number[]): void {
  if (rows.length > 0)
    writer.write(
      epoch,
      batchFromRows(
        [int4Type],
        rows.map((row) => [row]),
      ),
    );
}

/** Tries until it succeeds, as the sink does. */
async function commit(writer: ExactlyOnceWriter, epoch: number, bytes: Uint8Array): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const done = await writer.commit(epoch, bytes).then(
      () => true,
      (error: unknown) => {
        expect(error).toBe(lost);
        return false;
      },
    );
    if (done) return;
  }
  throw new Error('a commit never succeeds');
}

/** The sink's state at a checkpoint. */
interface Checkpoint {
  readonly epoch: number;
  readonly committables: ReadonlyMap<number, Uint8Array>;
}

class Crash extends Error {}

/** A sink that is run, crashes anywhere and is run again from one of the checkpoints that are retained; each epoch always has the same rows. */
class Scenario {
  readonly output = new ModelOutput();
  readonly #random: Random;
  readonly #rows: readonly (readonly number[])[];
  #checkpoints: Checkpoint[] = [{ epoch: 0, committables: new Map() }];
  crashes: number;

  constructor(random: Random, crashes: number) {
    this.#random = random;
    this.crashes = crashes;
    let next = 0;
    this.#rows = Array.from({ length: EPOCHS + 1 }, (_, epoch) =>
      epoch === 0 ? [] : Array.from({ length: random.nextInt(3) === 0 ? 0 : random.nextInt(4) }, () => next++),
    );
    this.output.fate = () => (this.crashes > 0 ? (['refused', 'unknown', 'done', 'done'] as const)[random.nextInt(4)]! : 'done');
  }

  rowsThrough(epoch: number): number[] {
    return this.#rows.slice(0, epoch + 1).flat();
  }

  async run(): Promise<void> {
    for (;;) {
      try {
        await this.#attempt(this.#chosen());
        return;
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
        this.#checkOutput();
      }
    }
  }

  /** The newest checkpoint, or an older one in place of a damaged one: what comes after it is forgotten then. */
  #chosen(): Checkpoint {
    if (this.#random.nextInt(4) === 0 && this.#checkpoints.length > 1)
      this.#checkpoints = this.#checkpoints.slice(0, -1 - this.#random.nextInt(this.#checkpoints.length - 1));
    return this.#checkpoints.at(-1)!;
  }

  async #attempt(from: Checkpoint): Promise<void> {
    const { output } = this;
    output.unreachable = this.#random.nextInt(3);
    const writer = newWriter(output);
    await writer.recover(
      from.epoch,
      [...from.committables].map(([epoch, bytes]) => ({ epoch, bytes })),
    );
    expect(writer.ready()).toBe(true);
    const waiting = new Map(from.committables);
    await this.#commitAll(writer, waiting);
    for (let epoch = from.epoch + 1; epoch <= EPOCHS; epoch++) {
      const rows = [...this.#rows[epoch]!];
      const middle = this.#random.nextInt(rows.length + 1);
      write(writer, epoch, rows.slice(middle));
      write(writer, epoch, rows.slice(0, middle));
      this.#maybeCrash();
      if (epoch < EPOCHS && this.#random.nextInt(2) === 0) continue;
      const bytes = writer.prepare(epoch);
      this.#maybeCrash();
      if (bytes !== null) waiting.set(epoch, bytes);
      this.#checkpoints = [...this.#checkpoints, { epoch, committables: new Map([...waiting].map(([key, value]) => [key, value.slice()])) }].slice(
        -RETAINED,
      );
      this.#maybeCrash();
      await this.#commitAll(writer, waiting);
      this.#maybeCrash();
    }
  }

  async #commitAll(writer: ExactlyOnceWriter, waiting: Map<number, Uint8Array>): Promise<void> {
    for (const [epoch, bytes] of [...waiting].sort(([left], [right]) => left - right)) {
      if (this.crashes > 0 && this.#random.nextInt(3) === 0) {
        await writer.commit(epoch, bytes).catch(() => undefined);
        this.#maybeCrash();
      }
      await commit(writer, epoch, bytes);
      waiting.delete(epoch);
    }
  }

  #maybeCrash(): void {
    if (this.crashes === 0 || this.#random.nextInt(8) > 0) return;
    this.crashes--;
    throw new Crash();
  }

  #checkOutput(): void {
    const { values } = this.output;
    expect(new Set(values).size, 'no row twice').toBe(values.length);
  }
}

test('each row leaves once, wherever it crashes, whatever becomes of transactions, and however old the checkpoint is', async () => {
  for (let seed = 1; seed <= 400; seed++) {
    const scenario = new Scenario(seededRandom(seed), 1 + (seed % 6));
    await scenario.run();
    expect(
      [...scenario.output.values].sort((left, right) => left - right),
      `seed ${seed}`,
    ).toEqual(scenario.rowsThrough(EPOCHS));
  }
});

test('nothing leaves before it is committed, and one transaction has all of a checkpoint', async () => {
  const output = new ModelOutput();
  const writer = newWriter(output);
  await writer.recover(0, []);
  write(writer, 1, [1, 2]);
  write(writer, 2, [3]);
  const bytes = writer.prepare(2)!;
  expect(output.values).toEqual([]);
  expect(writer.outbox()).toEqual({ bytes: 0, full: false, marker: null });
  await writer.commit(2, bytes);
  expect([...output.values].sort()).toEqual([1, 2, 3]);
  expect(writer.outbox().marker).toBe('epoch 2, 3 rows');
  expect(writer.prepare(3), 'nothing to commit without rows').toBeNull();
});

/** An output that is at epoch 4 and a writer whose state is of epoch 2. */
async function ahead(output: ModelOutput): Promise<ExactlyOnceWriter> {
  const first = newWriter(output);
  await first.recover(0, []);
  for (const epoch of [2, 4]) {
    write(first, epoch, [epoch]);
    await first.commit(epoch, first.prepare(epoch)!);
  }
  const second = newWriter(output);
  await second.recover(2, []);
  return second;
}

test('an output ahead of the state is gone through again without writing, up to where it is', async () => {
  const output = new ModelOutput();
  const writer = await ahead(output);
  write(writer, 4, [4]);
  expect(writer.prepare(4)).toBeNull();
  expect(output.values).toEqual([2, 4]);
  write(writer, 5, [5]);
  await writer.commit(5, writer.prepare(5)!);
  expect(output.values).toEqual([2, 4, 5]);
});

test('other rows than those that are out stop the sink, and nothing is written', async () => {
  const output = new ModelOutput();
  const other = await ahead(output);
  write(other, 4, [44]);
  expect(() => other.prepare(4)).toThrow(/has written up to epoch 4, and its state is of epoch 2/);
  expect(() => other.ready()).toThrow(/state is of epoch 2/);
  const fewer = await ahead(new ModelOutput());
  expect(() => write(fewer, 5, [5])).toThrow(/state is of epoch 2/);
  expect(output.values).toEqual([2, 4]);
});

test('a marker that does not reach back to the checkpoint stops the sink', async () => {
  const output = new ModelOutput();
  for (let epoch = 1; epoch <= 40; epoch++) output.marker = nextMarker(output.marker, { epoch, rows: 1n, digest: BigInt(epoch) });
  await expect(newWriter(output).recover(3, [])).rejects.toThrow(/written up to epoch 40, and its state is of epoch 3/);
});

test('a marker of somebody else stops the sink before it writes again', async () => {
  const output = new ModelOutput();
  const writer = newWriter(output);
  await writer.recover(0, []);
  write(writer, 1, [1]);
  const bytes = writer.prepare(1)!;
  const other = newWriter(output);
  await other.recover(0, []);
  write(other, 2, [7, 8]);
  await other.commit(2, other.prepare(2)!);
  await expect(writer.commit(1, bytes)).rejects.toBe(lost);
  await expect(writer.commit(1, bytes)).rejects.toThrow(/somebody else writes the output of sink "out"/);
  expect(() => writer.ready()).toThrow(/somebody else/);
  expect([...output.values].sort()).toEqual([7, 8]);
});

test('a full outbox asks for a checkpoint, and checkpoints that do not get out hold the rows back', async () => {
  const output = new ModelOutput();
  output.fate = () => 'refused';
  const writer = newWriter(output);
  await writer.recover(0, []);
  const many = Array.from({ length: 1000 }, (_, index) => index);
  expect(writer.outbox().full).toBe(false);
  write(writer, 1, many);
  expect(writer.outbox().full).toBe(true);
  const first = writer.prepare(1)!;
  expect(writer.ready()).toBe(true);
  write(writer, 2, many);
  writer.prepare(2);
  expect(writer.ready()).toBe(false);
  await expect(writer.commit(1, first)).rejects.toBe(lost);
  output.fate = () => 'done';
  await writer.commit(1, first);
  expect(writer.ready()).toBe(true);
});

test('bytes that are no marker are named as damage', () => {
  expect(() => decodeMarker(new TextEncoder().encode('{"version": 9}'))).toThrow(/marker of the sink cannot be read/);
});
