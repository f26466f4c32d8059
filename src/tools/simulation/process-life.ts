/** What a client of a process learns when that is killed: nothing of what it had asked. */
export class ProcessKilled extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'ProcessKilled';
  }
}

const never = new Promise<never>(() => undefined);

/**
 * The life of one simulated process. A killed one is never told: its code just gets no answer any more, its timers do not fire, and nothing that it still does
 * reaches disk, network or clients.
 */
export class ProcessLife {
  #killed = false;
  readonly #ends: (() => void)[] = [];
  readonly #killedPromise: Promise<never>;
  #reject: (error: ProcessKilled) => void = () => undefined;

  constructor() {
    this.#killedPromise = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.#killedPromise.catch(() => undefined);
  }

  get killed(): boolean {
    return this.#killed;
  }

  onKill(end: () => void): void {
    this.#ends.push(end);
  }

  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    for (const end of this.#ends) end();
    this.#reject(new ProcessKilled());
  }

  /** Something the process does outside itself: not at all when it is dead, and without an answer when it dies meanwhile. */
  async outside<Value>(act: () => Promise<Value>): Promise<Value> {
    if (this.#killed) return never;
    try {
      const value = await act();
      return this.#killed ? never : value;
    } catch (error) {
      if (this.#killed) return never;
      throw error;
    }
  }

  /** What a client waits for. Rejects with ProcessKilled. */
  answer<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([work, this.#killedPromise]);
  }
}
