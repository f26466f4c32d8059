import type { ReadableRelation } from '../../spi/index.ts';

/**
 * Bounds what a slot keeps for pinned epochs alone. Over the limit the oldest deltas go, whichever relation they are of: who still reads an epoch before
 * them gets 72000, every other reader goes on.
 */
export function limitPinned(readables: readonly ReadableRelation[], bytesMax: number): void {
  const bytes = (): number => readables.reduce((sum, readable) => sum + readable.pinned().bytes, 0);
  while (bytes() > bytesMax) {
    const oldest = Math.min(...readables.map((readable) => readable.pinned().oldest ?? Number.POSITIVE_INFINITY));
    for (const readable of readables) if (readable.pinned().oldest === oldest) readable.release(oldest);
  }
}
