import { datumFromJson, datumToJson, type ExpressionJson } from '../../expr/index.ts';
import { compareDatums, type Datum, type SqlType } from '../../types/index.ts';
import type { AggregateState } from './state-accumulator.ts';

interface Entry {
  readonly value: Datum;
  count: number;
  queued: boolean;
}

/**
 * min and max over rows that may be retracted: every distinct value with its count, and a binary heap from which values that are gone are
 * removed only when they come to the top. An insert or a retraction is a look-up; a result costs the removals it has put off.
 */
export class ExtremeState implements AggregateState {
  readonly #type: SqlType;
  readonly #direction: 1 | -1;
  readonly #entries = new Map<string, Entry>();
  readonly #heap: Entry[] = [];

  constructor(type: SqlType, direction: 1 | -1) {
    this.#type = type;
    this.#direction = direction;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    const value = args[0] ?? null;
    if (value !== null) this.#add(value, weight);
  }

  result(): Datum | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (top.count > 0) return top.value;
      this.#removeTop();
      top.queued = false;
      if (top.count === 0) this.#entries.delete(entryKey(top.value));
    }
  }

  toJson(): ExpressionJson {
    const present = [...this.#entries.values()].filter((entry) => entry.count !== 0);
    return present.map((entry) => [entry.count, datumToJson(entry.value)]);
  }

  mergeJson(json: ExpressionJson): void {
    for (const [count, value] of json as readonly (readonly [number, ExpressionJson])[]) this.#add(datumFromJson(value)!, count);
  }

  #add(value: Datum, weight: number): void {
    const key = entryKey(value);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { value, count: 0, queued: false };
      this.#entries.set(key, entry);
    }
    entry.count += weight;
    if (entry.queued) return;
    if (entry.count > 0) this.#push(entry);
    else if (entry.count === 0) this.#entries.delete(key);
  }

  #before(left: Entry, right: Entry): boolean {
    return compareDatums(this.#type, left.value, right.value) * this.#direction > 0;
  }

  #push(entry: Entry): void {
    entry.queued = true;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #removeTop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function entryKey(value: Datum): string {
  return typeof value === 'string' ? value : typeof value === 'bigint' ? value.toString(36) : JSON.stringify(datumToJson(value));
}
