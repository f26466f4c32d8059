/** Transactions that are open, so that what they may still read is kept until they end. */
export class Readers {
  readonly #open = new Set<object>();
  readonly #waiting = new Set<{ readonly readers: Set<object>; readonly resolve: () => void }>();

  enter(reader: object): void {
    this.#open.add(reader);
  }

  /** Leaving twice does no harm. */
  leave(reader: object): void {
    this.#open.delete(reader);
    for (const waiting of this.#waiting) {
      waiting.readers.delete(reader);
      if (waiting.readers.size > 0) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  /** Resolves once everybody who is in now has left. */
  gone(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ readers: new Set(this.#open), resolve }));
  }
}
