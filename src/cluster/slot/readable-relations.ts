import type { Epoch } from '../../batch/index.ts';
import type { RelationId } from '../../jobgraph/index.ts';
import type { ReadableRelation } from '../../spi/index.ts';

/** Whose deltas nobody needs any more, and which only pins need. */
type Needed = ReadonlyMap<RelationId, { readonly through: Epoch; readonly pinnedThrough: Epoch }>;

/** What can be read in a slot. Each epoch touches the relations that it has changed, however many there are. */
export class ReadableRelations {
  readonly #byRelation = new Map<RelationId, ReadableRelation[]>();
  /** Those that keep something for pinned epochs alone. */
  readonly #pinned = new Set<ReadableRelation>();

  add(relation: RelationId, readable: ReadableRelation): void {
    this.#byRelation.set(relation, [...this.of(relation), readable]);
  }

  remove(relation: RelationId, readable: ReadableRelation): void {
    const left = this.of(relation).filter((other) => other !== readable);
    if (left.length > 0) this.#byRelation.set(relation, left);
    else this.#byRelation.delete(relation);
    this.#pinned.delete(readable);
  }

  /** The parts of a relation that are here. */
  of(relation: RelationId): readonly ReadableRelation[] {
    return this.#byRelation.get(relation) ?? [];
  }

  forget(relations: Needed, pinnedBytesMax: number): void {
    for (const [relation, { through, pinnedThrough }] of relations) {
      for (const readable of this.of(relation)) {
        readable.release(through);
        readable.pinnedThrough(pinnedThrough);
        this.#note(readable);
      }
    }
    this.#limitPinned(pinnedBytesMax);
  }

  /**
   * Bounds what a slot keeps for pinned epochs alone. Over the limit the oldest deltas go, whichever relation they are of: who still reads an epoch before
   * them gets 72000, every other reader goes on.
   */
  #limitPinned(bytesMax: number): void {
    // What keeps its oldest delta for somebody else, as for a job that stands still, does not keep it for pinned epochs alone.
    const held = new Set<ReadableRelation>();
    const limited = (): ReadableRelation[] => [...this.#pinned].filter((readable) => !held.has(readable) && readable.pinned().oldest !== null);
    for (let pinned = limited(); pinned.reduce((sum, readable) => sum + readable.pinned().bytes, 0) > bytesMax; pinned = limited()) {
      const oldest = Math.min(...pinned.map((readable) => readable.pinned().oldest!));
      for (const readable of pinned) {
        if (readable.pinned().oldest !== oldest) continue;
        readable.release(oldest);
        if (readable.pinned().oldest === oldest) held.add(readable);
        this.#note(readable);
      }
    }
  }

  #note(readable: ReadableRelation): void {
    if (readable.pinned().bytes > 0) this.#pinned.add(readable);
    else this.#pinned.delete(readable);
  }
}
