import type { FixedColumn } from '../../batch/index.ts';
import type { SplitCut } from '../../spi/index.ts';
import type { SourceWatermarkSpec } from './spec.ts';

/** What became of a row by its event time. */
export const RowVerdict = { kept: 0, late: 1, bad: 2 } as const;

/** Event times beyond this many microseconds from 1970 (the year 2255) are infinities or mistakes, and exact doubles end here. */
const EVENT_TIME_MAX = 2 ** 53;

/**
 * How far one split has been read, and its event time. Everything here is a function of the split's own prefix and the
 * recorded floor, so a replay that cuts epochs elsewhere decides the same (semantics.md 2).
 */
export class SplitProgress {
  readonly split: string;
  position: number;
  idle: boolean;
  finished: boolean;
  #maxEvent: number;
  #floor: number;

  constructor(from: SplitCut) {
    this.split = from.split;
    this.position = from.position;
    this.idle = from.idle;
    this.finished = from.finished;
    this.#maxEvent = from.maxEventMicros === null ? Number.NEGATIVE_INFINITY : Number(from.maxEventMicros);
    this.#floor = from.floorMicros === null ? Number.NEGATIVE_INFINITY : Number(from.floorMicros);
  }

  cut(): SplitCut {
    return {
      split: this.split,
      position: this.position,
      maxEventMicros: toMicros(this.#maxEvent),
      floorMicros: toMicros(this.#floor),
      idle: this.idle,
      finished: this.finished,
    };
  }

  raiseFloor(micros: bigint): void {
    this.#floor = Math.max(this.#floor, Number(micros));
  }

  /**
   * Judges rows in order and writes a verdict for each; returns how many are not kept. A row is late iff its time is below
   * max(largest time before it - bound, floor) - lateness; one later than `latestMicros` is bad. NULL is neither and moves nothing.
   * `lateBounds` gets the watermark before lateness that each late row has met, in order.
   */
  judge(
    times: FixedColumn,
    rowCount: number,
    bounds: { readonly watermark: SourceWatermarkSpec; readonly latestMicros: number },
    results: { readonly verdicts: Uint8Array; readonly lateBounds: bigint[] },
  ): number {
    const { verdicts, lateBounds } = results;
    const { watermark, latestMicros } = bounds;
    const delay = Number(watermark.delayMicros);
    const lateness = Number(watermark.latenessMicros);
    const { i32, valid } = times;
    const floor = this.#floor;
    let maxEvent = this.#maxEvent;
    let dropped = 0;
    for (let row = 0; row < rowCount; row++) {
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
}

function toMicros(value: number): bigint | null {
  return Number.isFinite(value) ? BigInt(value) : null;
}
