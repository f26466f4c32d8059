import { consolidateBlocks, type StateStore } from '../../state/index.ts';

export interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

/** Tables with rows in the newest checkpoint, by operator. All of them are read. */
export function sizesOf(operators: ReadonlySet<string>, store: StateStore): Promise<Map<string, Map<string, TableSize>>> {
  return store.readCheckpoint(async (image) => {
    const sizes = new Map<string, Map<string, TableSize>>();
    for (const { operatorId, table, keyGroups } of image?.tables() ?? []) {
      if (!operators.has(operatorId)) continue;
      let [rows, bytes] = [0, 0];
      for (const keyGroup of keyGroups) {
        const blocks = await image!.load({ operatorId, table }, keyGroup);
        if (blocks.length === 0) continue;
        const merged = consolidateBlocks(blocks);
        rows += merged.upsertCount;
        bytes += merged.upserts.length;
      }
      if (rows > 0) sizes.set(operatorId, (sizes.get(operatorId) ?? new Map<string, TableSize>()).set(table, { rows, bytes }));
    }
    return sizes;
  });
}
