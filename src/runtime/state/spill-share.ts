import type { SlotBudget } from './slot-budget.ts';

/** The part of a slot's memory that one operator has which can spill. */
export class SpillShare {
  readonly #budget: SlotBudget;
  #bytes = 0;

  constructor(budget: SlotBudget) {
    this.#budget = budget;
    budget.spilling++;
  }

  /** Bytes the operator may hold just now. */
  bytesMax(): number {
    return this.#budget.shareOf(this.#bytes);
  }

  /** Its tables are measured again. */
  begin(): void {
    this.#budget.movable -= this.#bytes;
    this.#bytes = 0;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.movable += bytes;
  }

  /** The operator has gone. */
  release(): void {
    this.begin();
    this.#budget.spilling--;
  }
}
