import { Doorbell } from '../../runtime/index.ts';
import type { ProcessLife } from './process-life.ts';

interface Listener {
  readonly bell: Doorbell;
  seen: number;
  readonly ring: () => void;
}

/** Doorbells of one process. In one thread nobody can sleep on shared memory, so the world looks at them whenever nothing else goes on. */
export class ProcessBells {
  readonly #life: ProcessLife;
  readonly #listeners = new Set<Listener>();

  constructor(life: ProcessLife) {
    this.#life = life;
  }

  /** Calls `ring` after every ring, until it is stopped. */
  listen(memory: SharedArrayBuffer, ring: () => void): () => void {
    const bell = new Doorbell(memory);
    const listener = { bell, seen: bell.rings(), ring };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the bell has been rung since `seen`. */
  rung(bell: Doorbell, seen: number): Promise<void> {
    return new Promise((resolve) => {
      const listener: Listener = {
        bell,
        seen,
        ring: () => {
          this.#listeners.delete(listener);
          resolve();
        },
      };
      this.#listeners.add(listener);
    });
  }

  /** Tells who listens; true when a bell had been rung. */
  look(): boolean {
    if (this.#life.stopped || this.#life.killed) return false;
    let rung = false;
    for (const listener of [...this.#listeners]) {
      const rings = listener.bell.rings();
      if (rings === listener.seen) continue;
      listener.seen = rings;
      listener.ring();
      rung = true;
    }
    return rung;
  }
}
