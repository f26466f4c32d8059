/**
 * Routing between subtasks: which receivers a sender is connected to, and which rows go to which of them.
 *
 * Law: order is kept only for each pair of sender and receiver subtask; barriers and watermarks go down every channel.
 *
 * Start reading at edge-output.ts, then partitioner.ts.
 */
export { connectedSubtasks } from './connected-subtasks.ts';
export { EdgeOutput } from './edge-output.ts';
export { createPartitioner, type Partitioner } from './partitioner.ts';
