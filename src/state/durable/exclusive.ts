/** Runs one thing after the other, in the order asked for; a failure concerns its asker alone. */
export class Exclusive {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work);
    this.#tail = result.catch(() => undefined);
    return result;
  }
}
