/**
 * The StateStore of `--memory` servers and tests: everything is kept, nothing is durable beyond the process.
 *
 * Start reading at memory-state-store.ts.
 */
export { MemoryDirectory, openMemoryStateStore } from './memory-state-store.ts';
