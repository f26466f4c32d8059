import { SqlError, SqlState } from '../../base/index.ts';
import { batchFromRows } from '../../batch/index.ts';
import type { OperatorEnvironment, Output, SourceOperator, SourceOperatorFactory, Split, SplitCut, SplitStatus } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';

/** Rows of a test topic: [key, value, event time in micros]. */
export type TestRow = readonly [key: bigint, value: bigint, at: bigint];

export const TEST_TYPES: readonly SqlType[] = [{ kind: 'int8' }, { kind: 'int8' }, { kind: 'int8' }];

/** In-memory partitions the `test-topic` source reads. Row `poison` makes the reader fail while it is set; readers that come to offset `heldFrom` wait while that is. */
export class TestTopic {
  readonly partitions: TestRow[][];
  poison: { partition: number; offset: number; error: SqlError } | null = null;
  heldFrom: number | null = null;
  readonly #wakes = new Set<() => void>();

  constructor(partitionCount: number) {
    this.partitions = Array.from({ length: partitionCount }, () => []);
  }

  append(partition: number, ...rows: TestRow[]): void {
    this.partitions[partition]!.push(...rows);
    for (const wake of this.#wakes) wake();
  }

  release(): void {
    this.heldFrom = null;
    for (const wake of this.#wakes) wake();
  }

  onAppend(wake: () => void): void {
    this.#wakes.add(wake);
  }
}

/** Generated rows, for slots in other threads that share no topic: row o of split s. */
export function generatedRow(split: number, offset: number): TestRow {
  return [BigInt((offset * 7 + split) % 97), BigInt(offset % 1000), BigInt(offset)];
}

interface Reading {
  readonly split: Split;
  position: number;
  maxEvent: bigint | null;
  finished: boolean;
}

const DELAY_MICROS = 10n;

class TestSource implements SourceOperator {
  readonly watermarkDelayMicros = DELAY_MICROS;
  readonly #topic: TestTopic | null;
  readonly #splits: Reading[] = [];
  #limits: ReadonlyMap<string, number> | null = null;
  #fields: readonly (readonly number[])[] | null = null;
  #next = 0;

  constructor(topic: TestTopic | null, environment: OperatorEnvironment) {
    this.#topic = topic;
    topic?.onAppend(() => environment.wake());
  }

  assign(splits: readonly { readonly split: Split; readonly from: SplitCut }[]): void {
    for (const { split, from } of splits) {
      this.#splits.push({ split, position: from.position, maxEvent: from.maxEventMicros, finished: from.finished });
    }
  }

  poll(rowsMax: number, out: Output): 'progress' | 'blocked' | 'finished' {
    for (let tried = 0; tried < this.#splits.length; tried++) {
      const reading = this.#splits[this.#next++ % this.#splits.length]!;
      const rows = this.#rows(reading, rowsMax);
      if (rows.length === 0) continue;
      reading.position += rows.length;
      for (const [, , at] of rows) if (reading.maxEvent === null || at > reading.maxEvent) reading.maxEvent = at;
      const columns = this.#fields ?? [[0], [1], [2]];
      const types = columns.map(([index]) => TEST_TYPES[index!]!);
      const values = rows.map((row) => columns.map(([index]) => row[index!]!));
      out.emit(batchFromRows(types, values));
      return 'progress';
    }
    for (const reading of this.#splits) reading.finished = reading.split.end !== null && reading.position >= reading.split.end;
    return this.#splits.length > 0 && this.#splits.every((reading) => reading.finished) ? 'finished' : 'blocked';
  }

  #rows(reading: Reading, rowsMax: number): readonly TestRow[] {
    const index = Number(reading.split.id);
    const limit = Math.min(this.#limits?.get(reading.split.id) ?? Number.POSITIVE_INFINITY, reading.split.end ?? Number.POSITIVE_INFINITY);
    const { position } = reading;
    if (this.#topic === null) {
      const end = Math.min(limit, position + rowsMax);
      return Array.from({ length: Math.max(0, end - position) }, (_, row) => generatedRow(index, position + row));
    }
    const { poison, heldFrom } = this.#topic;
    const end = Math.min(limit, position + rowsMax, heldFrom ?? Number.POSITIVE_INFINITY);
    if (poison !== null && poison.partition === index && poison.offset >= position && poison.offset < end) throw poison.error;
    return this.#topic.partitions[index]!.slice(position, Math.max(position, end));
  }

  cut(): readonly SplitCut[] {
    return this.#splits.map(({ split, position, maxEvent }) => ({
      split: split.id,
      position,
      maxEventMicros: maxEvent,
      floorMicros: null,
      idle: false,
      finished: split.end !== null && position >= split.end,
      future: [],
    }));
  }

  limit(positions: ReadonlyMap<string, number> | null): void {
    this.#limits = positions;
  }

  limitReached(): boolean {
    return this.#splits.every(({ split, position }) => position >= (this.#limits?.get(split.id) ?? position));
  }

  watermarkDecided(): void {}

  status(): readonly SplitStatus[] {
    return this.#splits.map(({ split, finished }) => ({
      split: split.id,
      endPosition: this.#topic?.partitions[Number(split.id)]?.length ?? null,
      finished,
    }));
  }

  problem(): SqlError | null {
    return null;
  }

  setFields(fields: readonly (readonly number[])[]): void {
    this.#fields = fields;
  }

  async close(): Promise<void> {}
}

export function testTopicSource(topics: ReadonlyMap<string, TestTopic>): SourceOperatorFactory {
  return {
    kind: 'test-topic',
    version: 1,
    createSource: (parameters, environment) => {
      const name = (parameters as { topic: string | null }).topic;
      return new TestSource(name === null ? null : topics.get(name)!, environment);
    },
  };
}

export function poisonError(message: string): SqlError {
  return new SqlError({ code: SqlState.divisionByZero, message, class: 'user' });
}

/** Something outside is away for the moment: the job restarts. */
export function goneError(): SqlError {
  return new SqlError({ code: SqlState.externalSystemError, message: 'gone', class: 'external' });
}
