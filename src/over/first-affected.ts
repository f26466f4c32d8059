import type { WindowCall } from './window-call.ts';

/**
 * The first row whose value may be another one when rows from `changed` on are. `peerStart`: where the peers of the row before `changed` begin (0 for
 * none). Rows before the result keep their values.
 */
export function firstAffected(call: WindowCall, changed: number, peerStart: number): number {
  const { name } = call.function.kind === 'window' ? call.function : { name: null };
  switch (name) {
    case 'row_number':
    case 'rank':
    case 'dense_rank':
      return changed;
    // An offset may be negative, and then they look the other way.
    case 'lag':
      return call.argumentTypes.length < 2 ? changed : 0;
    case 'lead':
      return call.argumentTypes.length < 2 ? Math.max(0, changed - 1) : 0;
    case 'percent_rank':
    case 'cume_dist':
    case 'ntile':
      return 0;
    default:
      return firstFrameAffected(call, changed, peerStart);
  }
}

/** By the frame's end, which only moves forward: the first row whose frame reaches a changed one. */
function firstFrameAffected({ frame }: WindowCall, changed: number, peerStart: number): number {
  if (frame.end.kind === 'following') {
    return frame.unit === 'rows' ? Math.max(0, Math.min(peerStart, changed - Number(frame.end.offset?.value ?? 0))) : 0;
  }
  if (frame.end.kind === 'unbounded-following') return 0;
  return frame.unit === 'rows' && (frame.exclude === 'no-others' || frame.exclude === 'current-row') ? changed : peerStart;
}
