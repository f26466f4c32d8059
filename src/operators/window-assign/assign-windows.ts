import type { FixedColumn } from '../../batch/index.ts';
import { grownFloat64, grownInt32 } from '../shared/index.ts';
import type { WindowSpec } from './spec.ts';

/** Event times beyond this are infinities: they lie in no window, and doubles are exact up to here. */
export const EVENT_TIME_MAX = 2 ** 53;

/** Windows found for the rows of a batch: entry i says that row `rows[i]` lies in [starts[i], ends[i]), in microseconds. */
export interface AssignedWindows {
  rows: Int32Array<ArrayBuffer>;
  starts: Float64Array<ArrayBuffer>;
  ends: Float64Array<ArrayBuffer>;
  count: number;
}

export function createAssignedWindows(): AssignedWindows {
  return { rows: new Int32Array(64), starts: new Float64Array(64), ends: new Float64Array(64), count: 0 };
}

/**
 * Finds the windows of each row. Times are doubles holding exact microseconds; the grid goes on below 1970, so the remainder is
 * never negative (floor, not truncation).
 */
export function assignWindows(times: FixedColumn, rowCount: number, window: WindowSpec, into: AssignedWindows): void {
  const perRow = windowsPerRow(window);
  into.rows = grownInt32(into.rows, rowCount * perRow);
  into.starts = grownFloat64(into.starts, rowCount * perRow);
  into.ends = grownFloat64(into.ends, rowCount * perRow);
  into.count = 0;
  if (window.kind === 'tumble') assignTumble(times, rowCount, window, into);
  else if (window.kind === 'hop') assignHop(times, rowCount, window, into);
  else assignCumulate(times, rowCount, window, into);
}

function windowsPerRow(window: WindowSpec): number {
  if (window.kind === 'tumble') return 1;
  const step = window.kind === 'hop' ? window.slideMicros : window.stepMicros;
  return Number((window.sizeMicros + step - 1n) / step);
}

function assignTumble(times: FixedColumn, rowCount: number, window: WindowSpec, into: AssignedWindows): void {
  const { i32, valid } = times;
  const { rows, starts, ends } = into;
  const size = Number(window.sizeMicros);
  const offset = Number(window.offsetMicros);
  let start = 0;
  let end = 0;
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (valid !== null && valid[row] === 0) continue;
    const time = i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0);
    // Neighbouring rows mostly lie in the same window.
    if (time < start || time >= end) {
      if (time >= EVENT_TIME_MAX || time <= -EVENT_TIME_MAX) continue;
      start = alignDown(time, size, offset);
      end = start + size;
    }
    rows[count] = row;
    starts[count] = start;
    ends[count++] = end;
  }
  into.count = count;
}

function assignHop(times: FixedColumn, rowCount: number, window: Extract<WindowSpec, { kind: 'hop' }>, into: AssignedWindows): void {
  const { i32, valid } = times;
  const { rows, starts, ends } = into;
  const size = Number(window.sizeMicros);
  const slide = Number(window.slideMicros);
  const offset = Number(window.offsetMicros);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (valid !== null && valid[row] === 0) continue;
    const time = i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0);
    if (time >= EVENT_TIME_MAX || time <= -EVENT_TIME_MAX) continue;
    for (let start = alignDown(time, slide, offset); start > time - size; start -= slide) {
      rows[count] = row;
      starts[count] = start;
      ends[count++] = start + size;
    }
  }
  into.count = count;
}

function assignCumulate(times: FixedColumn, rowCount: number, window: Extract<WindowSpec, { kind: 'cumulate' }>, into: AssignedWindows): void {
  const { i32, valid } = times;
  const { rows, starts, ends } = into;
  const size = Number(window.sizeMicros);
  const step = Number(window.stepMicros);
  const offset = Number(window.offsetMicros);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (valid !== null && valid[row] === 0) continue;
    const time = i32[2 * row + 1]! * 4294967296 + (i32[2 * row]! >>> 0);
    if (time >= EVENT_TIME_MAX || time <= -EVENT_TIME_MAX) continue;
    const start = alignDown(time, size, offset);
    for (let end = alignDown(time, step, start) + step; end <= start + size; end += step) {
      rows[count] = row;
      starts[count] = start;
      ends[count++] = end;
    }
  }
  into.count = count;
}

/** The largest grid point not above `time`. A double division may be off by one step at a border, which is put right. */
export function alignDown(time: number, step: number, offset: number): number {
  const distance = time - offset;
  let aligned = Math.floor(distance / step) * step;
  if (aligned > distance) aligned -= step;
  else if (distance - aligned >= step) aligned += step;
  return aligned + offset;
}
