/** Bytes of operator state in one slot, shared by its tasks. */
export interface SlotBudget {
  readonly bytesMax: number;
  used: number;
}
