import type { ProcessLife } from './process-life.ts';

/** Lets something happen in the middle of a round, so many scheduling steps from now, to the process that makes the last of them. */
export class StepTrap {
  #stepsLeft = Number.POSITIVE_INFINITY;
  #spring: (life: ProcessLife) => void = () => undefined;

  set(steps: number, spring: (life: ProcessLife) => void): void {
    this.#stepsLeft = steps;
    this.#spring = spring;
  }

  clear(): void {
    this.#stepsLeft = Number.POSITIVE_INFINITY;
  }

  stepped(life: ProcessLife): void {
    if (--this.#stepsLeft > 0) return;
    this.clear();
    this.#spring(life);
  }
}
