import { type FixedColumn, int64Number } from '../../batch/index.ts';
import { grownUint8 } from '../shared/index.ts';

/** Which groups belong to which window, by the window's end: what closes when the watermark passes it. */
export class OpenWindows {
  readonly #groupsByEnd = new Map<number, number[]>();
  #registered: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #earliestEnd = Number.POSITIVE_INFINITY;

  /** Notes the windows of rows' groups; a group keeps its window. */
  register(groups: Int32Array, rowCount: number, endAt: (row: number) => number, groupEnd: number): void {
    this.#registered = grownUint8(this.#registered, groupEnd);
    const registered = this.#registered;
    for (let row = 0; row < rowCount; row++) {
      const group = groups[row]!;
      if (registered[group] === 1) continue;
      registered[group] = 1;
      const end = endAt(row);
      const members = this.#groupsByEnd.get(end);
      if (members === undefined) {
        this.#groupsByEnd.set(end, [group]);
        this.#earliestEnd = Math.min(this.#earliestEnd, end);
      } else {
        members.push(group);
      }
    }
  }

  /** A group that has lost its rows before its window closed: its number may be used again. */
  forget(groups: Int32Array, ends: FixedColumn): void {
    for (let at = 0; at < groups.length; at++) {
      this.#registered[groups[at]!] = 0;
      const end = endOf(ends, at);
      const members = this.#groupsByEnd.get(end)!;
      members[members.indexOf(groups[at]!)] = members.at(-1)!;
      members.pop();
      if (members.length === 0) this.#groupsByEnd.delete(end);
    }
  }

  /** Takes out the windows with end <= bound, in order of their ends. */
  close(bound: number): { readonly end: number; readonly groups: Int32Array }[] {
    if (bound < this.#earliestEnd) return [];
    const closed: { end: number; groups: Int32Array }[] = [];
    this.#earliestEnd = Number.POSITIVE_INFINITY;
    for (const [end, members] of this.#groupsByEnd) {
      if (end > bound) {
        this.#earliestEnd = Math.min(this.#earliestEnd, end);
        continue;
      }
      this.#groupsByEnd.delete(end);
      for (const group of members) this.#registered[group] = 0;
      closed.push({ end, groups: Int32Array.from(members) });
    }
    return closed.sort((left, right) => left.end - right.end);
  }
}

/** What has no end is never closed. */
export function endOf(ends: FixedColumn, row: number): number {
  if (ends.valid !== null && ends.valid[row] === 0) return Number.POSITIVE_INFINITY;
  return int64Number(ends, row);
}
