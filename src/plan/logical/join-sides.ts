import type { JoinType } from './logical-plan.ts';

/** The output is the left row, not the pair. */
export function isLeftOnly(joinType: JoinType): boolean {
  return joinType === 'semi' || joinType === 'anti';
}

/** Every left row is in the output at least once (unless it fails), with NULLs for a right side it has not. */
export function keepsLeft(joinType: JoinType): boolean {
  return joinType === 'left' || joinType === 'full' || joinType === 'single';
}

/** Every right row is in the output at least once. */
export function keepsRight(joinType: JoinType): boolean {
  return joinType === 'right' || joinType === 'full';
}
