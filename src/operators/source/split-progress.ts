import type { FixedColumn } from '../../batch/index.ts';
import type { FutureVerdict, SplitCut, SplitVerdicts } from '../../spi/index.ts';
import type { SourceWatermarkSpec } from './spec.ts';

/** What became of a row by its event time. */
export const RowVerdict = { kept: 0, late: 1, bad: 2 } as const;

/** Event times beyond this many microseconds from 1970 (the year 2255) are infinities or mistakes, and exact doubles end here. */
const EVENT_TIME_MAX = 2 ** 53;

/** Decoded rows of one chunk, in order: row r has the event time at r and lies at `positions[chunkRows[r]]`. */
export interface SourceRows {
  readonly times: FixedColumn;
  readonly positions: Float64Array;
  readonly chunkRows: Int32Array;
  readonly rowCount: number;
}

/** Some rows of a chunk that are judged by the same bounds: `from` to `to`, with the latest time that is not too far in the future. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly latestMicros: number;
}

/** What judge() has found, row by row; `lateBounds` gets the watermark before lateness that each late row has met, in order. */
interface Judgement {
  readonly verdicts: Uint8Array;
  readonly lateBounds: bigint[];
}

/**
 * How far one split has been read, and its event time. Everything here is a function of the split's own prefix and of recorded
 * verdicts, so whoever reads it again, with epochs cut elsewhere, decides the same (docs/semantics.md, Event time).
 */
export class SplitProgress {
  readonly split: string;
  position: number;
  idle: boolean;
  finished: boolean;
  #maxEvent: number;
  #floor: number;
  #future: FutureVerdict[] = [];

  constructor(from: SplitCut) {
    this.split = from.split;
    this.position = from.position;
    this.idle = from.idle;
    this.finished = from.finished;
    this.#maxEvent = from.maxEventMicros === null ? Number.NEGATIVE_INFINITY : Number(from.maxEventMicros);
    this.#floor = from.floorMicros === null ? Number.NEGATIVE_INFINITY : Number(from.floorMicros);
  }

  /** Verdicts are told once. */
  cut(): SplitCut {
    const future = this.#future;
    this.#future = [];
    return {
      split: this.split,
      position: this.position,
      maxEventMicros: toMicros(this.#maxEvent),
      floorMicros: toMicros(this.#floor),
      idle: this.idle,
      finished: this.finished,
      future,
    };
  }

  raiseFloor(micros: bigint): void {
    this.#floor = Math.max(this.#floor, Number(micros));
  }

  /**
   * Judges rows that nobody has judged before, in order, by the time of reading; returns how many are not kept. A row is late iff its time is below
   * max(largest time before it - bound, floor) - lateness; one later than `latestMicros` is bad. NULL is neither and moves nothing.
   */
  judge(rows: SourceRows, watermark: SourceWatermarkSpec, latestMicros: number, results: Judgement): number {
    const dropped = this.#judge(rows, watermark, { from: 0, to: rows.rowCount, latestMicros }, results);
    if (dropped > results.lateBounds.length) this.#noteFuture(rows, latestMicros, results.verdicts);
    return dropped;
  }

  /** As `judge`, for rows that were judged before: by the floors and the verdicts of then. */
  judgeAgain(rows: SourceRows, watermark: SourceWatermarkSpec, known: SplitVerdicts, results: Judgement): number {
    const { positions, chunkRows, rowCount } = rows;
    let [floor, future, dropped] = [0, 0, 0];
    for (let from = 0, to = 0; from < rowCount; from = to) {
      const position = positions[chunkRows[from]!]!;
      for (; floor < known.floors.length && known.floors[floor]!.position <= position; floor++) this.raiseFloor(known.floors[floor]!.micros);
      while (future < known.future.length && known.future[future]!.to <= position) future++;
      const verdict = known.future[future];
      const judged = verdict !== undefined && verdict.from <= position;
      const end = Math.min(
        known.floors[floor]?.position ?? Number.POSITIVE_INFINITY,
        judged ? verdict.to : (verdict?.from ?? Number.POSITIVE_INFINITY),
      );
      for (to = from + 1; to < rowCount && positions[chunkRows[to]!]! < end; ) to++;
      const latestMicros = judged ? Number(verdict.latestMicros) : Number.POSITIVE_INFINITY;
      dropped += this.#judge(rows, watermark, { from, to, latestMicros }, results);
    }
    return dropped;
  }

  #judge({ times }: SourceRows, watermark: SourceWatermarkSpec, { from, to, latestMicros }: Stretch, { verdicts, lateBounds }: Judgement): number {
    const delay = Number(watermark.delayMicros);
    const lateness = Number(watermark.latenessMicros);
    const { i32, valid } = times;
    const floor = this.#floor;
    let maxEvent = this.#maxEvent;
    let dropped = 0;
    for (let row = from; row < to; row++) {
      verdicts[row] = RowVerdict.kept;
      if (valid !== null && valid[row] === 0) continue;
      const time = i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0);
      const own = maxEvent - delay;
      const bound = Math.max(own, floor);
      if (time > latestMicros || time >= EVENT_TIME_MAX) {
        verdicts[row] = RowVerdict.bad;
        dropped++;
      } else if (time < bound - lateness) {
        verdicts[row] = RowVerdict.late;
        lateBounds.push(BigInt(bound));
        dropped++;
      } else if (time > maxEvent) {
        maxEvent = time;
      }
    }
    this.#maxEvent = maxEvent;
    return dropped;
  }

  #noteFuture({ positions, chunkRows, rowCount }: SourceRows, latest: number, verdicts: Uint8Array): void {
    if (!Number.isFinite(latest)) return;
    const latestMicros = BigInt(latest);
    for (let row = 0; row < rowCount; row++) {
      if (verdicts[row] !== RowVerdict.bad) continue;
      const from = positions[chunkRows[row]!]!;
      const last = this.#future.at(-1);
      if (last !== undefined && last.latestMicros === latestMicros && from <= last.to)
        this.#future[this.#future.length - 1] = { ...last, to: from + 1 };
      else this.#future.push({ from, to: from + 1, latestMicros });
    }
  }
}

function toMicros(value: number): bigint | null {
  return Number.isFinite(value) ? BigInt(value) : null;
}
