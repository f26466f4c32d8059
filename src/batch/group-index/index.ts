/**
 * Keys to dense group ids: the first half of every grouping and join, the second half being loops over flat arrays indexed
 * by group. One table class for each shape of key; GroupIndex picks one from the key types, and hands fixed-width keys over to the WASM kernels
 * (KernelKeyTable) when large batches keep coming. By size and type alone, and no id depends on it.
 *
 * Holds keys only, no values, weights or counts.
 *
 * Laws
 * - Keys come in canonical form (keyColumns); a NULL key is a key like any other.
 * - Ids are dense: a new one is the lowest never used, or one that `remove` gave back.
 *
 * Start reading at group-index.ts, then int-key-table.ts.
 */
export { GroupIndex } from './group-index.ts';
