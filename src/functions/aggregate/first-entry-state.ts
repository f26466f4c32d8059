import { datumFromJson, datumToJson, type ExpressionJson } from '../../expr/index.ts';
import type { Datum } from '../../types/index.ts';
import type { MultisetEntry } from './entry-order.ts';
import { type EntryKey, entryKey } from './multiset-state.ts';
import type { AggregateState } from './state-accumulator.ts';

interface QueuedEntry extends MultisetEntry {
  queued: boolean;
}

interface FirstEntryOptions {
  /** A total order; the result is of the entry that stands first. */
  readonly compare: (left: MultisetEntry, right: MultisetEntry) => number;
  /** Rows the aggregate does not look at. */
  readonly skip: (args: readonly (Datum | null)[]) => boolean;
  /** Position of the result in the arguments. */
  readonly value: number;
  /** Nothing is retracted, so that one entry is enough. */
  readonly appendOnly: boolean;
}

/**
 * The first row of an order over rows that may be retracted (min, max, max_by, first_value …): every distinct entry with its count, and a binary heap
 * from which entries that are gone are removed only when they come to the top. An insert or a retraction is a look-up; a result costs the
 * removals it has put off.
 */
export class FirstEntryState implements AggregateState {
  readonly #options: FirstEntryOptions;
  readonly #entries = new Map<EntryKey, QueuedEntry>();
  readonly #heap: QueuedEntry[] = [];

  constructor(options: FirstEntryOptions) {
    this.#options = options;
  }

  add(args: readonly (Datum | null)[], weight: number): void {
    if (!this.#options.skip(args)) this.#add(args, weight);
  }

  result(): Datum | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (top.count > 0) return top.args[this.#options.value] ?? null;
      this.#removeTop();
      top.queued = false;
      if (top.count === 0) this.#entries.delete(entryKey(top.args));
    }
  }

  toJson(): ExpressionJson {
    const present = [...this.#entries.values()].filter((entry) => entry.count !== 0);
    return present.map((entry) => [entry.count, ...entry.args.map(datumToJson)]);
  }

  mergeJson(json: ExpressionJson): void {
    for (const [count, ...args] of json as readonly (readonly [number, ...ExpressionJson[]])[]) this.#add(args.map(datumFromJson), count);
  }

  #add(args: readonly (Datum | null)[], weight: number): void {
    if (this.#options.appendOnly && !this.#leads({ args, count: weight, queued: false })) return;
    const key = entryKey(args);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { args, count: 0, queued: false };
      this.#entries.set(key, entry);
    }
    entry.count += weight;
    if (entry.queued) return;
    if (entry.count > 0) this.#push(entry);
    else if (entry.count === 0) this.#entries.delete(key);
  }

  /** True when the entry comes before the only one kept, which it takes the place of. */
  #leads(entry: QueuedEntry): boolean {
    const top = this.#heap[0];
    if (top !== undefined && !this.#before(entry, top)) return false;
    this.#heap.length = 0;
    this.#entries.clear();
    return true;
  }

  #before(left: QueuedEntry, right: QueuedEntry): boolean {
    return this.#options.compare(left, right) < 0;
  }

  #push(entry: QueuedEntry): void {
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
