/** What a client of a process learns when that is killed: nothing of what it had asked. */
export class ProcessKilled extends Error {
  constructor() {
    super('the process was killed');
    this.name = 'ProcessKilled';
  }
}

/** A stopped process until it is woken. */
interface Sleep {
  readonly over: Promise<void>;
  readonly end: () => void;
}

/**
 * The life of one simulated process. A killed one is never told: its code just gets no answer any more, its timers do not fire, and nothing that it still does
 * reaches disk, network or clients. One that is stopped (SIGSTOP) gets all of that when it is woken.
 */
export class ProcessLife {
  #killed = false;
  #sleep: Sleep | null = null;
  readonly #late = new Set<() => void>();
  readonly #ends: (() => void)[] = [];
  readonly #killedPromise: Promise<never>;
  /** What a killed process waits for. Its own, so that what waits goes with it. */
  readonly #never = new Promise<never>(() => undefined);
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

  get stopped(): boolean {
    return this.#sleep !== null;
  }

  onKill(end: () => void): void {
    this.#ends.push(end);
  }

  kill(): void {
    if (this.#killed) return;
    this.#killed = true;
    this.#late.clear();
    for (const end of this.#ends) end();
    this.#reject(new ProcessKilled());
  }

  stop(): void {
    if (this.#killed || this.#sleep !== null) return;
    let end = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#sleep = { over, end };
  }

  wake(): void {
    const sleep = this.#sleep;
    this.#sleep = null;
    if (this.#killed || sleep === null) return;
    sleep.end();
    const late = [...this.#late];
    this.#late.clear();
    for (const run of late) run();
  }

  /** Something that happens to the process: once, when it runs again. */
  happens(run: () => void): void {
    if (this.#killed) return;
    if (this.#sleep === null) run();
    else this.#late.add(run);
  }

  /** Something the process does outside itself: not at all when it is dead, and without an answer when it dies meanwhile. */
  async outside<Value>(act: () => Promise<Value>): Promise<Value> {
    await this.#awake();
    return this.#killed ? this.#never : this.#withheld(act());
  }

  /** What a client waits for. Rejects with ProcessKilled. */
  answer<Value>(work: Promise<Value>): Promise<Value> {
    return Promise.race([this.#withheld(work), this.#killedPromise]);
  }

  async #withheld<Value>(work: Promise<Value>): Promise<Value> {
    try {
      const value = await work;
      await this.#awake();
      return this.#killed ? this.#never : value;
    } catch (error) {
      await this.#awake();
      if (this.#killed) return this.#never;
      throw error;
    }
  }

  async #awake(): Promise<void> {
    while (this.#sleep !== null) await this.#sleep.over;
  }
}
