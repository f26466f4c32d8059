import { Batch } from '../../batch/index.ts';
import type { Output, SourceOperator, SourceOperatorFactory, SourceReader, Split, SplitCut, SplitStatus } from '../../spi/index.ts';

/** The head of a stored table in tests: rows of the slot's embedded log reader, as they are. */
class TestEmbeddedSource implements SourceOperator {
  readonly watermarkDelayMicros = null;
  readonly #reader: SourceReader;
  readonly #positions = new Map<string, number>();
  #limits: ReadonlyMap<string, number> | null = null;

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  assign(splits: readonly { readonly split: Split; readonly from: SplitCut }[]): void {
    for (const { split, from } of splits) {
      this.#positions.set(split.id, from.position);
      this.#reader.addSplit(split, from.position);
    }
  }

  poll(rowsMax: number, out: Output): 'progress' | 'blocked' {
    const chunk = this.#reader.poll(rowsMax, (split) => this.#limits?.get(split) ?? Number.POSITIVE_INFINITY);
    if (chunk === null) return 'blocked';
    this.#positions.set(chunk.split, chunk.nextPosition);
    if (chunk.rowCount > 0) out.emit(new Batch(chunk.rowCount, chunk.columns!, chunk.weights));
    return 'progress';
  }

  cut(): readonly SplitCut[] {
    return [...this.#positions].map(([split, position]) => ({
      split,
      position,
      maxEventMicros: null,
      floorMicros: null,
      idle: false,
      finished: false,
      future: [],
    }));
  }

  limit(positions: ReadonlyMap<string, number> | null): void {
    this.#limits = positions;
  }

  limitReached(): boolean {
    return [...this.#positions].every(([split, position]) => position >= (this.#limits?.get(split) ?? position));
  }

  watermarkDecided(): void {}

  status(): readonly SplitStatus[] {
    return this.#reader.status();
  }

  problem(): null {
    return null;
  }

  setFields(): void {}

  close(): Promise<void> {
    return this.#reader.close();
  }
}

export const testEmbeddedSource: SourceOperatorFactory = {
  kind: 'test-embedded',
  version: 1,
  createSource: (parameters, environment) => new TestEmbeddedSource(environment.embeddedReader((parameters as { relation: string }).relation)),
};
