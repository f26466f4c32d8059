/** What the jobs of a slot sharing group would have together. */
export interface GroupDemand {
  readonly group: string;
  /** Subtasks of its widest job. */
  readonly wanted: number;
  /** Slots that nobody can take from it: those of a job that stands still in them; else 0. */
  readonly least: number;
  /** Slots it has now. */
  readonly held: number;
}

/**
 * How many of `places` each group gets, in slots: in fair shares, none more than it wants. What is left over goes to who has more already, so that no job
 * restarts for it, then to who comes first; where there are fewer places than groups, those get none who come last in that order. Pure.
 */
export function shareSlots(places: number, groups: readonly GroupDemand[]): ReadonlyMap<string, number> {
  const inOrder = [...groups].sort((left, right) => right.held - left.held);
  const shares = new Map<string, number>();
  let left = places;
  for (const { group, least } of inOrder) {
    const share = Math.min(least, left);
    shares.set(group, share);
    left -= share;
  }
  while (left > 0) {
    let poorest: string | null = null;
    for (const { group, wanted } of inOrder) {
      const share = shares.get(group)!;
      if (share < wanted && (poorest === null || share < shares.get(poorest)!)) poorest = group;
    }
    if (poorest === null) break;
    shares.set(poorest, shares.get(poorest)! + 1);
    left--;
  }
  return shares;
}
