import { decodeBatch } from '../../batch/index.ts';
import type { KeyGroupRange, StateTable } from '../../spi/index.ts';
import { consolidateBlocks, type StateBlock } from '../../state/index.ts';
import { declaredColumns } from './exact-keys.ts';

/**
 * Hands the restored blocks of one table to it, of the own key groups only; several blocks of one key group are merged first, since a
 * table takes rows and knows no deletions.
 */
export function restoreTable(table: StateTable, blocks: readonly StateBlock[], owned: KeyGroupRange): void {
  const byGroup = new Map<number, StateBlock[]>();
  for (const block of blocks) {
    if (block.keyGroup < owned.first || block.keyGroup > owned.last) continue;
    const list = byGroup.get(block.keyGroup);
    if (list === undefined) byGroup.set(block.keyGroup, [block]);
    else list.push(block);
  }
  for (const list of byGroup.values()) {
    const rows = declaredColumns(table.declaration, decodeBatch(consolidateBlocks(list).upserts));
    if (rows.rowCount > 0) table.load(rows);
  }
}
