import type { Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';

/** Epochs that readers hold. */
export class Pins {
  readonly #pins = new Set<{ readonly relations: readonly RelationId[]; readonly epoch: Epoch }>();

  /** Returns what ends the pin; calling it twice does no harm. */
  add(relations: readonly RelationId[], epoch: Epoch): () => void {
    const pin = { relations, epoch };
    this.#pins.add(pin);
    return () => this.#pins.delete(pin);
  }

  oldest(relation: RelationId): Epoch | null {
    let oldest: Epoch | null = null;
    for (const { relations, epoch } of this.#pins) if (relations.includes(relation) && (oldest === null || epoch < oldest)) oldest = epoch;
    return oldest;
  }
}
