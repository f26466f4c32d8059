import type { Timer } from '../../base/index.ts';
import type { SourceChunk, SourceContext, SourceReader, Split, SplitStatus } from '../../spi/index.ts';
import { type GeneratorShape, generateColumns } from './generate.ts';
import { fieldGenerator } from './options.ts';

interface OpenSplit {
  readonly split: Split;
  position: number;
  /** Monotonic time and position from which the rate is counted. */
  sinceMs: number;
  sincePosition: number;
}

/** Generates rows at the asked rate; a replay (positions behind the rate) runs as fast as it is taken. */
export class DatagenReader implements SourceReader {
  readonly #context: SourceContext;
  readonly #splits = new Map<string, OpenSplit>();
  readonly #rowsPerMs: number;
  readonly #timer: Timer;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#rowsPerMs = Number(context.options.get('rows-per-second') ?? 10_000) / 1000;
    this.#timer = context.clock.every(20, () => context.wake());
  }

  poll(rowsMax: number, limit: (split: string) => number): SourceChunk | null {
    for (const [id, open] of this.#splits) {
      const allowed = Math.min(this.#allowed(open, limit(id)), open.split.end ?? Number.POSITIVE_INFINITY);
      const count = Math.min(rowsMax, allowed - open.position);
      if (count > 0) return this.#take(open, count);
    }
    return null;
  }

  addSplit(split: Split, position: number): void {
    this.#splits.set(split.id, { split, position, sinceMs: this.#context.clock.monotonicMs(), sincePosition: position });
  }

  removeSplit(split: string): void {
    this.#splits.delete(split);
  }

  status(): readonly SplitStatus[] {
    return [...this.#splits.values()].map(({ split, position }) => ({
      split: split.id,
      endPosition: split.end,
      finished: split.end !== null && position >= split.end,
    }));
  }

  problem(): null {
    return null;
  }

  async close(): Promise<void> {
    this.#timer.cancel();
  }

  /** Exclusive position to read up to. A finite limit is a replay of rows that were there before: held to the rate it would never reach a reader that goes on. */
  #allowed(open: OpenSplit, limit: number): number {
    if (this.#rowsPerMs === 0) return limit;
    const nowMs = this.#context.clock.monotonicMs();
    if (limit !== Number.POSITIVE_INFINITY) {
      open.sinceMs = nowMs;
      open.sincePosition = Math.max(open.position, limit);
      return limit;
    }
    return open.sincePosition + Math.floor((nowMs - open.sinceMs) * this.#rowsPerMs);
  }

  #take(open: OpenSplit, count: number): SourceChunk {
    const from = open.position;
    open.position += count;
    return {
      split: open.split.id,
      nextPosition: open.position,
      rowCount: count,
      positions: Float64Array.from({ length: count }, (_, row) => from + row),
      messages: null,
      keys: null,
      columns: generateColumns(this.#shape(open.split), from, count),
      weights: null,
      timestampsMs: null,
      metadata: new Map(),
    };
  }

  #shape(split: Split): GeneratorShape {
    const { columns, options } = this.#context;
    return {
      columns,
      fields: columns.map((column) => fieldGenerator(column.name, options)),
      seed: Number(options.get('seed') ?? 1),
      startMicros: Number(split.parameters.startMicros),
      stepMicros: this.#rowsPerMs === 0 ? 100 : 1000 / this.#rowsPerMs,
    };
  }
}
