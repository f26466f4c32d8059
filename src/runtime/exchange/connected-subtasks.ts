import type { PartitionerSpec } from '../../jobgraph/index.ts';

/**
 * Receiver subtasks a sender subtask has a channel to. Forward and rescale are pointwise, everything else all to all; barriers go down
 * every channel, so each receiver hears of each epoch from all of its senders. Forward between unequal widths becomes rescale.
 */
export function connectedSubtasks(spec: PartitionerSpec, sender: number, widths: { readonly senders: number; readonly receivers: number }): number[] {
  const { senders, receivers } = widths;
  if (spec.kind !== 'forward' && spec.kind !== 'rescale') return Array.from({ length: receivers }, (_, index) => index);
  if (senders >= receivers) return [Math.floor((sender * receivers) / senders)];
  const connected: number[] = [];
  for (let receiver = 0; receiver < receivers; receiver++) {
    if (Math.floor((receiver * senders) / receivers) === sender) connected.push(receiver);
  }
  return connected;
}
