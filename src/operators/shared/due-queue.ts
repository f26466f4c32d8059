interface Entry<Item> {
  readonly item: Item;
  readonly dueMicros: bigint;
}

/** Items by the time they are due, earliest first: a binary heap. An item may be in it several times. */
export class DueQueue<Item> {
  readonly #heap: Entry<Item>[] = [];

  add(item: Item, dueMicros: bigint): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ item, dueMicros });
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.dueMicros <= dueMicros) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes out what is due before a time, each item once. */
  takeBefore(micros: bigint): Set<Item> {
    const taken = new Set<Item>();
    while (this.#heap.length > 0 && this.#heap[0]!.dueMicros < micros) {
      taken.add(this.#heap[0]!.item);
      this.#removeFirst();
    }
    return taken;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    heap[0] = last;
    let at = 0;
    for (;;) {
      let least = 2 * at + 1;
      if (least >= heap.length) return;
      if (least + 1 < heap.length && heap[least + 1]!.dueMicros < heap[least]!.dueMicros) least++;
      if (heap[at]!.dueMicros <= heap[least]!.dueMicros) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(left: number, right: number): void {
    const heap = this.#heap;
    const kept = heap[left]!;
    heap[left] = heap[right]!;
    heap[right] = kept;
  }
}
