/** Of the budget; the rest is for what grows between two looks. */
const FILLED = 0.8;
/** What an operator that can spill always may hold. */
const LEAST_PART = 1 / 64;

/** Bytes of operator state in one slot, shared by its tasks. */
export class SlotBudget {
  readonly bytesMax: number;
  used = 0;
  /** Used by operators that can spill; the others cannot give anything back. */
  movable = 0;
  /** Operators that can spill. */
  spilling = 0;

  readonly #spillBytesMax: number | null;

  /** `spillBytesMax`: what an operator that can spill may hold, whatever the others hold; null: its part of the budget. */
  constructor({ bytesMax, spillBytesMax }: { readonly bytesMax: number; readonly spillBytesMax: number | null }) {
    this.bytesMax = bytesMax;
    this.#spillBytesMax = spillBytesMax;
  }

  /** What an operator that can spill, and holds `own`, may hold: an equal part of what the others leave, and more while the slot is not full. */
  shareOf(own: number): number {
    if (this.#spillBytesMax !== null) return this.#spillBytesMax;
    const filled = this.bytesMax * FILLED;
    const part = (filled - (this.used - this.movable)) / Math.max(1, this.spilling);
    return Math.max(part, filled - (this.used - own), this.bytesMax * LEAST_PART);
  }
}
