/** Slots by the time at which something happens to them, earliest first: a binary heap over two arrays. */
export class DueSlots {
  readonly #times: number[] = [];
  readonly #slots: number[] = [];

  /** Infinity when nothing is due ever. */
  get earliest(): number {
    return this.#times[0] ?? Number.POSITIVE_INFINITY;
  }

  add(time: number, slot: number): void {
    let at = this.#times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#times[parent]! <= time) break;
      this.#set(at, this.#times[parent]!, this.#slots[parent]!);
      at = parent;
    }
    this.#set(at, time, slot);
  }

  /** Takes out the slot with the earliest time; there has to be one. */
  take(): number {
    const taken = this.#slots[0]!;
    const time = this.#times.pop()!;
    const slot = this.#slots.pop()!;
    const size = this.#times.length;
    if (size === 0) return taken;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#times[child + 1]! < this.#times[child]!) child++;
      if (this.#times[child]! >= time) break;
      this.#set(at, this.#times[child]!, this.#slots[child]!);
      at = child;
    }
    this.#set(at, time, slot);
    return taken;
  }

  #set(at: number, time: number, slot: number): void {
    this.#times[at] = time;
    this.#slots[at] = slot;
  }
}
