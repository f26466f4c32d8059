import type { StateTableDeclaration } from '../../spi/index.ts';
import type { SqlType } from '../../types/index.ts';
import type { HashJoinSpec } from './spec.ts';

/** How the state table of a side is laid out over the subtasks. */
export interface SidePlacement {
  /** Columns of the rows that stand in front of them all in the state table. */
  readonly front: readonly number[];
  /** So many of the table's first columns decide the key group. */
  readonly partitionKeyCount: number;
  /** All rows are at each subtask. */
  readonly replicated: true | null;
  /** Rows come to any subtask, and are restored by their contents. */
  readonly loose: boolean;
}

/** What the declaration of a side's table says of its placement. */
export function declaredPlacement(
  { front, partitionKeyCount, replicated }: SidePlacement,
  keys: readonly number[],
): Pick<StateTableDeclaration, 'partitionKeyCount' | 'replicated' | 'spillKey'> {
  const byKeys = front.length === keys.length && keys.every((key, index) => front[index] === key);
  return { partitionKeyCount, ...(replicated !== null && { replicated }), ...(!byKeys && { spillKey: keys.map((key) => front.length + key) }) };
}

/** Rows lie where their keys are hashed to. */
export function placedByKeys(keys: readonly number[]): SidePlacement {
  return { front: keys, partitionKeyCount: keys.length, replicated: null, loose: false };
}

/**
 * Rows lie by their join keys. In a broadcast join those of one side are at each subtask, and count for one of them by these keys; those of the other side lie as they come, by the
 * columns that `local` names.
 */
export function sidePlacement({ broadcast, leftKeys, rightKeys }: HashJoinSpec, input: number, types: readonly SqlType[]): SidePlacement {
  const byKeys = placedByKeys(input === 0 ? leftKeys : rightKeys);
  if (broadcast === null) return byKeys;
  if (broadcast.input === input) return { ...byKeys, replicated: true };
  const { local, loose } = broadcast;
  // What is placed by all of its columns needs none of them twice.
  const whole = local.length === types.length && local.every((column, index) => column === index);
  return { front: whole ? [] : local, partitionKeyCount: local.length, replicated: null, loose };
}
